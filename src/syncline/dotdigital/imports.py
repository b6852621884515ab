"""The bulk import of contacts: start, then read its report (contract §3.4).

An import answers at once and ends later; `Finished` does not mean that every row was taken. Its report is
also the only cheap source of contact ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args
from urllib.parse import quote

import msgspec

from syncline.dotdigital import words
from syncline.dotdigital.errors import TooLarge
from syncline.dotdigital.limits import HIGH, LOW
from syncline.dotdigital.session import Answer, OnSession, call_to
from syncline.remote import Permanent

# What keeps reports readable; the service itself takes 50 MB and names no number of rows.
IMPORT_MAX_ROWS = 10_000
IMPORT_MAX_BYTES = 20_000_000
SERVICE_MAX_BYTES = 50_000_000
MOST_ACTIVE_IMPORTS = 25

MergeOption = Literal["overwrite", "overwriteIfNotEmpty", "overwriteIfEmpty"]
OptIn = Literal["unknown", "single", "double", "verifiedDouble"]
Restriction = Literal["unsubscribed", "suppressed"]
"""What an import may say about somebody's subscription: it can only ever end it."""


class Consent(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a person agreed to, when and where; at most five on a row."""

    text: str
    date_time_consented: datetime | None = None
    url: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None


class ImportRow(msgspec.Struct, frozen=True, kw_only=True):
    """One contact of an import.

    `match` names the identifier that finds the contact: `email`, `contactId`, or another; matched by contact
    id, an `email` moves the contact to that address. In `data_fields` None clears a field (merge option
    overwrite) and a missing name leaves it alone. `lists` only ever adds. `email_status` can restrict a
    person but not subscribe one: an import never lifts an opt-out here.
    """

    email: str | None = None
    contact_id: int | None = None
    match: str = "email"
    identifiers: Mapping[str, str] = {}
    data_fields: Mapping[str, Any] = {}
    lists: Sequence[int] = ()
    opt_in: OptIn | None = None
    email_type: Literal["html", "plainText"] | None = None
    email_status: Restriction | None = None
    preferences: Sequence[tuple[int, bool]] = ()
    consent: Sequence[Consent] = ()

    def __post_init__(self) -> None:
        """A type says nothing to whoever builds a row from data, so the value is looked at too."""
        if self.email_status is not None and self.email_status not in get_args(Restriction):
            raise ValueError(f"An import never makes anybody {self.email_status}")


class Imported(msgspec.Struct, frozen=True, rename="camel"):
    contact_id: int
    identifiers: dict[str, Any] = {}

    @property
    def email(self) -> str:
        return str(self.identifiers.get("email") or "").strip().lower()


class Reason(msgspec.Struct, frozen=True, rename="camel"):
    """Codes are spelled differently in different places: compare `code.lower()`."""

    code: str = msgspec.field(name="failureCode", default="")
    description: str = ""


class ImportFailure(msgspec.Struct, frozen=True, rename="camel"):
    """A row with a fault. One that is also among the updated was stored, save for what the fault names."""

    contact_id: int | None = None
    match_identifier: str = ""
    identifiers: dict[str, Any] = {}
    reasons: list[Reason] = msgspec.field(name="failures", default_factory=list)

    @property
    def email(self) -> str:
        return str(self.identifiers.get("email") or "").strip().lower()

    @property
    def words(self) -> str:
        """Why, in Dotdigital's words, or its codes where it has none."""
        return "; ".join(reason.description or reason.code for reason in self.reasons)


class ImportReport(Answer, rename="camel"):
    """How an import stands.

    `status`: NotFinished, Finished, RejectedByWatchdog, Failed or ExceedsAllowedContactLimit. The last three
    stored nothing, or cannot say what they stored.
    """

    import_id: str = ""
    status: str = ""
    # As they come: absent until the import has finished; the properties below are what callers use.
    sent_summary: dict[str, int] | None = msgspec.field(name="summary", default=None)
    sent_created: list[Imported] | None = msgspec.field(name="created", default=None)
    sent_updated: list[Imported] | None = msgspec.field(name="updated", default=None)
    sent_failures: list[ImportFailure] | None = msgspec.field(name="failures", default=None)

    def __post_init__(self) -> None:
        self.status = words.job_status(self.status)

    @property
    def summary(self) -> dict[str, int]:
        """The vendor's own counts: newContacts, updatedContacts, invalidEntries, …"""
        return self.sent_summary or {}

    @property
    def created(self) -> list[Imported]:
        return self.sent_created or []

    @property
    def updated(self) -> list[Imported]:
        return self.sent_updated or []

    @property
    def failures(self) -> list[ImportFailure]:
        return self.sent_failures or []

    @property
    def finished(self) -> bool:
        """It has come to an end, good or bad."""
        return self.status not in ("NotFinished", "NotStarted", "Processing")

    @property
    def succeeded(self) -> bool:
        """It has come to its end; single rows may still have failed."""
        return self.status == "Finished"


class _Started(Answer, rename="camel"):
    import_id: str = ""


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode_row(row: ImportRow) -> bytes:
    """The row as it is sent; its length is what it adds to a body (and one byte for a comma)."""
    return _ENCODER.encode(_wire(row))


def _wire(row: ImportRow) -> dict[str, Any]:
    identifiers: dict[str, Any] = dict(row.identifiers)
    if row.email is not None:
        identifiers["email"] = row.email
    if row.contact_id is not None:
        identifiers["contactId"] = row.contact_id
    wire: dict[str, Any] = {"matchIdentifier": row.match, "identifiers": identifiers}
    # Empty arrays and objects are not valid, so what is empty is left out (contract §3.1).
    if row.data_fields:
        wire["dataFields"] = row.data_fields
    if row.opt_in or row.email_type or row.email_status:
        email = {"optInType": row.opt_in, "emailType": row.email_type, "status": row.email_status}
        wire["channelProperties"] = {"email": {name: value for name, value in email.items() if value}}
    if row.lists:
        wire["lists"] = row.lists
    if row.preferences:
        wire["preferences"] = [{"id": id_, "isOptedIn": opted} for id_, opted in row.preferences]
    if row.consent:
        wire["consentRecords"] = row.consent
    return wire


class Imports(OnSession):
    def import_contacts(
        self, rows: Sequence[ImportRow | bytes], *, merge_option: MergeOption = "overwrite"
    ) -> str:
        """Start an import; its id. Rows may be given encoded. Raises `TooManyImports` without waiting.

        Keep within `IMPORT_MAX_ROWS` and `IMPORT_MAX_BYTES`. After a lost answer it is sent again: the rows
        are the same, so that costs a second job and changes nothing.
        """
        if not rows:
            raise Permanent("An import needs at least one row")
        encoded = [row if isinstance(row, bytes) else encode_row(row) for row in rows]
        body = b'{"mergeOption":"%s","contacts":[%s]}' % (merge_option.encode(), b",".join(encoded))
        if len(body) > SERVICE_MAX_BYTES:
            raise TooLarge(f"An import of {len(body)} bytes is over the service's {SERVICE_MAX_BYTES}")
        call = call_to("PUT", "/contacts/v3/import", body=body, tier=LOW)
        started = self._session.decoded(call, _Started)
        if not started.import_id:
            raise Permanent("PUT /contacts/v3/import: the answer names no import")
        return started.import_id

    def import_report(self, import_id: str) -> ImportReport:
        """Status and, once it has finished, every row's fate. Raises `NotFound`."""
        path = f"/contacts/v3/import/{quote(import_id, safe='')}"
        call = call_to("GET", path, route="/contacts/v3/import/{id}", tier=HIGH)
        return self._session.decoded(call, ImportReport)
