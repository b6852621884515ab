"""What a ``$filter`` or ``$orderby`` says, as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf


@dataclass(frozen=True)
class Literal:
    """A constant; ``kind`` tells how it was written."""

    value: str | int | float | bool | None
    kind: OneOf["string", "number", "boolean", "null", "guid", "date", "datetime", "enum"]


@dataclass(frozen=True)
class ListLiteral:
    """``['a','b']``, as in the values of ``Microsoft.Dynamics.CRM.In``."""

    items: tuple[Literal, ...]


@dataclass(frozen=True)
class Path:
    """``a/b/c``; inside a lambda the first segment may be its variable."""

    segments: tuple[str, ...]

    def __str__(self) -> str:
        return "/".join(self.segments)


@dataclass(frozen=True)
class Comparison:
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Logical:
    """All operands of a chain together, so that a long chain is not a deep tree."""

    operator: OneOf["and", "or"]
    operands: tuple[Expression, ...]


@dataclass(frozen=True)
class Negation:
    inner: Expression


@dataclass(frozen=True)
class TextCall:
    """``contains``, ``startswith``, ``endswith``."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class FunctionCall:
    """``Microsoft.Dynamics.CRM.Name(A=…,B=…)``; ``scope`` is what stands before it in a path."""

    name: str
    arguments: tuple[tuple[str, Literal | ListLiteral], ...]
    scope: tuple[str, ...] = ()

    def argument(self, name: str) -> Literal | ListLiteral | None:
        return next((value for key, value in self.arguments if key == name), None)


@dataclass(frozen=True)
class Quantifier:
    """``collection/any(x:…)`` or ``collection/all(x:…)``; ``any()`` has no condition."""

    path: tuple[str, ...]
    kind: OneOf["any", "all"]
    variable: str | None
    condition: Expression | None


Expression = (
    Literal | ListLiteral | Path | Comparison | Logical | Negation | TextCall | FunctionCall | Quantifier
)


@dataclass(frozen=True)
class OrderItem:
    path: Path
    descending: bool
