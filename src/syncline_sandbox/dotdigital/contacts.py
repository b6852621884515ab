"""Contacts as they are stored, and the ways to find them."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from syncline_sandbox.dotdigital.addresses import normal_email

COLUMNS = (
    "id, email, mobile, status, opt_in, email_type, created, updated, subscribed, reason, removed_on, "
    "sms_status, whatsapp_status, fields"
)
# SQLite takes more, but long lists of parameters stop being quicker.
LOOK_UP_CHUNK = 5000


class Contact(msgspec.Struct, gc=False):
    """One row of the table; ``fields`` decoded. See storage.py for the meaning of the columns."""

    id: int
    email: str | None
    mobile: str | None
    status: str
    opt_in: str
    email_type: str
    created: int
    updated: int
    subscribed: int | None
    reason: str | None
    removed_on: int | None
    sms_status: str | None
    whatsapp_status: str | None
    fields: dict[str, Any]

    @property
    def suppressed(self) -> bool:
        """On the suppression list, whatever the reason; also while a resubscription waits for the person."""
        return self.removed_on is not None


# Columns and attributes are in the same order.
_new: Callable[..., Contact] = Contact
_decode_fields = msgspec.json.Decoder(dict[str, Any]).decode


def from_row(row: Sequence[Any]) -> Contact:
    """A contact from a row of :data:`COLUMNS`."""
    *columns, fields = row
    return _new(*columns, _decode_fields(fields))


def by_id(connection: sqlite3.Connection, contact_id: int) -> Contact | None:
    return _one(connection, "id = ?", contact_id) if abs(contact_id) < 2**63 else None


def by_email(connection: sqlite3.Connection, email: str) -> Contact | None:
    return _one(connection, "email = ?", normal_email(email))


def by_mobile(connection: sqlite3.Connection, mobile: str) -> Contact | None:
    return _one(connection, "mobile = ?", mobile)


def by_custom(connection: sqlite3.Connection, name: str, value: str) -> Contact | None:
    return _one(
        connection, "id = (SELECT contact_id FROM custom_values WHERE name = ? AND value = ?)", name, value
    )


def by_id_or_email(connection: sqlite3.Connection, text: str) -> Contact | None:
    """v2 takes either in the same place: digits are an id."""
    return by_id(connection, int(text)) if text.isdecimal() else by_email(connection, text)


def many_by_email(connection: sqlite3.Connection, emails: Sequence[str]) -> Iterable[Contact]:
    """All contacts with one of these normalised addresses."""
    yield from _many(connection, "email", emails)


def many_by_id(connection: sqlite3.Connection, ids: Sequence[int]) -> Iterable[Contact]:
    yield from _many(connection, "id", ids)


def select(connection: sqlite3.Connection, tail: str, parameters: Sequence[Any] = ()) -> list[Contact]:
    """Contacts by a query that goes on after ``SELECT … FROM contacts``."""
    cursor = connection.cursor()
    cursor.row_factory = None
    cursor.execute(f"SELECT {COLUMNS} FROM contacts {tail}", parameters)
    return [from_row(row) for row in cursor]


def delete(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Remove contacts from the account, and with them everything that hangs on them."""
    rows = [(contact_id,) for contact_id in ids]
    for table in ("members", "opt_ins", "consents", "custom_values"):
        connection.executemany(f"DELETE FROM {table} WHERE contact_id = ?", rows)
    connection.executemany("DELETE FROM insight_records WHERE owner = ?", rows)
    for table in ("scores", "contacts"):
        connection.executemany(f"DELETE FROM {table} WHERE id = ?", rows)


def _one(connection: sqlite3.Connection, condition: str, *parameters: Any) -> Contact | None:
    return next(iter(select(connection, f"WHERE {condition}", parameters)), None)


def _many(connection: sqlite3.Connection, column: str, values: Sequence[Any]) -> Iterable[Contact]:
    for start in range(0, len(values), LOOK_UP_CHUNK):
        chunk = values[start : start + LOOK_UP_CHUNK]
        marks = ",".join("?" * len(chunk))
        yield from select(connection, f"WHERE {column} IN ({marks})", chunk)
