"""The SQLite store: one file, one connection, everything a snapshot has to keep."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from syncline_sandbox.dotdigital.tables_campaigns import CAMPAIGNS
from syncline_sandbox.dotdigital.tables_forms import FORMS
from syncline_sandbox.dotdigital.tables_insight import INSIGHT
from syncline_sandbox.dotdigital.tables_people import PEOPLE

SCHEMA = PEOPLE + CAMPAIGNS + FORMS + INSIGHT
TABLES = re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", SCHEMA)


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
    # A directory of an older version goes on with what it holds.
    add_missing_tables(connection)
    return connection


def add_missing_tables(connection: sqlite3.Connection) -> None:
    """Make every table that is not there yet."""
    connection.executescript(SCHEMA)


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
