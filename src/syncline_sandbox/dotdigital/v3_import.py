"""The v3 bulk import: row by row, good rows stored though others fail."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import merging
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.addresses import domain_of, is_role_address, normal_email
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.fields import FieldRefusal
from syncline_sandbox.dotdigital.jobs import FINISHED, Job, Outcome
from syncline_sandbox.dotdigital.merging import CannotUnsuppress, Wish
from syncline_sandbox.dotdigital.storage import take_ids
from syncline_sandbox.dotdigital.v3_bodies import (
    CONTACT_ID,
    EMAIL,
    MOBILE,
    BadIdentifier,
    BadWord,
    ImportBody,
    ImportEnvelope,
    ImportRow,
    read_consents,
    read_contact_id,
    read_email,
    read_mobile,
    wish_of,
)
from syncline_sandbox.dotdigital.vocabulary import (
    FIRST_CONTACT_ID,
    TEST_LIST_ID,
    WATCHDOG_WORD,
)
from syncline_sandbox.dotdigital.writing import Writer

REJECTED = "RejectedByWatchdog"
OVER_LIMIT = "ExceedsAllowedContactLimit"

_decode_rows = msgspec.json.Decoder(ImportBody).decode
_decode_row = msgspec.json.Decoder(ImportRow).decode
_encode = msgspec.json.Encoder().encode


class RowFailure(Exception):
    """A row that is not stored: code and description as the report shows them."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


class Failure(msgspec.Struct):
    failureCode: str  # noqa: N815 - the API's name
    description: str


class FailedRow(msgspec.Struct):
    failures: list[Failure]
    matchIdentifier: str  # noqa: N815
    identifiers: dict[str, Any]
    contactId: int | UnsetType = UNSET  # noqa: N815


class Reference(msgspec.Struct):
    contactId: int  # noqa: N815
    identifiers: dict[str, Any]


class Summary(msgspec.Struct):
    newContacts: int = 0  # noqa: N815
    updatedContacts: int = 0  # noqa: N815
    globallySuppressed: int = 0  # noqa: N815
    invalidEntries: int = 0  # noqa: N815
    duplicateIdentifiers: int = 0  # noqa: N815


class Report(msgspec.Struct):
    summary: Summary
    created: list[Reference]
    updated: list[Reference]
    failures: list[FailedRow]


def carry_out(account: Account, job: Job, payload: bytes) -> Outcome:
    """Apply the import as of the moment at which it was due."""
    rows = _read_rows(payload)
    if _rejected_by_watchdog(account, rows):
        return Outcome(REJECTED)
    run = _Run(account, job.options["merge"], account.now_ms() if job.due is None else job.due)
    run.prefetch(rows)
    if run.would_exceed_limit(rows):
        return Outcome(OVER_LIMIT)
    for row in rows:
        run.take(row)
    run.finish()
    return Outcome(FINISHED, _encode(run.report))


def _read_rows(payload: bytes) -> list[ImportRow | msgspec.Raw]:
    """All rows; when one of them breaks the definition, that one is left as raw JSON."""
    try:
        return list(_decode_rows(payload).contacts)
    except msgspec.ValidationError:
        rows: list[ImportRow | msgspec.Raw] = []
        for raw in msgspec.json.decode(payload, type=ImportEnvelope).contacts:
            try:
                rows.append(_decode_row(raw))
            except msgspec.ValidationError:
                rows.append(raw)
        return rows


def _rejected_by_watchdog(account: Account, rows: list[ImportRow | msgspec.Raw]) -> bool:
    suspects = 0
    list_ids: set[int] = set()
    for row in rows:
        if isinstance(row, msgspec.Raw):
            continue
        if row.lists:
            list_ids.update(row.lists)
        email = row.identifiers.get(EMAIL) if row.identifiers else None
        if type(email) is str:
            if WATCHDOG_WORD in email:
                return True
            suspects += "@" not in email or is_role_address(normal_email(email))
    if watched_lists(account, list_ids):
        return True
    settings = account.settings
    return len(rows) >= settings.watchdog_min_rows and suspects > settings.watchdog_share * len(rows)


def watched_lists(account: Account, list_ids: set[int]) -> bool:
    """Whether one of these lists has a name that the quality check refuses."""
    names = account.connection.execute("SELECT id FROM lists WHERE name_key LIKE ?", (f"%{WATCHDOG_WORD}%",))
    return any(row[0] in list_ids for row in names)


