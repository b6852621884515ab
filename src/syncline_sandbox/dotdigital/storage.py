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
# A row of "sends" is one campaign to one person at one moment, with its totals for life; "activity" is what
# the person then did, "detail" the JSON that an answer tells of it; "planned" is activity yet to come.
# "version" of a campaign grows with every change of its figures.
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contacts (
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
CREATE UNIQUE INDEX IF NOT EXISTS contacts_email ON contacts (email);
CREATE UNIQUE INDEX IF NOT EXISTS contacts_mobile ON contacts (mobile) WHERE mobile IS NOT NULL;
CREATE INDEX IF NOT EXISTS contacts_updated ON contacts (updated, id);
CREATE INDEX IF NOT EXISTS contacts_removed ON contacts (removed_on, id) WHERE removed_on IS NOT NULL;
CREATE TABLE IF NOT EXISTS members (
    list_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (list_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS members_contact ON members (contact_id, list_id);
CREATE TABLE IF NOT EXISTS lists (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL,
    rule TEXT
);
CREATE TABLE IF NOT EXISTS data_fields (
    name TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    visibility TEXT NOT NULL,
    default_value TEXT,
    built_in INTEGER NOT NULL,
    position INTEGER NOT NULL,
    used_in TEXT
);
CREATE TABLE IF NOT EXISTS preferences (
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
CREATE TABLE IF NOT EXISTS opt_ins (
    contact_id INTEGER NOT NULL,
    preference_id INTEGER NOT NULL,
    opted_in INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (contact_id, preference_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS opt_ins_preference ON opt_ins (preference_id, contact_id);
CREATE TABLE IF NOT EXISTS consents (
    id TEXT PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    created INTEGER NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS consents_contact ON consents (contact_id);
CREATE TABLE IF NOT EXISTS custom_identifiers (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS custom_values (
    name TEXT NOT NULL COLLATE NOCASE,
    value TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    PRIMARY KEY (name, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS custom_values_contact ON custom_values (contact_id);
CREATE TABLE IF NOT EXISTS banned (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
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
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS from_addresses (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS campaigns (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    from_name TEXT NOT NULL,
    from_address INTEGER NOT NULL,
    html TEXT NOT NULL,
    plain TEXT NOT NULL,
    reply_action TEXT NOT NULL,
    reply_to TEXT,
    custom_reply_to TEXT,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    tags TEXT NOT NULL,
    split_test TEXT,
    first_sent INTEGER,
    last_sent INTEGER,
    scheduled INTEGER,
    updated INTEGER NOT NULL,
    last_activity INTEGER,
    version INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS campaign_lists (
    campaign_id INTEGER NOT NULL,
    list_id INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, list_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sends (
    id INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    email TEXT,
    is_html INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    last_activity INTEGER NOT NULL,
    opens INTEGER NOT NULL DEFAULT 0,
    clicks INTEGER NOT NULL DEFAULT 0,
    page_views INTEGER NOT NULL DEFAULT 0,
    forwards INTEGER NOT NULL DEFAULT 0,
    estimated_forwards INTEGER NOT NULL DEFAULT 0,
    replies INTEGER NOT NULL DEFAULT 0,
    first_opened INTEGER,
    last_opened INTEGER,
    first_open_ip TEXT,
    unsubscribed INTEGER NOT NULL DEFAULT 0,
    soft_bounced INTEGER NOT NULL DEFAULT 0,
    hard_bounced INTEGER NOT NULL DEFAULT 0,
    mail_blocked INTEGER NOT NULL DEFAULT 0,
    complained INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS sends_activity ON sends (campaign_id, last_activity, id);
CREATE INDEX IF NOT EXISTS sends_contact ON sends (campaign_id, contact_id, sent);
CREATE TABLE IF NOT EXISTS activity (
    id INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    send_id INTEGER NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS activity_kind ON activity (campaign_id, kind, at, id);
CREATE INDEX IF NOT EXISTS activity_send ON activity (send_id, kind, at);
CREATE TABLE IF NOT EXISTS planned (
    id INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    send_id INTEGER NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS planned_at ON planned (at, id);
CREATE TABLE IF NOT EXISTS sendings (
    id TEXT PRIMARY KEY,
    campaign_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    send_date INTEGER NOT NULL,
    status TEXT NOT NULL,
    lists TEXT NOT NULL,
    contacts TEXT NOT NULL,
    course TEXT
);
CREATE INDEX IF NOT EXISTS sendings_at ON sendings (at) WHERE status IN ('NotSent', 'Scheduled', 'Sending');
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
    "from_addresses",
    "campaigns",
    "campaign_lists",
    "sends",
    "activity",
    "planned",
    "sendings",
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
    # A directory of an older version goes on with what it holds and gets the tables that came since.
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
