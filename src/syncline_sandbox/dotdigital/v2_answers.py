"""Contacts, lists and suppressions as v2 shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.lists import ContactList
from syncline_sandbox.dotdigital.moments import iso, local_looking
from syncline_sandbox.dotdigital.vocabulary import CONSENT_KEYS, LAST_SUBSCRIBED

# v2's key names are not in the definitions; these are assumed, read without case.
_CONSENT_KEY = {
    "text": "TEXT",
    "dateTimeConsented": "DATETIMECONSENTED",
    "url": "URL",
    "ipAddress": "IPADDRESS",
    "userAgent": "USERAGENT",
}
assert tuple(_CONSENT_KEY.values()) == CONSENT_KEYS


def contact_v2(contact: Contact, fields: Sequence[str] | None) -> dict[str, Any]:
    """One contact; ``fields`` None leaves dataFields null, otherwise all of them are listed."""
    return {
        "id": contact.id,
        "email": contact.email,
        "optInType": contact.opt_in,
        "emailType": contact.email_type,
        "dataFields": None if fields is None else _data(contact, fields),
        "status": contact.status,
    }


def contacts_v2(account: Account, contacts: Sequence[Contact], *, full: bool) -> list[dict[str, Any]]:
    fields = account.fields.names() if full else None
    return [contact_v2(contact, fields) for contact in contacts]


def suppression_v2(contact: Contact, removed_on: int, reason: str) -> dict[str, Any]:
    """Suppressed contacts never carry data fields."""
    return {
        "suppressedContact": contact_v2(contact, None),
        "dateRemoved": iso(removed_on),
        "reason": reason,
    }


def list_v2(target: ContactList, members: int) -> dict[str, Any]:
    return {"id": target.id, "name": target.name, "visibility": target.visibility, "contacts": members}


def consents_v2(account: Account, contact_id: int) -> list[dict[str, Any]]:
    rows = account.connection.execute(
        "SELECT id, record FROM consents WHERE contact_id = ? ORDER BY created, rowid", (contact_id,)
    )
    return [
        {
            "id": row["id"],
            "fields": [
                {"key": _CONSENT_KEY[name], "value": value}
                for name, value in msgspec.json.decode(row["record"]).items()
            ],
        }
        for row in rows
    ]


def _data(contact: Contact, fields: Sequence[str]) -> list[dict[str, Any]]:
    stored = contact.fields.get
    data = [{"key": name, "value": stored(name)} for name in fields]
    if contact.subscribed is not None:
        for entry in data:
            if entry["key"] == LAST_SUBSCRIBED and entry["value"] is None:
                entry["value"] = local_looking(contact.subscribed)
    return data
