"""What a declaration is made of: a publisher, a solution, and tables with their columns, lookups and keys."""

from __future__ import annotations

from dataclasses import dataclass

from syncline.dataverse import NewColumn, NewTable

PREFIX = "syncline"
# Values of choices made under a publisher begin with its own five digits.
OPTION_PREFIX = 56318


def option(number: int) -> int:
    """The nth value of a choice of ours."""
    return OPTION_PREFIX * 10_000 + number


@dataclass(frozen=True, kw_only=True)
class Publisher:
    unique_name: str
    friendly_name: str
    prefix: str
    option_prefix: int


@dataclass(frozen=True, kw_only=True)
class Solution:
    """`version` is raised with every addition to the declaration.

    In the environment it is set when everything else is done, so it tells a finished set-up from a begun one.
    """

    unique_name: str
    friendly_name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """A column that points at a row of `target`."""

    column: NewColumn
    target: str
    target_key: str
    relationship: str


@dataclass(frozen=True, kw_only=True)
class Key:
    schema_name: str
    label: str
    columns: tuple[str, ...]

    @property
    def logical_name(self) -> str:
        return self.schema_name.lower()


@dataclass(frozen=True, kw_only=True)
class TablePart:
    """What a table must have. `make` is None for a table of Dynamics, which has to be there already.

    A table of Dynamics that is not `required` may be missing, as leads are where Sales is not installed; what
    is declared on it, and lookups at it, are then left out.
    """

    logical_name: str
    make: NewTable | None = None
    required: bool = True
    columns: tuple[NewColumn, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Declaration:
    publisher: Publisher
    solution: Solution
    tables: tuple[TablePart, ...]


def logical(schema_name: str) -> str:
    """Dataverse's logical name of what was made under this schema name."""
    return schema_name.lower()
