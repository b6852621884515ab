"""Plain SQL that runs on SQLite and PostgreSQL alike.

The people tables are as large as the account, and 100,000 model instances cost more than the sync itself.
Only `%s` marks are ever put into a statement's text; values go beside it. Nothing here commits: the step that
calls does.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db import connection

Row = tuple[Any, ...]

decode = msgspec.json.Decoder().decode


def to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def marks(count: int) -> str:
    return "(" + ",".join(["%s"] * count) + ")"


def many(sql: str, rows: Sequence[Row]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


def fetch(sql: str, values: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Row] = cursor.fetchall()
        return rows


def execute(sql: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def number(sql: str, values: Sequence[Any]) -> int:
    return int(fetch(sql, values)[0][0])


def chunks(keys: Sequence[str], size: int = 5000) -> Iterable[Sequence[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
