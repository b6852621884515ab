"""Leaving and coming back: unsubscribe, suppress, resubscribe, confirm, for the account or one list."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import lists, merging
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.merging import CannotUnsuppress, Wish
from syncline_sandbox.dotdigital.quality import banned_kind
from syncline_sandbox.dotdigital.single import new_contact
from syncline_sandbox.dotdigital.statuses import PENDING, SUBSCRIBED
from syncline_sandbox.dotdigital.storage import Transaction
from syncline_sandbox.dotdigital.vocabulary import (
    ALL_CONTACTS_LIST_ID,
    MEMBER_PENDING,
    MEMBER_SUBSCRIBED,
    MEMBER_SUPPRESSED,
    OVERWRITE,
)
from syncline_sandbox.dotdigital.writing import Writer

ADDED = "ContactAdded"
CHALLENGED = "ContactChallenged"
REFUSED = "ContactCannotBeUnsuppressed"


def suppress(account: Account, contact: Contact, reason: str, at: int | None = None) -> Contact:
    """Put a person on the suppression list; one who is there already stays as they are."""
    now = account.now_ms() if at is None else at

    def change(after: Contact) -> None:
        merging.suppress(after, reason, now)

    return _changed(account, contact, change, at)


def suppress_address(account: Account, email: str, reason: str) -> Contact:
    """The same for an address, known or not: an unknown one becomes a suppressed contact."""
    with Transaction(account.connection):
        contact = store.by_email(account.connection, email)
        if contact is None:
            contact = new_contact(account, Wish(email=email))
            _insert(account, contact)
        return suppress(account, contact, reason)


def leave_list(account: Account, contact: Contact, list_id: int) -> int:
    """Unsubscribe from one list and only from that; the moment is returned."""
    now = account.now_ms()
    with Transaction(account.connection):
        _set_member(account, list_id, contact.id, MEMBER_SUPPRESSED, now)
        lists.bump(account, [contact.id])
    return now


def resubscribe(
    account: Account, wish: Wish, *, challenge: bool, list_id: int | None = None
) -> tuple[Contact, str]:
    """Subscribe again at the person's wish, and to the list if one is given: the contact and the outcome.

    The person's own wish also lifts what they left list by list. Who was never suppressed is simply added.
    With a challenge, or when the account enforces double opt-in, a suppressed person first has to confirm.
    """
    assert wish.email is not None
    challenge = challenge or account.settings.enforce_double_opt_in
    with Transaction(account.connection):
        contact = store.by_email(account.connection, wish.email)
        if contact is None and banned_kind(account, wish.email) in ("global", "domain"):
            return new_contact(account, wish), REFUSED
        if contact is None:
            contact = new_contact(account, wish)
            _insert(account, contact)
            outcome = CHALLENGED if contact.status == PENDING else ADDED
        else:
            contact, outcome = _lift(account, contact, wish, challenge)
        left_list = (
            list_id is not None and lists.member_status(account, list_id, contact.id) == MEMBER_SUPPRESSED
        )
        if outcome == ADDED and left_list and challenge:
            outcome = CHALLENGED
        if outcome == ADDED:
            account.connection.execute(
                "DELETE FROM members WHERE contact_id = ? AND status = ?", (contact.id, MEMBER_SUPPRESSED)
            )
        if list_id not in (None, ALL_CONTACTS_LIST_ID) and outcome != REFUSED:
            assert list_id is not None
            status = MEMBER_SUBSCRIBED if outcome == ADDED else MEMBER_PENDING
            _set_member(account, list_id, contact.id, status, account.now_ms())
        return contact, outcome


def confirm(account: Account, contact: Contact) -> Contact:
    """The person clicked the link of the confirmation e-mail."""
    now = account.now_ms()
    with Transaction(account.connection):
        after = _changed(account, contact, lambda found: merging.confirm(found, now))
        account.connection.execute(
            "UPDATE members SET status = ? WHERE contact_id = ? AND status = ?",
            (MEMBER_SUBSCRIBED, contact.id, MEMBER_PENDING),
        )
    return after


def _lift(account: Account, contact: Contact, wish: Wish, challenge: bool) -> tuple[Contact, str]:
    now = account.now_ms()
    outcome = ADDED

    def change(after: Contact) -> None:
        nonlocal outcome
        if after.suppressed:
            merging.resubscribe(after, now, challenge=challenge)
            outcome = CHALLENGED if challenge else ADDED
        elif after.status == PENDING:
            outcome = CHALLENGED
        else:
            after.status = SUBSCRIBED
        if wish.fields:
            after.fields = merging.merged_fields(after.fields, wish.fields, OVERWRITE)

    try:
        return _changed(account, contact, change), outcome
    except CannotUnsuppress:
        return contact, REFUSED


def _changed(
    account: Account, contact: Contact, change: Callable[[Contact], None], at: int | None = None
) -> Contact:
    after = msgspec.structs.replace(contact)
    change(after)
    if after != contact:
        after.updated = account.now_ms() if at is None else max(at, contact.updated)
    with Transaction(account.connection):
        writer = Writer(account, account.now_ms())
        writer.update(contact, after)
        writer.flush()
    return after


def _insert(account: Account, contact: Contact) -> None:
    writer = Writer(account, contact.created)
    writer.insert(contact)
    writer.flush()


def _set_member(account: Account, list_id: int, contact_id: int, status: str, since: int) -> None:
    account.connection.execute(
        "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)", (list_id, contact_id, status, since)
    )
