"""Writing many rows at once, and finding many by their keys, quickly on either database.

SQLite runs one prepared statement over all rows. On PostgreSQL each such execution is a journey of its own,
so there many rows travel by COPY, and few in one statement. Nothing here commits.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from django.db import connection, transaction

Row = tuple[Any, ...]

_OF_JSON: Final = "(SELECT value FROM json_each(%s))"

MANY: Final = 100
"""Rows from which COPY is worth its temporary table."""


def marks(count: int) -> str:
    """For `IN`, so few values that each has a mark of its own."""
    return "(" + ",".join(["%s"] * count) + ")"


def given(of: str = "text") -> str:
    """For `IN`, all the keys of one `pack`; `of` is their type on PostgreSQL. Over thousands a mark for each
    takes longer than the looking, and Django's own `__in` ten times as long.
    """
    return f"(SELECT unnest(%s::{of}[]))" if connection.vendor == "postgresql" else _OF_JSON


def pack(keys: Sequence[str] | Sequence[int]) -> str | list[Any]:
    """Many keys as one value of a statement."""
    return list(keys) if connection.vendor == "postgresql" else msgspec.json.encode(keys).decode()


def fetch(sql: str, values: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Row] = cursor.fetchall()
        return rows


def insert(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Add rows that are known to be new."""
    _insert(table, columns, "", rows)


def insert_missing(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Add rows unless they are there already."""
    _insert(table, columns, " ON CONFLICT DO NOTHING", rows)


def upsert(table: str, key: Sequence[str], others: Sequence[str], rows: Sequence[Row]) -> None:
    """Add rows, or change those with the same key. In each row the key's values come first; of two with one
    key the last counts.
    """
    width = len(key)
    latest = list({row[:width]: row for row in rows}.values())
    changes = ", ".join(f"{_name(column)} = excluded.{_name(column)}" for column in others)
    tail = f" ON CONFLICT ({_names(key)}) DO UPDATE SET {changes}"
    _insert(table, [*key, *others], tail, latest)


def _name(name: str) -> str:
    return connection.ops.quote_name(name)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(_name, columns))


def _insert(table: str, columns: Sequence[str], tail: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    head = f"INSERT INTO {_name(table)} ({_names(columns)})"
    one = marks(len(columns))
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.executemany(f"{head} VALUES {one}{tail}", rows)
        elif len(rows) < MANY:
            values = [value for row in rows for value in row]
            cursor.execute(f"{head} VALUES {','.join([one] * len(rows))}{tail}", values)
        elif tail:
            _copy_beside(cursor, table, columns, head, tail, rows)
        else:
            _copy(cursor, table, columns, rows)


def _copy_beside(
    cursor: Any, table: str, columns: Sequence[str], head: str, tail: str, rows: Sequence[Row]
) -> None:
    """COPY knows no conflicts, so the rows go into a table of their own first, and from there in one go."""
    beside = f"copied_{table}"
    named = _names(columns)
    with transaction.atomic():
        cursor.execute(
            f"CREATE TEMPORARY TABLE {_name(beside)} ON COMMIT DROP AS SELECT {named} FROM {_name(table)} "
            "WITH NO DATA"
        )
        _copy(cursor, beside, columns, rows)
        cursor.execute(f"{head} SELECT {named} FROM {_name(beside)}{tail}")
        cursor.execute(f"DROP TABLE {_name(beside)}")


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    with cursor.copy(f"COPY {_name(table)} ({_names(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
