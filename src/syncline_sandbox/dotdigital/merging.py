"""What a write makes of a contact: pure decisions, no store and no clock."""

from __future__ import annotations

from typing import Any

import msgspec

from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.statuses import (
    FINAL_REASONS,
    NO_SUBSCRIPTION,
    PENDING,
    SUBSCRIBED,
    SUPPRESSED,
    UNSUBSCRIBED,
)
from syncline_sandbox.dotdigital.vocabulary import OVERWRITE, OVERWRITE_IF_EMPTY

_EMPTY = (None, "")


class CannotUnsuppress(Exception):
    """The reason for the suppression is one that no resubscribe lifts."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Wish(msgspec.Struct, gc=False):
    """What a caller wants a contact to be; None and empty mean: not said.

    Identifiers are normalised and valid, data fields converted. ``email_status`` is one of subscribed,
    unsubscribed, suppressed; ``challenge`` asks the person to confirm a resubscription.
    """

    email: str | None = None
    mobile: str | None = None
    custom: dict[str, str] | None = None
    fields: dict[str, Any] | None = None
    opt_in: str | None = None
    email_type: str | None = None
    email_status: str | None = None
    challenge: bool = False
    sms_status: str | None = None
    whatsapp_status: str | None = None
    lists: list[int] | None = None
    preferences: list[tuple[int, bool]] | None = None
    consents: list[dict[str, str]] | None = None


def merged_fields(stored: dict[str, Any], sent: dict[str, Any], merge: str) -> dict[str, Any]:
    """The data fields after a write; an empty field is not kept."""
    if merge == OVERWRITE:
        if None not in sent.values():
            return {**stored, **sent} if stored else sent
        return {key: value for key, value in {**stored, **sent}.items() if value is not None}
    result = dict(stored)
    for key, value in sent.items():
        if value in _EMPTY:
            continue
        if merge == OVERWRITE_IF_EMPTY and stored.get(key) not in _EMPTY:
            continue
        result[key] = value
    return result


def created(contact_id: int, wish: Wish, now: int, *, enforce_double: bool) -> Contact:
    """A new contact. Without a word about its status it is subscribed, when it has an address."""
    contact = Contact(
        id=contact_id,
        email=wish.email,
        mobile=wish.mobile,
        status=NO_SUBSCRIPTION if wish.email is None else SUBSCRIBED,
        opt_in=wish.opt_in or "Unknown",
        email_type=wish.email_type or "Html",
        created=now,
        updated=now,
        subscribed=None if wish.email is None else now,
        reason=None,
        removed_on=None,
        sms_status=wish.sms_status or ("subscribed" if wish.mobile else None),
        whatsapp_status=wish.whatsapp_status,
        fields={} if wish.fields is None else merged_fields({}, wish.fields, OVERWRITE),
    )
    if wish.email_status in ("unsubscribed", "suppressed"):
        suppress(contact, UNSUBSCRIBED if wish.email_status == "unsubscribed" else SUPPRESSED, now)
    if contact.opt_in == "VerifiedDouble" or (enforce_double and wish.email is not None):
        contact.opt_in = "Double"
        if not contact.suppressed:
            contact.status = PENDING
    return contact


def updated(contact: Contact, wish: Wish, merge: str, now: int, *, enforce_double: bool) -> Contact:
    """The contact after the wish; ``updated`` moves only when something changed. Raises CannotUnsuppress.

    Nothing but a word about the status lifts or sets a suppression.
    """
    after = msgspec.structs.replace(contact)
    if wish.email is not None and wish.email != contact.email:
        after.email = wish.email
        if contact.status == NO_SUBSCRIPTION:
            after.status, after.subscribed = SUBSCRIBED, now
    if wish.mobile is not None and wish.mobile != contact.mobile:
        after.mobile = wish.mobile
        after.sms_status = after.sms_status or "subscribed"
    if wish.fields:
        after.fields = merged_fields(contact.fields, wish.fields, merge)
    after.email_type = wish.email_type or contact.email_type
    after.sms_status = wish.sms_status or after.sms_status
    after.whatsapp_status = wish.whatsapp_status or contact.whatsapp_status
    if wish.email_status is not None:
        _change_status(after, wish, now, enforce_double)
    if wish.opt_in is not None and wish.opt_in != contact.opt_in:
        _change_opt_in(after, wish.opt_in)
    if after != contact:
        after.updated = now
    return after


def suppress(contact: Contact, reason: str, now: int) -> None:
    """Put a person on the suppression list; one who is there keeps the first reason and date."""
    if contact.suppressed:
        return
    contact.status = reason
    contact.reason = reason
    contact.removed_on = now


def resubscribe(contact: Contact, now: int, *, challenge: bool) -> None:
    """Lift a suppression, or ask the person to confirm that first. Raises CannotUnsuppress."""
    if contact.reason in FINAL_REASONS:
        raise CannotUnsuppress(contact.reason)
    if challenge:
        contact.status = PENDING
        return
    contact.status = SUBSCRIBED
    contact.reason = None
    contact.removed_on = None
    contact.subscribed = now


def confirm(contact: Contact, now: int) -> None:
    """The person clicked the link in the confirmation e-mail."""
    contact.status = SUBSCRIBED
    contact.reason = None
    contact.removed_on = None
    contact.opt_in = "VerifiedDouble"
    contact.subscribed = now
    contact.updated = now


def _change_status(contact: Contact, wish: Wish, now: int, enforce_double: bool) -> None:
    if wish.email_status != "subscribed":
        suppress(contact, UNSUBSCRIBED if wish.email_status == "unsubscribed" else SUPPRESSED, now)
    elif contact.suppressed:
        resubscribe(contact, now, challenge=wish.challenge or enforce_double)
    elif contact.status == NO_SUBSCRIPTION and contact.email is not None:
        contact.status, contact.subscribed = SUBSCRIBED, now


def _change_opt_in(contact: Contact, opt_in: str) -> None:
    if opt_in != "VerifiedDouble":
        contact.opt_in = opt_in
        return
    contact.opt_in = "Double"
    if contact.status == SUBSCRIBED:
        contact.status = PENDING
