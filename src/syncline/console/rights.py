"""Who may do what in the console: the one table, and the mark that every view must carry.

A view names the right that each of its methods needs with `@needs(...)`; `guard.RightsMiddleware` refuses
every view without that mark, so a page that somebody forgot to think about is shut, not open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser

from syncline.accounts.models import User
from syncline.accounts.roles import Role


class Right(StrEnum):
    """One verb of the console."""

    ANYONE = "anyone"
    """Needs no sign-in: the sign-in page, and switching between light and dark."""
    SIGN_OUT = "sign out"
    SEE = "look at accounts, schedules and audits"
    START_LIST_SYNC = "start and cancel list syncs"
    START_ANY_SYNC = "start and cancel any sync"
    ADMINISTER = "change accounts and schedules"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.MANAGER: frozenset(
        {Right.SIGN_OUT, Right.SEE, Right.START_LIST_SYNC, Right.START_ANY_SYNC, Right.ADMINISTER}
    ),
    Role.PROFESSIONAL: frozenset({Right.SIGN_OUT, Right.SEE, Right.START_LIST_SYNC}),
    Role.VIEWER: frozenset({Right.SIGN_OUT, Right.SEE}),
    Role.CONNECTOR: frozenset({Right.SIGN_OUT}),
}

LIST_SYNCS = frozenset({"lists_out", "lists_in"})


def may(user: User | AnonymousUser, right: Right) -> bool:
    """Whether the person may do it. Superusers have no short cut: the role alone decides."""
    if right is Right.ANYONE:
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    return right in RIGHTS.get(Role(user.role), frozenset())


def right_to_run(sync_type: str) -> Right:
    """The right that starting or cancelling this sync type needs."""
    return Right.START_LIST_SYNC if sync_type in LIST_SYNCS else Right.START_ANY_SYNC


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
