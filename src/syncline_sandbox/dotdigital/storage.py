"""The SQLite store: one file, one connection, everything a snapshot has to keep."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import sqlite3
from pathlib import Path

# Ids of contacts, lists and preferences are never used twice, so they come from counters in "meta".
# Times are whole milliseconds since 1970. "fields" is a JSON object of data fields under their stored names.
# A contact's "status" is the e-mail channel's in v2's words ("NoSubscription" without an address);
# "reason" and "removed_on" are set while the person is suppressed, also while a resubscription waits for
# confirmation.
SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    email TEXT,
    mobile TEXT,
    status TEXT NOT NULL,
    opt_in TEXT NOT NULL,
    email_type TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    subscribed INTEGER,
    reason TEXT,
    removed_on INTEGER,
    sms_status TEXT,
    whatsapp_status TEXT,
    fields TEXT NOT NULL
);
CREATE UNIQUE INDEX contacts_email ON contacts (email);
CREATE UNIQUE INDEX contacts_mobile ON contacts (mobile) WHERE mobile IS NOT NULL;
CREATE INDEX contacts_updated ON contacts (updated, id);
CREATE INDEX contacts_removed ON contacts (removed_on, id) WHERE removed_on IS NOT NULL;
CREATE TABLE members (
    list_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (list_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX members_contact ON members (contact_id, list_id);
CREATE TABLE lists (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL,
    rule TEXT
);
CREATE TABLE data_fields (
    name TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    visibility TEXT NOT NULL,
    default_value TEXT,
    built_in INTEGER NOT NULL,
    position INTEGER NOT NULL,
    used_in TEXT
);
CREATE TABLE preferences (
    id INTEGER PRIMARY KEY,
    category_id INTEGER NOT NULL,
    is_preference INTEGER NOT NULL,
    public_name TEXT NOT NULL,
    private_name TEXT NOT NULL,
    sort_order TEXT NOT NULL,
    is_public INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL
);
CREATE TABLE opt_ins (
    contact_id INTEGER NOT NULL,
    preference_id INTEGER NOT NULL,
    opted_in INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (contact_id, preference_id)
) WITHOUT ROWID;
CREATE INDEX opt_ins_preference ON opt_ins (preference_id, contact_id);
CREATE TABLE consents (
    id TEXT PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    created INTEGER NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX consents_contact ON consents (contact_id);
CREATE TABLE custom_identifiers (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
);
CREATE TABLE custom_values (
    name TEXT NOT NULL COLLATE NOCASE,
    value TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    PRIMARY KEY (name, value)
) WITHOUT ROWID;
CREATE INDEX custom_values_contact ON custom_values (contact_id);
CREATE TABLE banned (kind TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, value)) WITHOUT ROWID;
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    created INTEGER NOT NULL,
    due INTEGER,
    options TEXT NOT NULL,
    payload BLOB,
    report BLOB,
    faults BLOB
);
CREATE INDEX jobs_due ON jobs (due) WHERE due IS NOT NULL;
"""

TABLES = [
    "meta",
    "contacts",
    "members",
    "lists",
    "data_fields",
    "preferences",
    "opt_ins",
    "consents",
    "custom_identifiers",
    "custom_values",
    "banned",
    "jobs",
]


def open_store(data_dir: Path) -> sqlite3.Connection:
    """Open the store of this directory, making it when it is new.

    A sandbox survives being killed, not a power cut: nothing is forced to disk.
    """
    connection = sqlite3.connect(
        data_dir / "dotdigital.sqlite", isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA temp_store = MEMORY")
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
        connection.executescript(SCHEMA)
    return connection


def empty_store(connection: sqlite3.Connection) -> None:
    """Remove all rows. The file keeps its size; SQLite uses the space again."""
    with Transaction(connection):
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}")


class Transaction:
    """``with Transaction(connection)``: all or nothing. An inner one joins the outer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._outer = False

    def __enter__(self) -> None:
        self._outer = not self._connection.in_transaction
        if self._outer:
            self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._outer:
            self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def get_meta(connection: sqlite3.Connection, name: str) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def set_meta(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))


def take_ids(connection: sqlite3.Connection, counter: str, first: int, count: int = 1) -> int:
    """Reserve ``count`` ids and return the first of them; they are never given again."""
    start = int(get_meta(connection, counter) or first)
    set_meta(connection, counter, str(start + count))
    return start
