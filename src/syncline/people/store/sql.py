"""Plain SQL that runs on SQLite and PostgreSQL alike.

The people tables are as large as the account, and 100,000 model instances cost more than the sync itself.
Only `%s` marks are ever put into a statement's text; values go beside it. Nothing here commits: the step that
calls does.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from django.db import connection

from syncline.bulk import Row, fetch, marks

decode = msgspec.json.Decoder().decode


OF_ANY_TABLE: Final = "entity IN ('contact', 'lead', 'account')"
"""The key of a record has its table in the middle: with all three named, it is looked up by that key."""

MEMBERS: Final = (
    "FROM people_crmmember m CROSS JOIN people_crmrecord r "
    f"WHERE m.list_id = %s AND r.account_id = %s AND r.{OF_ANY_TABLE} AND r.record_id = m.record_id"
)
"""Members of a list (m) with their rows (r). CROSS JOIN tells SQLite to begin with the list: it would begin
with all rows of the account.
"""


def to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def many(sql: str, rows: Sequence[Row]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


def execute(sql: str, values: Sequence[Any]) -> int:
    """Run a statement. Returns how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def number(sql: str, values: Sequence[Any]) -> int:
    return int(fetch(sql, values)[0][0])


def in_lists(touched: str, list_ids: Sequence[int]) -> tuple[str, list[Any]]:
    """A condition with its values: the person of a row of `touched` is a member of one of the lists, or has a
    place in its Dotdigital list. Empty where no list is named.
    """
    if not list_ids:
        return "", []
    these = marks(len(list_ids))
    condition = (
        " AND (EXISTS (SELECT 1 FROM people_crmrecord r JOIN people_crmmember m ON m.record_id = r.record_id "
        f"WHERE r.account_id = {touched}.account_id AND r.person_key = {touched}.person_key "
        f"AND m.list_id IN {these}) OR EXISTS (SELECT 1 FROM people_bookmember b "
        f"WHERE b.person_key = {touched}.person_key AND b.list_id IN {these}))"
    )
    return condition, [*list_ids, *list_ids]


def chunks(keys: Sequence[str], size: int = 5000) -> Iterable[Sequence[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
