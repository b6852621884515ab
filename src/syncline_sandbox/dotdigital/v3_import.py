"""The v3 bulk import: row by row, good rows stored though others fail."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from syncline_sandbox.dotdigital import merging
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.fields import FieldRefusal
from syncline_sandbox.dotdigital.identifiers import custom_names
from syncline_sandbox.dotdigital.jobs import FINISHED, Job, Outcome
from syncline_sandbox.dotdigital.merging import CannotUnsuppress, Wish
from syncline_sandbox.dotdigital.quality import OVER_LIMIT, REJECTED, banned_kind, is_rejected
from syncline_sandbox.dotdigital.storage import take_ids
from syncline_sandbox.dotdigital.v3_bodies import (
    CONTACT_ID,
    EMAIL,
    MOBILE,
    BadIdentifier,
    BadWord,
    ImportRow,
    read_consents,
    read_contact_id,
    read_mobile,
    wish_of,
)
from syncline_sandbox.dotdigital.v3_report import Failure, Reference, Report
from syncline_sandbox.dotdigital.v3_rows import Key, Known, Survey, read_rows, salvage, why_not
from syncline_sandbox.dotdigital.vocabulary import FIRST_CONTACT_ID, TEST_LIST_ID
from syncline_sandbox.dotdigital.writing import Writer

ROUTE = "PUT /contacts/v3/import"

_BANNED = {
    "global": ("globallySuppressed", "The contact is on the global suppression list"),
    "domain": ("suppressedByDomain", "The domain may not be contacted"),
    "blocked": ("blocker", "The address is blocked"),
}
_FINAL = {
    "SharedSuppression": _BANNED["global"],
    "DomainSuppression": _BANNED["domain"],
    "IspComplained": ("contactCannotBeUnsuppressed", "The contact complained and cannot be subscribed again"),
}


class RowFailure(Exception):
    """A row that is not stored: code and description as the report shows them."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


def carry_out(account: Account, job: Job, payload: bytes) -> Outcome:
    """Apply the import as of the moment at which it was due."""
    rows = read_rows(payload)
    survey = Survey(rows)
    if is_rejected(account, survey.emails, len(rows), survey.lists):
        return Outcome(REJECTED)
    known = Known(account, survey)
    if _over_limit(account, survey, known):
        return Outcome(OVER_LIMIT)
    run = _Run(account, known, job.options["merge"], job.due or account.now_ms())
    for row in rows:
        run.take(row)
    run.finish()
    return Outcome(FINISHED, run.report.encoded())


def _over_limit(account: Account, survey: Survey, known: Known) -> bool:
    limit = account.settings.contact_limit
    if limit is None:
        return False
    new = {email for email in survey.emails if known.find((EMAIL, email)) is None}
    return account.count_contacts() + len(new) > limit


