"""Two people at one form: whoever saves second is told, instead of undoing unseen what the first has saved.

A form carries a mark of what it was made from, in its field `basis`. The mark is compared while the account's
row is locked, so that of two who save at the same moment one comes second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import transaction
from django.http import HttpRequest

from syncline.accounts.admin_log import last_change
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.console import moments

CHANGED: Final = 409
"""The status of a form that comes back because somebody else has saved."""
WRONG: Final = 422
"""The status of a form that comes back because something in it is wrong."""

KEPT: Final = (
    "What you entered is still below, and is not saved. Save it all the same to let yours stand, or press "
    "Discard to see what is stored now."
)
"""For a form that comes back with what was typed."""


class ChangedMeanwhileError(Exception):
    """What the form was made from is no longer so. The text tells who changed it, and when."""


def mark_of(*stored: object) -> str:
    """The mark of what a form is made from: the same as long as these values are."""
    return hashlib.sha256(repr(stored).encode()).hexdigest()[:16]


def basis_of(request: HttpRequest, mark: str, status: int) -> str:
    """What a form is to carry: the mark of what is stored now. One that comes back because something in it is
    wrong keeps the mark it came with, for nobody has been told yet of what others did.
    """
    return request.POST.get("basis", "") if status == WRONG else mark


@contextmanager
def nobody_else_saved(
    request: HttpRequest,
    account: EmailAccount,
    mark: Callable[[EmailAccount], str],
    actions: tuple[str, ...],
    about: str = "",
) -> Iterator[EmailAccount]:
    """A transaction for saving the form, with the account as it is stored. Raises ChangedMeanwhileError.

    `mark`: of what is stored now. `actions` and `about` find whoever changed it in the admin log.
    """
    with transaction.atomic():
        stored = EmailAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
        if request.POST.get("basis") != mark(stored):
            raise ChangedMeanwhileError(in_words(stored, last_change(stored, actions, about)))
        yield stored


def in_words(account: EmailAccount, change: AdminLogEntry | None) -> str:
    """Who came first, and when."""
    who, when = "Somebody", ""
    if change is not None:
        who, when = change.actor, f" on {moments.tell(change.at, account.time_zone).clock}"
    return f"{who} changed this{when}, while you had the page open."
