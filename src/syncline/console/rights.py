"""The mark that every view must carry: which right of the one table (`accounts/rights.py`) each method needs.

A view names the right that each of its methods needs with `@needs(...)`; `guard.RightsMiddleware` refuses
every view without that mark, so a page that somebody forgot to think about is shut, not open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from syncline.accounts.rights import Right, may, right_to_run

__all__ = ["Needs", "Right", "may", "needs", "needs_of", "right_to_run"]

Rule = Right | Callable[[Mapping[str, Any]], Right]


@dataclass(frozen=True)
class Needs:
    """What a view asks for, by method; a method that is not named is not answered."""

    get: Rule | None
    post: Rule | None

    def right(self, method: str, arguments: Mapping[str, Any]) -> Right | None:
        """The right for this request, or None for a method that the view does not answer."""
        rule = self.post if method == "POST" else self.get if method in {"GET", "HEAD"} else None
        return rule if rule is None or isinstance(rule, Right) else rule(arguments)

    @property
    def methods(self) -> list[str]:
        return [*(["GET", "HEAD"] if self.get else []), *(["POST"] if self.post else [])]


View = TypeVar("View", bound=Callable[..., Any])


def needs(get: Rule | None = None, *, post: Rule | None = None) -> Callable[[View], View]:
    """Mark a view with the rights that its methods need."""

    def mark(view: View) -> View:
        view.needs = Needs(get, post)  # type: ignore[attr-defined]
        return view

    return mark


def needs_of(view: Callable[..., Any]) -> Needs | None:
    found = getattr(view, "needs", None)
    return found if isinstance(found, Needs) else None
