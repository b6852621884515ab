"""Reading the rows of a v3 import, and finding at once the contacts that they are about."""

from __future__ import annotations

from typing import Any

import msgspec

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.addresses import normal_email
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.v3_bodies import (
    CONTACT_ID,
    EMAIL,
    MOBILE,
    ImportBody,
    ImportEnvelope,
    ImportRow,
)

Key = tuple[str, Any]

_decode_rows = msgspec.json.Decoder(ImportBody).decode
_decode_row = msgspec.json.Decoder(ImportRow).decode


def read_rows(payload: bytes) -> list[ImportRow | msgspec.Raw]:
    """All rows; one that breaks the definition is left as raw JSON, and only that one."""
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


def why_not(raw: msgspec.Raw) -> str:
    """What is wrong with a row that breaks the definition."""
    try:
        _decode_row(raw)
    except msgspec.ValidationError as error:
        return str(error)
    return "The contact does not fit the definition"


def salvage(raw: msgspec.Raw) -> tuple[str, dict[str, Any]]:
    """Match identifier and identifiers of such a row, as far as they can be read."""
    row = msgspec.json.decode(raw)
    if not isinstance(row, dict):
        return EMAIL, {}
    match, identifiers = row.get("matchIdentifier"), row.get("identifiers")
    return (
        match if isinstance(match, str) else EMAIL,
        identifiers if isinstance(identifiers, dict) else {},
    )


class Survey:
    """What the rows of an import name: addresses, ids, lists."""

    def __init__(self, rows: list[ImportRow | msgspec.Raw]) -> None:
        self.emails: list[str] = []
        self.ids: set[int] = set()
        self.lists: set[int] = set()
        for row in rows:
            if type(row) is not ImportRow or row.identifiers is None:
                continue
            email = row.identifiers.get(EMAIL)
            if type(email) is str:
                self.emails.append(normal_email(email))
            if CONTACT_ID in row.identifiers:
                contact_id = row.identifiers[CONTACT_ID]
                if type(contact_id) is int and 0 <= contact_id < 2**63:
                    self.ids.add(contact_id)
            if row.lists:
                self.lists.update(row.lists)


class Known:
    """Contacts by identifier during an import: as stored, and as earlier rows have left them."""

    def __init__(self, account: Account, survey: Survey) -> None:
        self._connection = account.connection
        self._by: dict[Key, Contact] = {}
        for contact in store.many_by_email(self._connection, sorted(set(survey.emails))):
            self.remember(contact)
        for contact in store.many_by_id(self._connection, sorted(survey.ids)):
            self.remember(contact)

    def find(self, key: Key) -> Contact | None:
        """Addresses and ids were looked up beforehand; other identifiers are rare and looked up now."""
        known = self._by.get(key)
        if known is not None or key[0] == EMAIL or key[0] == CONTACT_ID:
            return known
        if key[0] == MOBILE:
            contact = store.by_mobile(self._connection, key[1])
        else:
            contact = store.by_custom(self._connection, *key)
        if contact is None:
            return None
        # An earlier row may have changed this contact already.
        return self._by.get((CONTACT_ID, contact.id), contact)

    def remember(self, contact: Contact) -> None:
        self._by[CONTACT_ID, contact.id] = contact
        if contact.email is not None:
            self._by[EMAIL, contact.email] = contact

    def changed(self, before: Contact | None, after: Contact, keys: tuple[Key, ...]) -> None:
        """From now on the keys mean the contact as it is after its row."""
        if before is not None and before.email != after.email:
            self._by.pop((EMAIL, before.email), None)
        self.remember(after)
        if len(keys) > 1:
            for key in keys:
                self._by[key] = after
