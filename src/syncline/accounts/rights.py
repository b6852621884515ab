"""Who may do what: the one table, for the pages of the console and the operations of the API alike."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from django.contrib.auth.models import AnonymousUser

from syncline.accounts.models import User
from syncline.accounts.roles import Role


class Right(StrEnum):
    """One verb of the console or the API."""

    ANYONE = "anyone"
    """Needs no sign-in: the sign-in page, switching between light and dark, `/health`; and the page of one
    record, whose signed link is the key to it.
    """
    SIGN_OUT = "sign out"
    WATCH = "read metrics"
    """Numbers about the whole installation, of which none is about a person."""
    SEE = "look at accounts, schedules and audits"
    START_LIST_SYNC = "start and cancel list syncs"
    START_ANY_SYNC = "start and cancel any sync"
    ADMINISTER = "change accounts and schedules"


RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.MANAGER: frozenset(
        {
            Right.SIGN_OUT,
            Right.WATCH,
            Right.SEE,
            Right.START_LIST_SYNC,
            Right.START_ANY_SYNC,
            Right.ADMINISTER,
        }
    ),
    Role.PROFESSIONAL: frozenset({Right.SIGN_OUT, Right.SEE, Right.START_LIST_SYNC}),
    Role.VIEWER: frozenset({Right.SIGN_OUT, Right.SEE}),
    Role.CONNECTOR: frozenset({Right.SIGN_OUT}),
    Role.MONITOR: frozenset({Right.WATCH}),
}

API: Final = "api"
"""Namespace of the addresses that ask for a token rather than a sign-in; `api/guard.py` asks there."""

LIST_SYNCS: Final = frozenset({"lists_out", "lists_in"})


def role_may(role: Role, right: Right) -> bool:
    return right is Right.ANYONE or right in RIGHTS.get(role, frozenset())


def may(user: User | AnonymousUser, right: Right) -> bool:
    """Whether the person may do it. Superusers have no short cut: the role alone decides."""
    if right is Right.ANYONE:
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    return role_may(Role(user.role), right)


def right_to_run(sync_type: str) -> Right:
    """The right that starting or cancelling this sync type needs."""
    return Right.START_LIST_SYNC if sync_type in LIST_SYNCS else Right.START_ANY_SYNC
