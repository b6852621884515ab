"""The v2 imports: a JSON collection or a file, made into the same rows, applied later."""

from __future__ import annotations

from typing import Any

import msgspec

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import merging
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.addresses import is_valid_email, normal_email, normal_mobile
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.errors import V2Error
from syncline_sandbox.dotdigital.fields import FieldRefusal
from syncline_sandbox.dotdigital.jobs import FINISHED, Job, Outcome
from syncline_sandbox.dotdigital.merging import Wish
from syncline_sandbox.dotdigital.quality import OVER_LIMIT, REJECTED, banned_kind, is_rejected
from syncline_sandbox.dotdigital.sheets import write_csv
from syncline_sandbox.dotdigital.statuses import PENDING, V2_IMPORT_REFUSALS
from syncline_sandbox.dotdigital.storage import take_ids
from syncline_sandbox.dotdigital.v2_bodies import consent_of, key_values
from syncline_sandbox.dotdigital.vocabulary import (
    CONSENT_COLUMNS,
    EMAIL_TYPES,
    FIRST_CONTACT_ID,
    MEMBER_SUPPRESSED,
    OPT_IN_TYPES,
)
from syncline_sandbox.dotdigital.writing import Writer

_PREFERENCE_PREFIX = "preference:"
_NOT_FIELDS = ("email", "optintype", "emailtype", "mobilenumber", "mobilenumberid")


class Row(msgspec.Struct):
    """One contact to import; ``shown`` is what the file of faults repeats."""

    email: str
    shown: list[str]
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    opt_in: str | None = None
    email_type: str | None = None
    mobile: str | None = None
    preferences: list[tuple[int, bool]] = msgspec.field(default_factory=list)
    consent: dict[str, str] | None = None


class Batch(msgspec.Struct):
    """All rows of an import and the names of the columns that ``shown`` repeats."""

    columns: list[str]
    rows: list[Row]


class Report(msgspec.Struct):
    """ApiContactImportReport."""

    newContacts: int = 0  # noqa: N815 - the API's names
    updatedContacts: int = 0  # noqa: N815
    globallySuppressed: int = 0  # noqa: N815
    invalidEntries: int = 0  # noqa: N815
    duplicateEmails: int = 0  # noqa: N815
    blocked: int = 0
    unsubscribed: int = 0
    hardBounced: int = 0  # noqa: N815
    softBounced: int = 0  # noqa: N815
    ispComplaints: int = 0  # noqa: N815
    mailBlocked: int = 0  # noqa: N815
    domainSuppressed: int = 0  # noqa: N815
    pendingDoubleOptin: int = 0  # noqa: N815
    failures: int = 0
    suppressedContacts: int = 0  # noqa: N815


def read_collection(account: Account, contacts: Any) -> Batch:
    """Rows of an import-collection (names in lower case). An unknown data field refuses the whole call."""
    if not isinstance(contacts, list):
        raise V2Error("ERROR_CONTACTS_ARE_NOT_SPECIFIED")
    preferences = _preference_names(account)
    rows, columns = [], {}
    values = [key_values(entry.get("datafields")) if isinstance(entry, dict) else {} for entry in contacts]
    for own in values:
        columns.update(dict.fromkeys(own))
    for entry, own in zip(contacts, values, strict=True):
        if not isinstance(entry, dict):
            raise V2Error("ERROR_CONTACT_INVALID")
        row = Row(str(entry.get("email") or ""), [_text(own.get(column)) for column in columns])
        try:
            row.fields = account.fields.convert(_take_preferences(row, own, preferences))
        except FieldRefusal as error:
            raise V2Error(error.code) from error
        row.opt_in = _word(entry.get("optintype"), OPT_IN_TYPES)
        row.email_type = _word(entry.get("emailtype"), EMAIL_TYPES)
        row.mobile = normal_mobile(entry.get("mobilenumberid") or "")
        if entry.get("consentfields"):
            row.consent = consent_of(key_values(entry["consentfields"]))
        rows.append(row)
    return Batch(list(columns), rows)


