"""Contacts as v3 shows them."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.addresses import country_of
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.lists import LIST
from syncline_sandbox.dotdigital.moments import iso
from syncline_sandbox.dotdigital.statuses import EMAIL_STATUS_V3, contact_status_v3
from syncline_sandbox.dotdigital.v3_bodies import CONSENT_FIELDS
from syncline_sandbox.dotdigital.vocabulary import ALL_CONTACTS_LIST, ALL_CONTACTS_LIST_ID, LAST_SUBSCRIBED

CHANNELS = "channelProperties"
LISTS = "lists"
PREFERENCES = "preferences"
CONSENTS = "consentRecords"
BLOCKS = (CHANNELS, LISTS, PREFERENCES, CONSENTS)

ALL_FIELDS = "[[ALL]]"


def contacts_v3(
    account: Account, contacts: Sequence[Contact], blocks: Sequence[str], fields: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Answer objects for these contacts with the blocks asked for; ``fields`` None leaves dataFields out."""
    if not contacts:
        return []
    ids = [contact.id for contact in contacts]
    identifiers = _custom_identifiers(account, ids)
    answers = [_basics(contact, identifiers) for contact in contacts]
    if fields is not None:
        _add_fields(answers, contacts, fields)
    if CHANNELS in blocks:
        for answer, contact in zip(answers, contacts, strict=True):
            answer[CHANNELS] = _channels(contact)
    if LISTS in blocks:
        _add_lists(account, answers, contacts, ids)
    if PREFERENCES in blocks:
        preferences = _preferences(account, ids)
        for answer in answers:
            # The definition asks for at least one entry, so nothing is shown where there is none.
            if (found := preferences.get(answer["contactId"])) is not None:
                answer[PREFERENCES] = found
    if CONSENTS in blocks:
        consents = _consents(account, ids)
        for answer in answers:
            answer[CONSENTS] = consents.get(answer["contactId"], [])
    return answers


def full_contact_v3(account: Account, contact: Contact) -> dict[str, Any]:
    """One contact with every block, as single calls answer."""
    return contacts_v3(account, [contact], BLOCKS, account.fields.names())[0]


def wanted_fields(account: Account, names: Sequence[str]) -> list[str]:
    """Stored names of the data fields asked for, ``[[ALL]]`` meaning all; unknown names are passed over."""
    if ALL_FIELDS in names:
        return account.fields.names()
    found = (account.fields.find(name) for name in names)
    return [field.name for field in found if field is not None]


def _basics(contact: Contact, custom: dict[int, dict[str, str]]) -> dict[str, Any]:
    identifiers: dict[str, Any] = {}
    if contact.email is not None:
        identifiers["email"] = contact.email
    if contact.mobile is not None:
        identifiers["mobileNumber"] = contact.mobile
    if custom and (own := custom.get(contact.id)) is not None:
        identifiers.update(own)
    return {
        "contactId": contact.id,
        "status": contact_status_v3(contact.status),
        "created": iso(contact.created),
        "updated": iso(contact.updated),
        "identifiers": identifiers,
    }


def _add_fields(answers: list[dict[str, Any]], contacts: Sequence[Contact], fields: Sequence[str]) -> None:
    for answer, contact in zip(answers, contacts, strict=True):
        stored = contact.fields.get
        data = {name: stored(name) for name in fields}
        if LAST_SUBSCRIBED in data and data[LAST_SUBSCRIBED] is None and contact.subscribed is not None:
            data[LAST_SUBSCRIBED] = iso(contact.subscribed)
        answer["dataFields"] = data


def _channels(contact: Contact) -> dict[str, Any]:
    channels: dict[str, Any] = {}
    if contact.email is not None:
        channels["email"] = {
            "emailType": contact.email_type,
            "optInType": contact.opt_in,
            "status": EMAIL_STATUS_V3[contact.status],
        }
    if contact.mobile is not None:
        channels["sms"] = {
            "countryCode": country_of(contact.mobile),
            "status": contact.sms_status or "noSubscription",
        }
        channels["whatsApp"] = {"status": contact.whatsapp_status or "noSubscription"}
    return channels


def _add_lists(
    account: Account, answers: list[dict[str, Any]], contacts: Sequence[Contact], ids: Sequence[int]
) -> None:
    found: dict[int, list[dict[str, Any]]] = {}
    query = (
        "SELECT m.contact_id, m.list_id, l.name, m.status FROM members m JOIN lists l ON l.id = m.list_id "
        f"WHERE l.kind = '{LIST}' AND {_among('m.contact_id', ids)} ORDER BY m.contact_id, m.list_id"
    )
    for contact_id, list_id, name, status in _rows(account, query):
        found.setdefault(contact_id, []).append({"id": list_id, "name": name, "status": status})
    show_all = account.settings.v3_lists_show_all_contacts
    for answer, contact in zip(answers, contacts, strict=True):
        entries = found.get(contact.id, [])
        if show_all and contact.email is not None and not contact.suppressed:
            entry = {"id": ALL_CONTACTS_LIST_ID, "name": ALL_CONTACTS_LIST, "status": "subscribed"}
            entries = [entry, *entries]
        answer[LISTS] = entries


def _preferences(account: Account, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Preferences opted in to. "name" is required by the definition though not among its properties."""
    query = (
        "SELECT o.contact_id, p.id, p.public_name, p.private_name FROM opt_ins o "
        "JOIN preferences p ON p.id = o.preference_id "
        f"WHERE o.opted_in = 1 AND {_among('o.contact_id', ids)} ORDER BY p.id"
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for contact_id, preference_id, public_name, private_name in _rows(account, query):
        found.setdefault(contact_id, []).append(
            {
                "id": preference_id,
                "isOptedIn": True,
                "name": public_name,
                "publicName": public_name,
                "privateName": private_name,
            }
        )
    return found


def _consents(account: Account, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    query = (
        "SELECT contact_id, created, record FROM consents "
        f"WHERE {_among('contact_id', ids)} ORDER BY created, rowid"
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for contact_id, created, text in _rows(account, query):
        record = msgspec.json.decode(text)
        # v2 takes incomplete records, for which v3's definition has no room.
        if len(record) == len(CONSENT_FIELDS):
            found.setdefault(contact_id, []).append({**record, "dateTimeCreated": iso(created)})
    return found


def _custom_identifiers(account: Account, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    query = f"SELECT contact_id, name, value FROM custom_values WHERE {_among('contact_id', ids)}"
    found: dict[int, dict[str, str]] = {}
    for contact_id, name, value in _rows(account, query):
        found.setdefault(contact_id, {})[name] = value
    return found


def _among(column: str, ids: Sequence[int]) -> str:
    """A condition that is quick for a page of ascending ids: a range, narrowed where needed."""
    span = f"{column} BETWEEN {min(ids)} AND {max(ids)}"
    if max(ids) - min(ids) + 1 == len(ids):
        return span
    return f"{span} AND {column} IN ({','.join(map(str, ids))})"


def _rows(account: Account, query: str) -> Any:
    cursor = account.connection.cursor()
    cursor.row_factory = None
    return cursor.execute(query)
