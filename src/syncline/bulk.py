"""Writing many rows at once, quickly on either database.

SQLite runs one prepared statement over all rows. On PostgreSQL each such execution is a journey of its own,
so there the rows travel hundreds to a statement. Nothing here commits.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

Row = tuple[Any, ...]

MOST_VALUES: Final = 20_000
"""Values in one PostgreSQL statement; its text stays at about a megabyte."""


def insert(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Add rows that are known to be new."""
    _insert(_head(table, columns), "", len(columns), rows)


def insert_missing(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Add rows unless they are there already."""
    _insert(_head(table, columns), " ON CONFLICT DO NOTHING", len(columns), rows)


def upsert(table: str, key: Sequence[str], others: Sequence[str], rows: Sequence[Row]) -> None:
    """Add rows, or change those with the same key. In each row the key's values come first; of two with one
    key the last counts.
    """
    width = len(key)
    latest = list({row[:width]: row for row in rows}.values())
    names = connection.ops.quote_name
    changes = ", ".join(f"{names(column)} = excluded.{names(column)}" for column in others)
    tail = f" ON CONFLICT ({', '.join(map(names, key))}) DO UPDATE SET {changes}"
    _insert(_head(table, [*key, *others]), tail, width + len(others), latest)


def _head(table: str, columns: Sequence[str]) -> str:
    names = connection.ops.quote_name
    return f"INSERT INTO {names(table)} ({', '.join(map(names, columns))}) VALUES "


def _insert(head: str, tail: str, width: int, rows: Sequence[Row]) -> None:
    if not rows:
        return
    one = "(" + ",".join(["%s"] * width) + ")"
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.executemany(head + one + tail, rows)
            return
        step = MOST_VALUES // width
        for start in range(0, len(rows), step):
            chunk = rows[start : start + step]
            values = [value for row in chunk for value in row]
            cursor.execute(head + ",".join([one] * len(chunk)) + tail, values)