def read_rows(account: Account, table: list[list[str]]) -> Batch:
    """Rows of a file; columns that are no data field are passed over. Raises ERROR_NO_EMAIL_COLUMN."""
    header = [name.strip() for name in table[0]]
    keys = [name.lower().replace(" ", "") for name in header]
    if "email" not in keys:
        raise V2Error("ERROR_NO_EMAIL_COLUMN")
    preferences = _preference_names(account)
    others = [place for place, key in enumerate(keys) if key != "email"]
    rows = []
    for cells in table[1:]:
        cells = cells + [""] * (len(keys) - len(cells))
        values = dict(zip(keys, cells, strict=False))
        row = Row(values["email"], [cells[place] for place in others])
        row.opt_in = _word(values.get("optintype") or None, OPT_IN_TYPES)
        row.email_type = _word(values.get("emailtype") or None, EMAIL_TYPES)
        row.mobile = normal_mobile(values.get("mobilenumber") or values.get("mobilenumberid") or "")
        consent = {
            CONSENT_COLUMNS[key]: text for key, text in values.items() if key in CONSENT_COLUMNS and text
        }
        row.consent = consent or None
        named = {name: cells[place] for place, name in enumerate(header) if keys[place] not in _NOT_FIELDS}
        row.fields = _known_fields(account, _take_preferences(row, named, preferences))
        rows.append(row)
    return Batch([header[place] for place in others], rows)


def carry_out(account: Account, job: Job, payload: bytes) -> Outcome:
    """Apply the import as of the moment at which it was due."""
    batch = msgspec.json.decode(payload, type=Batch)
    list_ids: list[int] = job.options["lists"]
    emails = [normal_email(row.email) for row in batch.rows]
    if is_rejected(account, emails, len(emails), set(list_ids)):
        return Outcome(REJECTED, msgspec.json.encode(Report()))
    run = _Run(account, job.options["merge"], job.due or account.now_ms(), list_ids)
    if run.would_exceed_limit(batch.rows):
        return Outcome(OVER_LIMIT, msgspec.json.encode(Report()))
    for row in batch.rows:
        run.take(row)
    run.finish()
    faults = write_csv([["Reason", "Email", *batch.columns], *run.faults])
    return Outcome(FINISHED, msgspec.json.encode(run.report), faults)


