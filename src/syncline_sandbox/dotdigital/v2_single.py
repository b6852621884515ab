"""v2's single writes: create or update by address, update by id, add to a list."""

from __future__ import annotations

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import merging
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.errors import V2Error
from syncline_sandbox.dotdigital.lists import ContactList, member_status
from syncline_sandbox.dotdigital.merging import Wish
from syncline_sandbox.dotdigital.quality import banned_kind
from syncline_sandbox.dotdigital.single import full, new_contact
from syncline_sandbox.dotdigital.storage import Transaction
from syncline_sandbox.dotdigital.vocabulary import MEMBER_SUPPRESSED, OVERWRITE, TEST_LIST_ID
from syncline_sandbox.dotdigital.writing import Writer


def create_or_update(account: Account, wish: Wish, target: ContactList | None = None) -> Contact:
    """Write by address, and add to the list if one is given. Somebody suppressed is refused."""
    assert wish.email is not None
    if target is not None and target.id == TEST_LIST_ID:
        raise V2Error("ERROR_ADDRESSBOOK_NOTWRITABLE")
    before = store.by_email(account.connection, wish.email)
    if before is not None:
        if before.suppressed:
            raise V2Error("ERROR_CONTACT_SUPPRESSED")
        if target is not None and member_status(account, target.id, before.id) == MEMBER_SUPPRESSED:
            raise V2Error("ERROR_CONTACT_SUPPRESSEDFORADDRESSBOOK")
    else:
        _refuse_new(account, wish.email)
    if target is not None:
        wish.lists = [target.id]
    return _write(account, before, wish)


def update(account: Account, contact_id: int, wish: Wish) -> Contact:
    """Write by id; the address may change, a suppression stays."""
    before = store.by_id(account.connection, contact_id)
    if before is None:
        raise V2Error("ERROR_CONTACT_NOT_FOUND")
    assert wish.email is not None
    owner = store.by_email(account.connection, wish.email)
    if owner is not None and owner.id != contact_id:
        raise V2Error("ERROR_NON_UNIQUE_EMAIL")
    return _write(account, before, wish)


def _refuse_new(account: Account, email: str) -> None:
    if banned_kind(account, email) is not None:
        raise V2Error("ERROR_EMAIL_BANNED")
    if full(account):
        raise V2Error("ERROR_CONTACT_TOOMANY")


def _write(account: Account, before: Contact | None, wish: Wish) -> Contact:
    with Transaction(account.connection):
        if before is None:
            contact = new_contact(account, wish)
            writer = Writer(account, contact.created)
            writer.insert(contact)
        else:
            now = account.now_ms()
            enforce = account.settings.enforce_double_opt_in
            contact = merging.updated(before, wish, OVERWRITE, now, enforce_double=enforce)
            writer = Writer(account, now)
            writer.update(before, contact)
        if wish.lists:
            writer.join(contact, wish.lists)
        if wish.preferences:
            writer.opt_in(contact.id, wish.preferences)
        if wish.consents:
            writer.consent(contact.id, wish.consents)
        writer.flush()
    stored = store.by_id(account.connection, contact.id)
    assert stored is not None
    return stored
