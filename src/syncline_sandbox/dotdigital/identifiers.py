"""Finding a contact by any of its identifiers, as v3's paths name them."""

from __future__ import annotations

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.errors import V3Error, invalid_id
from syncline_sandbox.dotdigital.v3_bodies import (
    CONTACT_ID,
    EMAIL,
    MOBILE,
    BadIdentifier,
    read_contact_id,
    read_email,
    read_mobile,
)
from syncline_sandbox.dotdigital.vocabulary import MAX_IDENTIFIER_CHARACTERS

BUILT_IN = (CONTACT_ID, EMAIL, MOBILE)


def custom_names(account: Account) -> dict[str, str]:
    """Lower-case names of custom identifiers to their stored names."""
    return {
        row[0].lower(): row[0] for row in account.connection.execute("SELECT name FROM custom_identifiers")
    }


def find_by_identifier(account: Account, identifier: str, value: str) -> Contact | None:
    """The contact that this identifier belongs to. Raises contacts:invalidId for an impossible value."""
    if len(value) > MAX_IDENTIFIER_CHARACTERS:
        raise invalid_id(identifier, value)
    try:
        if identifier == CONTACT_ID:
            return store.by_id(account.connection, read_contact_id(value))
        if identifier == EMAIL:
            return store.by_email(account.connection, read_email(value))
        if identifier == MOBILE:
            return store.by_mobile(account.connection, read_mobile(value))
    except BadIdentifier as error:
        raise invalid_id(identifier, value) from error
    name = custom_names(account).get(identifier.lower())
    if name is None:
        raise V3Error("contacts:invalidId", f"'{identifier}' is not an identifier of the account")
    return store.by_custom(account.connection, name, value)