class _Run:
    """One import under way."""

    def __init__(self, account: Account, known: Known, merge: str, now: int) -> None:
        self._account = account
        self._known = known
        self._merge = merge
        self._now = now
        self._writer = Writer(account, now)
        self._enforce_double = account.settings.enforce_double_opt_in
        self._refuse_suppressed = account.settings.import_suppressed == "fail"
        self._custom_names = custom_names(account)
        self._lists = _ids(account, "SELECT id FROM lists WHERE kind = 'list'") - {TEST_LIST_ID}
        self._preferences = _ids(account, "SELECT id FROM preferences WHERE is_preference = 1")
        self._rejects = account.faults.active("reject_record", label=ROUTE, method="PUT")
        self._seen: set[Key] = set()
        self._first_id = take_ids(account.connection, "next_contact", FIRST_CONTACT_ID, 0)
        self.report = Report()

    def take(self, row: ImportRow | msgspec.Raw) -> None:
        """Store one row, or note why not."""
        if isinstance(row, msgspec.Raw):
            self.report.fail("apiSchemaViolation", why_not(row), *salvage(row))
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
        # The ids were given in order; nobody else writes while an import is carried out.
        take_ids(self._account.connection, "next_contact", FIRST_CONTACT_ID, len(self.report.created))

    def _store(self, row: ImportRow) -> None:
        wish = wish_of(row, self._account.fields, self._custom_names)
        key = self._match_key(row, wish)
        keys = (key,) if len(row.identifiers or ()) == 1 else self._keys(wish, key)
        self._refuse_duplicates(keys)
        if self._rejects:
            self._refuse_on_demand(row)
        before = self._known.find(key)
        if before is None and key[0] == CONTACT_ID:
            raise RowFailure("invalidContactId", f"There is no contact with the id '{key[1]}'")
        if wish.email is not None and (before is None or before.email != wish.email):
            self._refuse_banned(wish.email)
        if len(keys) > 1:
            self._refuse_conflicts(keys, before)
        if before is None:
            contact = self._create(wish)
            self.report.created.append(Reference(contact.id, _shown(row, contact)))
        else:
            contact = self._update(before, wish)
            self.report.updated.append(Reference(contact.id, _shown(row, contact)))
        self._seen.update(keys)
        self._known.changed(before, contact, keys)
        if row.lists or row.preferences or row.consentRecords is not UNSET:
            self._attach(row, wish, contact)

    def _create(self, wish: Wish) -> Contact:
        contact_id = self._first_id + len(self.report.created)
        contact = merging.created(contact_id, wish, self._now, enforce_double=self._enforce_double)
        self._writer.insert(contact)
        if wish.custom:
            self._writer.identify(contact.id, wish.custom)
        return contact

    def _update(self, before: Contact, wish: Wish) -> Contact:
        if self._refuse_suppressed and before.suppressed and wish.email_status != "subscribed":
            # The definition's counter says: suppressed at the account level, so cannot be updated.
            raise RowFailure("globallySuppressed", f"The contact is {before.status}")
        try:
            after = merging.updated(before, wish, self._merge, self._now, enforce_double=self._enforce_double)
        except CannotUnsuppress as refusal:
            raise RowFailure(*_FINAL[refusal.reason]) from refusal
        self._writer.update(before, after)
        if wish.custom:
            self._writer.identify(after.id, wish.custom)
        return after

    def _attach(self, row: ImportRow, wish: Wish, contact: Contact) -> None:
        """Lists, preferences and consents: what cannot be attached is told, the contact stays stored."""
        failures = []
        if wish.lists:
            unknown = [list_id for list_id in wish.lists if list_id not in self._lists]
            self._writer.join(contact, wish.lists if not unknown else set(wish.lists) - set(unknown))
            if unknown:
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
            self._writer.consent(contact.id, records or ())
            if records is None:
                why = "The provided consent records could not be applied as they were incorrectly formatted"
                failures.append(Failure("consentRecordsNotApplied", why))
        if failures:
            self.report.fault(failures, row.matchIdentifier or EMAIL, row.identifiers or {}, contact.id)

    def _match_key(self, row: ImportRow, wish: Wish) -> Key:
        match, identifiers = row.matchIdentifier, row.identifiers
        if match == EMAIL and wish.email is not None:
            return EMAIL, wish.email
        if match is None:
            raise RowFailure("apiSchemaViolation", "The MatchIdentifier field is required")
        if identifiers is None:
            raise RowFailure("apiSchemaViolation", "The Identifiers field is required")
        value = identifiers.get(match)
        custom = self._custom_names.get(match.lower())
        if match not in (EMAIL, CONTACT_ID, MOBILE) and custom is None:
            raise RowFailure("invalidMatchIdentifier", f"'{match}' is not an identifier of the account")
        if value is None or value == "":
            raise RowFailure("noValidIdentifiers", f"The identifiers hold no value for '{match}'")
        if match == CONTACT_ID:
            return CONTACT_ID, read_contact_id(value)
        if match == MOBILE:
            return MOBILE, read_mobile(value)
        assert custom is not None
        return custom, str(value)

    def _keys(self, wish: Wish, key: Key) -> tuple[Key, ...]:
        """Every identifier of the row, the one it is matched by among them."""
        keys = {key}
        if wish.email is not None:
            keys.add((EMAIL, wish.email))
        if wish.mobile is not None:
            keys.add((MOBILE, wish.mobile))
        if wish.custom:
            keys.update(wish.custom.items())
        return tuple(keys)

    def _refuse_duplicates(self, keys: tuple[Key, ...]) -> None:
        for key in keys:
            if key in self._seen:
                why = f"Duplicate identifier detected for {key[0]} '{key[1]}'"
                raise RowFailure("duplicateIdentifier", why)

    def _refuse_conflicts(self, keys: tuple[Key, ...], before: Contact | None) -> None:
        """No two contacts may share an identifier."""
        for key in keys:
            owner = self._known.find(key)
            if owner is not None and (before is None or owner.id != before.id):
                raise RowFailure("duplicate", f"The {key[0]} '{key[1]}' belongs to another contact")

    def _refuse_banned(self, email: str) -> None:
        kind = banned_kind(self._account, email)
        if kind is not None:
            raise RowFailure(*_BANNED[kind])

    def _refuse_on_demand(self, row: ImportRow) -> None:
        """The ``reject_record`` fault: a row in which its text occurs."""
        text = msgspec.json.encode(row).decode()
        for fault in self._rejects:
            if (fault.spec.match or "") in text and fault.strike():
                raise RowFailure(fault.spec.code or "invalidContact", "The contact is not valid")

    def _fail(self, row: ImportRow, code: str, description: str) -> None:
        self.report.fail(code, description, row.matchIdentifier or EMAIL, row.identifiers or {})


def _ids(account: Account, query: str) -> set[int]:
    return {row[0] for row in account.connection.execute(query)}


def _shown(row: ImportRow, contact: Contact) -> dict[str, Any]:
    """The row's identifiers as they are stored; a contact matched by another one shows its address too."""
    sent = row.identifiers or {}
    if len(sent) == 1 and sent.get(EMAIL) == contact.email:
        return sent
    shown: dict[str, Any] = {name: value for name, value in sent.items() if name != CONTACT_ID}
    if contact.email is not None:
        shown[EMAIL] = contact.email
    if contact.mobile is not None:
        shown[MOBILE] = contact.mobile
    return shown
