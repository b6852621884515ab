"""Signed links to the page of one contact or lead, which a form of Dynamics shows to whoever has it open.

Nobody is signed in inside a frame of another site: no browser sends the console's cookie there. So the link
itself is the key, for one record and for a short while, and it is given only to whoever may see that record
in the console.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from django.core import signing

from syncline.accounts.models import EmailAccount

GOOD_FOR: Final = timedelta(minutes=5)
"""Long enough for a form to load; a copied link is worth nothing soon after."""

Table = Literal["contact", "lead"]

_SALT: Final = "record page"


@dataclass(frozen=True)
class LinkedRecord:
    account_id: int
    table: Table
    record_id: str
    """In Dynamics; lower case, with hyphens."""


class BadLinkError(Exception):
    """The link is none of ours, or was changed."""


class ExpiredLinkError(Exception):
    """The link was good once. `record`: what it led to."""

    def __init__(self, record: LinkedRecord) -> None:
        super().__init__("The link has expired")
        self.record = record


def link_text(record: LinkedRecord) -> str:
    """What stands for the record in the address of its page."""
    return signing.dumps([record.account_id, record.table, record.record_id], salt=_SALT)


def record_in(text: str) -> LinkedRecord:
    """Raises BadLinkError, and ExpiredLinkError."""
    try:
        return _record(signing.loads(text, salt=_SALT, max_age=GOOD_FOR))
    except signing.SignatureExpired as error:
        raise ExpiredLinkError(_record(signing.loads(text, salt=_SALT))) from error
    except signing.BadSignature as error:
        raise BadLinkError from error


def _record(told: object) -> LinkedRecord:
    match told:
        case [int(account_id), "contact" | "lead" as table, str(record_id)]:
            try:
                return LinkedRecord(account_id, table, str(UUID(record_id)))
            except ValueError as error:
                raise BadLinkError from error
    raise BadLinkError


def linked_record(account: EmailAccount, table: str, record_id: str) -> LinkedRecord | None:
    """None where there can be no such record: of another table, or by an id that is none."""
    try:
        return _record([account.pk, table, record_id])
    except BadLinkError:
        return None


def frame_of(account: EmailAccount) -> str:
    """The one origin whose pages may show a record of the account in a frame: its Dynamics environment."""
    parts = urlsplit(account.dataverse_url)
    return f"{parts.scheme}://{parts.netloc}"