def banned_kind(account: Account, email: str) -> str | None:
    """global, domain or blocked when nobody may write to this address, else None."""
    banned = account.banned
    if not banned:
        return None
    if ("global", email) in banned:
        return "global"
    if ("domain", domain_of(email)) in banned:
        return "domain"
    return "blocked" if ("blocked", email) in banned else None


_BANNED_FAILURES = {
    "global": ("globallySuppressed", "The contact is on the global suppression list"),
    "domain": ("suppressedByDomain", "The domain may not be contacted"),
    "blocked": ("blocker", "The address is blocked"),
}
_FINAL_FAILURES = {
    "SharedSuppression": _BANNED_FAILURES["global"],
    "DomainSuppression": _BANNED_FAILURES["domain"],
    "IspComplained": ("contactCannotBeUnsuppressed", "The contact complained and cannot be subscribed again"),
}


class _Run:
    """One import under way."""

    def __init__(self, account: Account, merge: str, now: int) -> None:
        self._account = account
        self._merge = merge
        self._now = now
        self._writer = Writer(account, now)
        self._enforce_double = account.settings.enforce_double_opt_in
        self._keep_suppressed = account.settings.import_suppressed == "fail"
        self._custom_names = {
            row[0].lower(): row[0]
            for row in account.connection.execute("SELECT name FROM custom_identifiers")
        }
        self._lists = {
            row[0] for row in account.connection.execute("SELECT id FROM lists WHERE kind = 'list'")
        } - {TEST_LIST_ID}
        self._preferences = {
            row[0] for row in account.connection.execute("SELECT id FROM preferences WHERE is_preference = 1")
        }
        self._rejects = account.faults.active("reject_record", label="PUT /contacts/v3/import", method="PUT")
        # Identifiers met in this import, and every contact that one of them belongs to.
        self._seen: set[tuple[str, Any]] = set()
        self._by: dict[tuple[str, Any], Contact] = {}
        self._created = 0
        self._first_id = 0
        self.report = Report(Summary(), [], [], [])

    def prefetch(self, rows: list[ImportRow | msgspec.Raw]) -> None:
        """Find at once all contacts that the rows' addresses and ids belong to."""
        emails: set[str] = set()
        ids: set[int] = set()
        for row in rows:
            if isinstance(row, msgspec.Raw) or not row.identifiers:
                continue
            email = row.identifiers.get(EMAIL)
            if type(email) is str:
                emails.add(normal_email(email))
            contact_id = row.identifiers.get(CONTACT_ID)
            if type(contact_id) is int and 0 <= contact_id < 2**63:
                ids.add(contact_id)
        connection = self._account.connection
        for contact in store.many_by_email(connection, sorted(emails)):
            self._remember(contact)
        for contact in store.many_by_id(connection, sorted(ids)):
            self._remember(contact)

    def would_exceed_limit(self, rows: list[ImportRow | msgspec.Raw]) -> bool:
        limit = self._account.settings.contact_limit
        if limit is None:
            return False
        new: set[Any] = set()
        for row in rows:
            if isinstance(row, msgspec.Raw) or not row.identifiers:
                continue
            email = row.identifiers.get(EMAIL)
            key = (EMAIL, normal_email(email)) if type(email) is str else None
            if key is not None and key not in self._by and row.matchIdentifier == EMAIL:
                new.add(key)
        return self._account.count_contacts() + len(new) > limit

    def take(self, row: ImportRow | msgspec.Raw) -> None:
        """Store one row, or note why not."""
        if isinstance(row, msgspec.Raw):
            self._fail(None, "apiSchemaViolation", _why_not(row), raw=row)
            return
        try:
            self._store(row)
        except RowFailure as failure:
            self._fail(row, failure.code, failure.description)
        except (BadIdentifier, BadWord) as error:
            self._fail(row, error.failure, str(error))
        except FieldRefusal as error:
            self._fail(row, "apiSchemaViolation", str(error))

    def finish(self) -> None:
        self._writer.flush()
        if self._created:
            # The ids were given in order from here; nobody else writes while an import is carried out.
            take_ids(self._account.connection, "next_contact", FIRST_CONTACT_ID, self._created)
        summary = self.report.summary
        summary.newContacts = len(self.report.created)
        summary.updatedContacts = len(self.report.updated)

    def _store(self, row: ImportRow) -> None:
        key = self._match_key(row)
        wish = wish_of(row, self._account.fields, self._custom_names)
        keys = self._keys(wish, key)
        self._refuse_duplicates(keys)
        if self._rejects:
            self._refuse_on_demand(row)
        before = self._find(key)
        if before is None and key[0] == CONTACT_ID:
            raise RowFailure("invalidContactId", f"There is no contact with the id '{key[1]}'")
        if wish.email is not None and (before is None or before.email != wish.email):
            self._refuse_banned(wish.email)
        if len(keys) > 1 or (before is not None and key[0] != EMAIL):
            self._refuse_conflicts(keys, before)
        contact = self._create(wish) if before is None else self._update(before, wish)
        self._seen.update(keys)
        if before is not None and before.email != contact.email:
            self._by.pop((EMAIL, before.email), None)
        self._by[CONTACT_ID, contact.id] = contact
        for known in keys:
            self._by[known] = contact
        reference = Reference(contact.id, _identifiers_shown(row, contact))
        (self.report.created if before is None else self.report.updated).append(reference)
        if row.lists or row.preferences or row.consentRecords is not UNSET:
            self._attach(row, wish, contact)

    def _create(self, wish: Wish) -> Contact:
        if not self._first_id:
            self._first_id = take_ids(self._account.connection, "next_contact", FIRST_CONTACT_ID, 0)
        contact = merging.created(
            self._first_id + self._created, wish, self._now, enforce_double=self._enforce_double
        )
        self._created += 1
        self._writer.insert(contact)
        if wish.custom:
            self._writer.identify(contact.id, wish.custom)
        return contact

    def _update(self, before: Contact, wish: Wish) -> Contact:
        if self._keep_suppressed and before.suppressed and wish.email_status != "subscribed":
            raise RowFailure("invalidContactStatus", f"The contact is {before.status}")
        try:
            after = merging.updated(before, wish, self._merge, self._now, enforce_double=self._enforce_double)
        except CannotUnsuppress as refusal:
            raise RowFailure(*_FINAL_FAILURES[refusal.reason]) from refusal
        self._writer.update(before, after)
        if wish.custom:
            self._writer.identify(after.id, wish.custom)
        return after

    def _attach(self, row: ImportRow, wish: Wish, contact: Contact) -> None:
        """Lists, preferences and consents: what cannot be attached is told, the contact stays stored."""
        failures = []
        if wish.lists:
            known = [list_id for list_id in wish.lists if list_id in self._lists]
            self._writer.join(contact, known)
            if len(known) < len(wish.lists):
                unknown = sorted(set(wish.lists) - self._lists)
                failures.append(
                    Failure("invalidAddressBookIds", f"There are no lists with the ids {unknown}")
                )
        if wish.preferences:
            choices = [choice for choice in wish.preferences if choice[0] in self._preferences]
            self._writer.opt_in(contact.id, choices)
            if len(choices) < len(wish.preferences):
                failures.append(Failure("invalidPreferenceIds", "A preference does not exist"))
        if row.consentRecords is not UNSET and row.consentRecords is not None:
            records = read_consents(row.consentRecords)
            if records is None:
                why = "The provided consent records could not be applied as they were incorrectly formatted"
                failures.append(Failure("consentRecordsNotApplied", why))
            else:
                self._writer.consent(contact.id, records)
        if failures:
            failed = FailedRow(failures, row.matchIdentifier or EMAIL, row.identifiers or {}, contact.id)
            self.report.failures.append(failed)

    def _match_key(self, row: ImportRow) -> tuple[str, Any]:
        match, identifiers = row.matchIdentifier, row.identifiers
        if match is None:
            raise RowFailure("apiSchemaViolation", "The MatchIdentifier field is required")
        if identifiers is None:
            raise RowFailure("apiSchemaViolation", "The Identifiers field is required")
        value = identifiers.get(match)
        if match == EMAIL and value is not None:
            return EMAIL, read_email(value)
        if match == CONTACT_ID and value is not None:
            return CONTACT_ID, read_contact_id(value)
        if match == MOBILE and value is not None:
            return MOBILE, read_mobile(value)
        if match not in (EMAIL, CONTACT_ID, MOBILE) and match.lower() not in self._custom_names:
            raise RowFailure("invalidMatchIdentifier", f"'{match}' is not an identifier of the account")
        if value is None or value == "":
            raise RowFailure("noValidIdentifiers", f"The identifiers hold no value for '{match}'")
        return self._custom_names[match.lower()], str(value)

    def _keys(self, wish: Wish, key: tuple[str, Any]) -> set[tuple[str, Any]]:
        keys = {key}
        if wish.email is not None:
            keys.add((EMAIL, wish.email))
        if wish.mobile is not None:
            keys.add((MOBILE, wish.mobile))
        if wish.custom:
            keys.update(wish.custom.items())
        return keys

    def _find(self, key: tuple[str, Any]) -> Contact | None:
        known = self._by.get(key)
        if known is not None or key[0] in (EMAIL, CONTACT_ID):
            return known
        connection = self._account.connection
        if key[0] == MOBILE:
            contact = store.by_mobile(connection, key[1])
        else:
            contact = store.by_custom(connection, *key)
        if contact is None:
            return None
        # An earlier row may have changed this contact already.
        return self._by.get((CONTACT_ID, contact.id), contact)

    def _remember(self, contact: Contact) -> None:
        self._by[CONTACT_ID, contact.id] = contact
        if contact.email is not None:
            self._by[EMAIL, contact.email] = contact

    def _refuse_duplicates(self, keys: set[tuple[str, Any]]) -> None:
        if not self._seen.isdisjoint(keys):
            name, value = next(iter(self._seen & keys))
            raise RowFailure("duplicateIdentifier", f"Duplicate identifier detected for {name} '{value}'")

    def _refuse_conflicts(self, keys: set[tuple[str, Any]], before: Contact | None) -> None:
        """No two contacts may share an identifier."""
        for key in keys:
            owner = self._find(key)
            if owner is not None and (before is None or owner.id != before.id):
                raise RowFailure("duplicate", f"The {key[0]} '{key[1]}' belongs to another contact")

    def _refuse_banned(self, email: str) -> None:
        kind = banned_kind(self._account, email)
        if kind is not None:
            raise RowFailure(*_BANNED_FAILURES[kind])

    def _refuse_on_demand(self, row: ImportRow) -> None:
        """The ``reject_record`` fault: a row in which its text occurs."""
        text = _encode(row).decode()
        for fault in self._rejects:
            if (fault.spec.match or "") in text and fault.strike():
                raise RowFailure(fault.spec.code or "invalidContact", "The contact is not valid")

    def _fail(
        self, row: ImportRow | None, code: str, description: str, *, raw: msgspec.Raw | None = None
    ) -> None:
        summary = self.report.summary
        if code == "duplicateIdentifier":
            summary.duplicateIdentifiers += 1
        elif code == "globallySuppressed":
            summary.globallySuppressed += 1
        else:
            summary.invalidEntries += 1
        match, identifiers = _salvage(raw) if row is None else (row.matchIdentifier, row.identifiers)
        failed = FailedRow([Failure(code, description)], match or EMAIL, identifiers or {})
        contact_id = failed.identifiers.get(CONTACT_ID)
        if type(contact_id) is int:
            failed.contactId = contact_id
        self.report.failures.append(failed)


def _identifiers_shown(row: ImportRow, contact: Contact) -> dict[str, Any]:
    """What was sent, as it is stored; a contact matched by another identifier shows its address too."""
    sent = row.identifiers or {}
    if len(sent) == 1 and contact.email is not None and EMAIL in sent:
        return {EMAIL: contact.email}
    shown: dict[str, Any] = {name: value for name, value in sent.items() if name != CONTACT_ID}
    if contact.email is not None:
        shown[EMAIL] = contact.email
    if contact.mobile is not None:
        shown[MOBILE] = contact.mobile
    return shown


def _why_not(raw: msgspec.Raw) -> str:
    try:
        _decode_row(raw)
    except msgspec.ValidationError as error:
        return str(error)
    return "The contact does not fit the definition"


def _salvage(raw: msgspec.Raw | None) -> tuple[str | None, dict[str, Any] | None]:
    """Match identifier and identifiers of a row that breaks the definition, as far as they can be read."""
    row = msgspec.json.decode(raw) if raw is not None else None
    if not isinstance(row, dict):
        return None, None
    match, identifiers = row.get("matchIdentifier"), row.get("identifiers")
    return (
        match if isinstance(match, str) else None,
        identifiers if isinstance(identifiers, dict) else None,
    )
