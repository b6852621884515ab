"""Collects what is to be written and writes it in few statements: one contact or ten thousand."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

import msgspec

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.statuses import PENDING
from syncline_sandbox.dotdigital.vocabulary import (
    ALL_CONTACTS_LIST_ID,
    MEMBER_PENDING,
    MEMBER_SUBSCRIBED,
    MEMBER_SUPPRESSED,
)

_encode = msgspec.json.Encoder().encode

_INSERT = (
    "INSERT INTO contacts (id, email, mobile, status, opt_in, email_type, created, updated, subscribed, "
    "reason, removed_on, sms_status, whatsapp_status, fields) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE = (
    "UPDATE contacts SET email = ?, mobile = ?, status = ?, opt_in = ?, email_type = ?, updated = ?, "
    "subscribed = ?, reason = ?, removed_on = ?, sms_status = ?, whatsapp_status = ?, fields = ? WHERE id = ?"
)


class Writer:
    """Gathers changes at one moment; nothing is in the store before :meth:`flush`."""

    def __init__(self, account: Account, now: int) -> None:
        self._account = account
        self._now = now
        self._inserts: list[tuple[Any, ...]] = []
        self._updates: list[tuple[Any, ...]] = []
        self._joins: list[tuple[int, int, str, int]] = []
        self._leavers: list[tuple[int]] = []
        self._opt_ins: list[tuple[int, int, bool, int]] = []
        self._consents: list[tuple[str, int, int, bytes]] = []
        self._custom: list[tuple[str, str, int]] = []
        self._touched: set[int] = set()

    def insert(self, c: Contact) -> None:
        self._inserts.append(
            (c.id, c.email, c.mobile, c.status, c.opt_in, c.email_type, c.created, c.updated, c.subscribed,
             c.reason, c.removed_on, c.sms_status, c.whatsapp_status, _encode(c.fields).decode())
        )  # fmt: skip

    def update(self, before: Contact, after: Contact) -> None:
        """Write an existing contact; one who became suppressed leaves all lists."""
        if after == before:
            return
        self._updates.append(
            (after.email, after.mobile, after.status, after.opt_in, after.email_type, after.updated,
             after.subscribed, after.reason, after.removed_on, after.sms_status, after.whatsapp_status,
             _encode(after.fields).decode(), after.id)
        )  # fmt: skip
        if after.suppressed and not before.suppressed:
            self._leavers.append((after.id,))

    def join(self, contact: Contact, list_ids: Iterable[int]) -> None:
        """Add to lists. Neither a suppressed person nor one who left that list becomes an active member."""
        if contact.removed_on is not None:
            return
        status = MEMBER_PENDING if contact.status == PENDING else MEMBER_SUBSCRIBED
        now = self._now
        for list_id in list_ids:
            if list_id != ALL_CONTACTS_LIST_ID:
                self._joins.append((list_id, contact.id, status, now))

    def opt_in(self, contact_id: int, choices: Iterable[tuple[int, bool]]) -> None:
        self._opt_ins.extend(
            (contact_id, preference_id, opted_in, self._now) for preference_id, opted_in in choices
        )

    def consent(self, contact_id: int, records: Iterable[dict[str, str]]) -> None:
        self._consents.extend(
            (str(uuid.uuid4()), contact_id, self._now, _encode(record)) for record in records
        )

    def identify(self, contact_id: int, custom: dict[str, str]) -> None:
        """Set custom identifiers; a contact has one value of each."""
        self._custom.extend((name, value, contact_id) for name, value in custom.items())

    def flush(self) -> None:
        """Write everything gathered; call inside a transaction."""
        connection = self._account.connection
        # Updates first: a new contact may take an address that an existing one has just given up.
        connection.executemany(_UPDATE, self._updates)
        connection.executemany(_INSERT, self._inserts)
        if self._leavers:
            connection.executemany(
                f"DELETE FROM members WHERE contact_id = ? AND status <> '{MEMBER_SUPPRESSED}'",
                self._leavers,
            )
        if self._account.settings.list_change_bumps_modified:
            self._bump_joiners()
        # Sorted, because rows that arrive in the order of the tree are cheaper to insert.
        connection.executemany("INSERT OR IGNORE INTO members VALUES (?, ?, ?, ?)", sorted(self._joins))
        self._write_opt_ins()
        connection.executemany("INSERT INTO consents VALUES (?, ?, ?, ?)", self._consents)
        for name, _, contact_id in self._custom:
            connection.execute(
                "DELETE FROM custom_values WHERE name = ? AND contact_id = ?", (name, contact_id)
            )
        connection.executemany("INSERT INTO custom_values VALUES (?, ?, ?)", self._custom)
        bumped = [(self._now, contact_id) for contact_id in self._touched]
        connection.executemany("UPDATE contacts SET updated = ? WHERE id = ?", bumped)

    def _bump_joiners(self) -> None:
        for list_id, contact_id, _, _ in self._joins:
            known = self._account.connection.execute(
                "SELECT 1 FROM members WHERE list_id = ? AND contact_id = ?", (list_id, contact_id)
            ).fetchone()
            if known is None:
                self._touched.add(contact_id)

    def _write_opt_ins(self) -> None:
        """A choice that is what it was keeps its date: last modified tells of changes."""
        cursor = self._account.connection.executemany(
            "INSERT INTO opt_ins VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET opted_in = excluded.opted_in, "
            "modified = excluded.modified WHERE opted_in <> excluded.opted_in",
            self._opt_ins,
        )
        if cursor.rowcount > 0 and self._account.settings.list_change_bumps_modified:
            self._touched.update(contact_id for contact_id, _, _, _ in self._opt_ins)