class _Run:
    """One import under way."""

    def __init__(self, account: Account, merge: str, now: int, list_ids: list[int]) -> None:
        self._account = account
        self._merge = merge
        self._now = now
        self._list_ids = list_ids
        self._writer = Writer(account, now)
        self._seen: set[str] = set()
        self._mobiles: set[str] = set()
        self._created = 0
        self._first_id = take_ids(account.connection, "next_contact", FIRST_CONTACT_ID, 0)
        self._rejects = account.faults.active("reject_record", label="* /v2/import", method="*")
        self.report = Report()
        self.faults: list[list[str]] = []

    def would_exceed_limit(self, rows: list[Row]) -> bool:
        limit = self._account.settings.contact_limit
        if limit is None:
            return False
        emails = {email for row in rows if is_valid_email(email := normal_email(row.email))}
        known = sum(1 for _ in store.many_by_email(self._account.connection, sorted(emails)))
        return self._account.count_contacts() + len(emails) - known > limit

    def take(self, row: Row) -> None:
        email = normal_email(row.email)
        refusal = self._refusal(row, email)
        if refusal is not None:
            counter, reason = refusal
            setattr(self.report, counter, getattr(self.report, counter) + 1)
            self.faults.append([reason, row.email, *row.shown])
            return
        self._seen.add(email)
        before = store.by_email(self._account.connection, email)
        wish = self._wish(row, email, before)
        enforce = self._account.settings.enforce_double_opt_in
        if before is None:
            contact = merging.created(self._first_id + self._created, wish, self._now, enforce_double=enforce)
            self._created += 1
            self.report.newContacts += 1
            self._writer.insert(contact)
        else:
            contact = merging.updated(before, wish, self._merge, self._now, enforce_double=enforce)
            self.report.updatedContacts += 1
            self._writer.update(before, contact)
        if contact.status == PENDING:
            self.report.pendingDoubleOptin += 1
        self._writer.join(contact, self._list_ids)
        self._writer.opt_in(contact.id, row.preferences)
        if row.consent:
            self._writer.consent(contact.id, [row.consent])

    def finish(self) -> None:
        self._writer.flush()
        take_ids(self._account.connection, "next_contact", FIRST_CONTACT_ID, self._created)

    def _refusal(self, row: Row, email: str) -> tuple[str, str] | None:
        """The report's counter and the file's reason when the row is not stored."""
        if not is_valid_email(email):
            return "invalidEntries", "Invalid Email"
        if email in self._seen:
            return "duplicateEmails", "Duplicate"
        for fault in self._rejects:
            if (fault.spec.match or "") in " ".join((row.email, *row.shown)) and fault.strike():
                return "failures", "Failures"
        before = store.by_email(self._account.connection, email)
        if before is None:
            kind = banned_kind(self._account, email)
            return {
                "global": ("globallySuppressed", "Globally Suppressed"),
                "domain": ("domainSuppressed", "Suppressed by Domain"),
                "blocked": ("blocked", "Blocker"),
            }.get(kind or "")
        if before.suppressed:
            return V2_IMPORT_REFUSALS.get(before.status, ("suppressedContacts", "Failures"))
        if any(self._left(list_id, before.id) for list_id in self._list_ids):
            return V2_IMPORT_REFUSALS["Unsubscribed"]
        return None

    def _left(self, list_id: int, contact_id: int) -> bool:
        row = self._account.connection.execute(
            "SELECT 1 FROM members WHERE list_id = ? AND contact_id = ? AND status = ?",
            (list_id, contact_id, MEMBER_SUPPRESSED),
        ).fetchone()
        return row is not None

    def _wish(self, row: Row, email: str, before: Contact | None) -> Wish:
        wish = Wish(email=email, fields=row.fields, opt_in=row.opt_in, email_type=row.email_type)
        if row.mobile is not None and row.mobile not in self._mobiles:
            owner = store.by_mobile(self._account.connection, row.mobile)
            # A number that belongs to somebody else is not taken away from them.
            if owner is None or (before is not None and owner.id == before.id):
                wish.mobile = row.mobile
                self._mobiles.add(row.mobile)
        return wish


def _known_fields(account: Account, values: dict[str, Any]) -> dict[str, Any]:
    """Cells of known data fields that fit their type; a blank cell is an empty value."""
    known: dict[str, Any] = {}
    for name, text in values.items():
        field = account.fields.find(name)
        if field is None:
            continue
        try:
            known[field.name] = field.convert(text) if text.strip() else None
        except (TypeError, ValueError, OverflowError):
            continue
    return known


def _preference_names(account: Account) -> dict[str, int]:
    """``name`` and ``category>name``, in lower case, to preference ids."""
    names: dict[str, int] = {}
    for row in account.connection.execute(
        "SELECT p.id, p.private_name, p.public_name, c.private_name AS category FROM preferences p "
        "LEFT JOIN preferences c ON c.id = p.category_id WHERE p.is_preference = 1"
    ):
        for name in (row["private_name"], row["public_name"]):
            names.setdefault(name.lower(), row["id"])
            if row["category"] is not None:
                names[f"{row['category']}>{name}".lower()] = row["id"]
    return names


def _take_preferences(row: Row, values: dict[str, Any], names: dict[str, int]) -> dict[str, Any]:
    """Move the ``Preference:…`` entries to the row; what is left are data fields."""
    left = {}
    for key, value in values.items():
        if not key.lower().startswith(_PREFERENCE_PREFIX):
            left[key] = value
            continue
        preference_id = names.get(key[len(_PREFERENCE_PREFIX) :].strip().lower())
        if preference_id is not None and str(value).strip():
            row.preferences.append((preference_id, str(value).strip().lower() in ("true", "yes", "1")))
    return left


def _word(value: Any, words: tuple[str, ...]) -> str | None:
    return next(
        (word for word in words if isinstance(value, str) and word.lower() == value.strip().lower()), None
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
