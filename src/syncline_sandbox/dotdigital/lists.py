"""Lists (address books) and segments, and who is on them."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import V2Error
from syncline_sandbox.dotdigital.storage import take_ids
from syncline_sandbox.dotdigital.vocabulary import (
    ALL_CONTACTS_LIST,
    ALL_CONTACTS_LIST_ID,
    FIRST_LIST_ID,
    MAX_LIST_NAME_CHARACTERS,
    MEMBER_SUPPRESSED,
    TEST_LIST,
    TEST_LIST_ID,
    VISIBILITIES,
)

LIST = "list"
SEGMENT = "segment"

# All contacts is not stored: everybody who is not suppressed and has an address is on it.
_ON_ALL_CONTACTS = "removed_on IS NULL AND email IS NOT NULL"
_ON_LIST = f"id IN (SELECT contact_id FROM members WHERE list_id = ? AND status <> '{MEMBER_SUPPRESSED}')"


class ContactList(NamedTuple):
    """A list or a segment. ``rule`` is a segment's, see :func:`refresh_segment`."""

    id: int
    name: str
    kind: str
    visibility: str
    rule: str | None

    @property
    def reserved(self) -> bool:
        return self.id in (TEST_LIST_ID, ALL_CONTACTS_LIST_ID)


def add_reserved(connection: sqlite3.Connection) -> None:
    for list_id, name in ((TEST_LIST_ID, TEST_LIST), (ALL_CONTACTS_LIST_ID, ALL_CONTACTS_LIST)):
        _insert(connection, list_id, name, LIST, "Private", None)


def find(account: Account, list_id: int, *, segments: bool = False) -> ContactList:
    """The list, or with ``segments`` the segment, of this id. Raises ERROR_ADDRESSBOOK_NOT_FOUND."""
    if abs(list_id) < 2**63:
        row = account.connection.execute(
            "SELECT id, name, kind, visibility, rule FROM lists WHERE id = ?", (list_id,)
        ).fetchone()
        if row is not None and (segments or row["kind"] == LIST):
            return ContactList(*row)
    raise V2Error("ERROR_ADDRESSBOOK_NOT_FOUND")


def every(account: Account, kind: str = LIST) -> list[ContactList]:
    rows = account.connection.execute(
        "SELECT id, name, kind, visibility, rule FROM lists WHERE kind = ? ORDER BY id", (kind,)
    )
    return [ContactList(*row) for row in rows]


def create(account: Account, name: Any, visibility: Any) -> ContactList:
    """A new list. Raises V2Error by the rules about names."""
    clean = _checked_name(account, name, None)
    view = _checked_visibility(visibility) or "Private"
    limit = account.settings.list_limit
    if limit is not None and len(every(account)) >= limit:
        raise V2Error("ERROR_ADDRESSBOOK_LIMITEXCEEDED")
    list_id = take_ids(account.connection, "next_list", FIRST_LIST_ID)
    _insert(account.connection, list_id, clean, LIST, view, None)
    return find(account, list_id)


def create_segment(account: Account, name: str, rule: dict[str, Any]) -> ContactList:
    """A segment, which only the web application (here: the control address) can make."""
    list_id = take_ids(account.connection, "next_list", FIRST_LIST_ID)
    clean = _checked_name(account, name, None)
    _insert(account.connection, list_id, clean, SEGMENT, "Private", msgspec.json.encode(rule).decode())
    segment = find(account, list_id, segments=True)
    refresh_segment(account, segment)
    return segment


def change(account: Account, target: ContactList, name: Any, visibility: Any) -> ContactList:
    if target.reserved:
        raise V2Error("ERROR_ADDRESSBOOK_NOTWRITABLE")
    clean = _checked_name(account, name, target.id)
    view = _checked_visibility(visibility) or target.visibility
    account.connection.execute(
        "UPDATE lists SET name = ?, name_key = ?, visibility = ? WHERE id = ?",
        (clean, clean.lower(), view, target.id),
    )
    return find(account, target.id)


def delete(account: Account, target: ContactList) -> None:
    """Remove the list; its members stay in the account."""
    if target.reserved:
        raise V2Error("ERROR_ADDRESSBOOK_NOTWRITABLE")
    account.connection.execute("DELETE FROM members WHERE list_id = ?", (target.id,))
    account.connection.execute("DELETE FROM lists WHERE id = ?", (target.id,))


def count(account: Account, list_id: int) -> int:
    """Active members."""
    if list_id == ALL_CONTACTS_LIST_ID:
        query = f"SELECT count(*) FROM contacts WHERE {_ON_ALL_CONTACTS}"
        return int(account.connection.execute(query).fetchone()[0])
    query = f"SELECT count(*) FROM members WHERE list_id = ? AND status <> '{MEMBER_SUPPRESSED}'"
    return int(account.connection.execute(query, (list_id,)).fetchone()[0])


