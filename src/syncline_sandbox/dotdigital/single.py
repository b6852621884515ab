"""Writing one contact: v3's create, patch and replace, and what v2's single calls share with them."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import merging
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.errors import (
    V3Error,
    bad_request,
    id_already_exists,
    invalid_id,
)
from syncline_sandbox.dotdigital.fields import FieldRefusal
from syncline_sandbox.dotdigital.identifiers import custom_names
from syncline_sandbox.dotdigital.merging import CannotUnsuppress, Wish
from syncline_sandbox.dotdigital.quality import banned_kind
from syncline_sandbox.dotdigital.storage import Transaction, take_ids
from syncline_sandbox.dotdigital.v3_bodies import (
    CONTACT_ID,
    EMAIL,
    MOBILE,
    BadIdentifier,
    BadWord,
    ContactBody,
    read_consents,
    read_email,
    read_mobile,
    wish_of,
)
from syncline_sandbox.dotdigital.vocabulary import (
    FIRST_CONTACT_ID,
    TEST_LIST_ID,
)
from syncline_sandbox.dotdigital.writing import Writer


def new_contact(account: Account, wish: Wish) -> Contact:
    """A new contact with a new id; not yet written."""
    contact_id = take_ids(account.connection, "next_contact", FIRST_CONTACT_ID)
    return merging.created(
        contact_id, wish, account.now_ms(), enforce_double=account.settings.enforce_double_opt_in
    )


def full(account: Account) -> bool:
    """Whether the account may hold no more contacts."""
    limit = account.settings.contact_limit
    return limit is not None and account.count_contacts() >= limit


class SingleWrites:
    """v3's single writes. All raise V3Error; nothing is stored then."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def create(self, body: ContactBody, matched: tuple[str, str] | None = None) -> Contact:
        """A new contact; ``matched`` is the identifier of a PATCH that found nobody."""
        wish = self._wish(body)
        if matched is not None:
            self._take_matched(wish, *matched)
        if wish.email is None and wish.mobile is None and not wish.custom:
            raise bad_request("The Identifiers field is required", "Identifiers")
        self._refuse_taken(wish, None)
        self._refuse_banned(wish)
        if full(self._account):
            raise V3Error("contacts:tooManyContacts", "The account may hold no more contacts")
        with Transaction(self._account.connection):
            contact = new_contact(self._account, wish)
            writer = Writer(self._account, contact.created)
            writer.insert(contact)
            self._attach(writer, contact, wish)
            writer.flush()
        return contact

    def update(self, before: Contact, body: ContactBody, merge: str) -> Contact:
        """Write what the body says and leave the rest."""
        wish = self._wish(body)
        self._refuse_taken(wish, before)
        if wish.email is not None and wish.email != before.email:
            self._refuse_banned(wish)
        now = self._account.now_ms()
        enforce = self._account.settings.enforce_double_opt_in
        try:
            after = merging.updated(before, wish, merge, now, enforce_double=enforce)
        except CannotUnsuppress as refusal:
            raise _cannot_unsuppress(refusal) from refusal
        with Transaction(self._account.connection):
            writer = Writer(self._account, now)
            writer.update(before, after)
            self._attach(writer, after, wish)
            writer.flush()
        return self._again(after)

    def replace(self, before: Contact, body: ContactBody) -> Contact:
        """Make the contact what the body says and nothing else; a suppression stays, and so do consents."""
        wish = self._wish(body)
        self._refuse_taken(wish, before)
        bare = msgspec.structs.replace(
            before, email=None, mobile=None, opt_in="Unknown", email_type="Html", fields={}
        )
        now = self._account.now_ms()
        enforce = self._account.settings.enforce_double_opt_in
        try:
            after = merging.updated(bare, wish, "overwrite", now, enforce_double=enforce)
        except CannotUnsuppress as refusal:
            raise _cannot_unsuppress(refusal) from refusal
        after.updated = now
        connection = self._account.connection
        with Transaction(connection):
            own = (before.id,)
            connection.execute("DELETE FROM members WHERE contact_id = ? AND status <> 'suppressed'", own)
            connection.execute("DELETE FROM opt_ins WHERE contact_id = ?", own)
            connection.execute("DELETE FROM custom_values WHERE contact_id = ?", own)
            writer = Writer(self._account, now)
            writer.update(before, after)
            self._attach(writer, after, wish)
            writer.flush()
        return self._again(after)

    def delete(self, contact: Contact) -> None:
        with Transaction(self._account.connection):
            store.delete(self._account.connection, [contact.id])

    def _wish(self, body: ContactBody) -> Wish:
        account = self._account
        try:
            wish = wish_of(body, account.fields, custom_names(account))
        except BadIdentifier as error:
            raise invalid_id(error.identifier, error.value) from error
        except BadWord as error:
            raise bad_request(str(error), error.item) from error
        except FieldRefusal as error:
            raise bad_request(str(error), error.name) from error
        if body.consentRecords is not UNSET and body.consentRecords is not None:
            wish.consents = read_consents(body.consentRecords)
            if wish.consents is None:
                raise bad_request("The consent records are incorrectly formatted", "consentRecords")
        self._check_attachments(wish)
        return wish

    def _check_attachments(self, wish: Wish) -> None:
        connection = self._account.connection
        for list_id in wish.lists or ():
            row = connection.execute("SELECT kind FROM lists WHERE id = ?", (list_id,)).fetchone()
            if row is None or row[0] != "list" or list_id == TEST_LIST_ID:
                raise bad_request(f"There is no list with the id '{list_id}'", "lists")
        for preference_id, _ in wish.preferences or ():
            row = connection.execute(
                "SELECT is_preference FROM preferences WHERE id = ?", (preference_id,)
            ).fetchone()
            if row is None or not row[0]:
                raise bad_request(f"There is no preference with the id '{preference_id}'", "preferences")

    def _take_matched(self, wish: Wish, identifier: str, value: str) -> None:
        """A PATCH that found nobody creates from its identifier too; an id can never be given."""
        if identifier == CONTACT_ID:
            # The definition knows no 404 here.
            raise invalid_id(identifier, value)
        if identifier == EMAIL:
            wish.email = wish.email or read_email(value)
        elif identifier == MOBILE:
            wish.mobile = wish.mobile or read_mobile(value)
        else:
            name = custom_names(self._account)[identifier.lower()]
            wish.custom = {name: value, **(wish.custom or {})}

    def _refuse_taken(self, wish: Wish, own: Contact | None) -> None:
        connection = self._account.connection
        owners: list[tuple[str, str, Contact | None]] = []
        if wish.email is not None:
            owners.append((EMAIL, wish.email, store.by_email(connection, wish.email)))
        if wish.mobile is not None:
            owners.append((MOBILE, wish.mobile, store.by_mobile(connection, wish.mobile)))
        for name, value in (wish.custom or {}).items():
            owners.append((name, value, store.by_custom(connection, name, value)))
        for identifier, value, owner in owners:
            if owner is not None and (own is None or owner.id != own.id):
                raise id_already_exists(identifier, value)

    def _refuse_banned(self, wish: Wish) -> None:
        kind = banned_kind(self._account, wish.email) if wish.email is not None else None
        if kind is not None:
            code = {"global": "globallySuppressed", "domain": "suppressedByDomain"}.get(kind, "emailBlocked")
            raise V3Error(f"contacts:{code}", f"The address '{wish.email}' may not be contacted")

    def _attach(self, writer: Writer, contact: Contact, wish: Wish) -> None:
        if wish.custom:
            writer.identify(contact.id, wish.custom)
        if wish.lists:
            writer.join(contact, wish.lists)
        if wish.preferences:
            writer.opt_in(contact.id, wish.preferences)
        if wish.consents:
            writer.consent(contact.id, wish.consents)

    def _again(self, contact: Contact) -> Contact:
        """The contact as stored, for a change of lists may have moved "updated"."""
        stored = store.by_id(self._account.connection, contact.id)
        assert stored is not None
        return stored


def _cannot_unsuppress(refusal: CannotUnsuppress) -> V3Error:
    details: list[dict[str, Any]] = [{"item": "status", "description": refusal.reason}]
    return V3Error(
        "contacts:contactCannotBeUnsuppressed", "The contact cannot be subscribed again", 400, details
    )