def counts(account: Account) -> dict[int, int]:
    """Active members of every list that has any."""
    query = f"SELECT list_id, count(*) FROM members WHERE status <> '{MEMBER_SUPPRESSED}' GROUP BY list_id"
    found = {row[0]: row[1] for row in account.connection.execute(query)}
    found[ALL_CONTACTS_LIST_ID] = count(account, ALL_CONTACTS_LIST_ID)
    return found


def membership_condition(list_id: int) -> tuple[str, tuple[int, ...]]:
    """SQL condition on contacts, with its parameters, for the active members of a list or segment."""
    if list_id == ALL_CONTACTS_LIST_ID:
        return _ON_ALL_CONTACTS, ()
    return _ON_LIST, (list_id,)


def lists_of(account: Account, contact_id: int) -> list[tuple[int, str]]:
    """(list id, membership status) of one contact; segments and All contacts are not among them."""
    rows = account.connection.execute(
        "SELECT m.list_id, m.status FROM members m JOIN lists l ON l.id = m.list_id "
        f"WHERE m.contact_id = ? AND l.kind = '{LIST}' ORDER BY m.list_id",
        (contact_id,),
    )
    return [(row[0], row[1]) for row in rows]


def member_status(account: Account, list_id: int, contact_id: int) -> str | None:
    row = account.connection.execute(
        "SELECT status FROM members WHERE list_id = ? AND contact_id = ?", (list_id, contact_id)
    ).fetchone()
    return None if row is None else str(row[0])


def remove_members(account: Account, list_id: int, contact_ids: Sequence[int]) -> None:
    """End memberships. That is not an unsubscribe: the person may be added again."""
    account.connection.executemany(
        f"DELETE FROM members WHERE list_id = ? AND contact_id = ? AND status <> '{MEMBER_SUPPRESSED}'",
        [(list_id, contact_id) for contact_id in contact_ids],
    )
    bump(account, contact_ids)


def remove_all_members(account: Account, list_id: int) -> None:
    condition, parameters = membership_condition(list_id)
    rows = account.connection.execute(f"SELECT id FROM contacts WHERE {condition}", parameters)
    remove_members(account, list_id, [row[0] for row in rows])


def bump(account: Account, contact_ids: Iterable[int]) -> None:
    """Move "updated" of people whose lists or preferences changed, where the account is set to do so."""
    if account.settings.list_change_bumps_modified:
        now = account.now_ms()
        account.connection.executemany(
            "UPDATE contacts SET updated = ? WHERE id = ?", [(now, contact_id) for contact_id in contact_ids]
        )


def refresh_segment(account: Account, segment: ContactList) -> None:
    """Find a segment's members again.

    The rule is an object of conditions that must all hold: ``status`` (v2's word), ``optInType``, or the
    name of a data field with the value it must have. An empty rule means everybody.
    """
    rule: dict[str, Any] = msgspec.json.decode(segment.rule or "{}")
    conditions, parameters = ["removed_on IS NULL"], []
    for key, value in rule.items():
        if key == "status":
            conditions.append("status = ?")
        elif key == "optInType":
            conditions.append("opt_in = ?")
        else:
            conditions.append("json_extract(fields, ?) = ?")
            parameters.append(f'$."{key.upper()}"')
        parameters.append(value)
    account.connection.execute("DELETE FROM members WHERE list_id = ?", (segment.id,))
    account.connection.execute(
        "INSERT INTO members SELECT ?, id, 'subscribed', ? FROM contacts WHERE " + " AND ".join(conditions),
        (segment.id, account.now_ms(), *parameters),
    )


def _checked_name(account: Account, name: Any, own_id: int | None) -> str:
    if not isinstance(name, str) or not name.strip() or len(name.strip()) > MAX_LIST_NAME_CHARACTERS:
        raise V2Error("ERROR_ADDRESSBOOK_INVALID")
    clean = name.strip()
    row = account.connection.execute("SELECT id FROM lists WHERE name_key = ?", (clean.lower(),)).fetchone()
    if row is not None and row[0] != own_id:
        raise V2Error("ERROR_ADDRESSBOOK_DUPLICATE")
    return clean


def _checked_visibility(visibility: Any) -> str | None:
    if visibility is None:
        return None
    for word in VISIBILITIES:
        if isinstance(visibility, str) and visibility.lower() == word.lower():
            return word
    raise V2Error("ERROR_ADDRESSBOOK_INVALID")


def _insert(
    connection: sqlite3.Connection, list_id: int, name: str, kind: str, visibility: str, rule: str | None
) -> None:
    connection.execute(
        "INSERT INTO lists (id, name, name_key, kind, visibility, rule) VALUES (?, ?, ?, ?, ?, ?)",
        (list_id, name, name.lower(), kind, visibility, rule),
    )
