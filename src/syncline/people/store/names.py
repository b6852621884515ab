"""Rows that mapped lookups point at: their names, and their mapped columns."""

from collections.abc import Collection, Sequence

from syncline.bulk import fetch, given, pack, upsert
from syncline.people.store.sql import decode

PAGE = 5000
"""Rows looked through at a time."""


def looked_up(account_id: int, record_ids: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """record id → (table, name, mapped columns as JSON text)."""
    if not record_ids:
        return {}
    rows = fetch(
        f'SELECT record_id, "table", name, columns FROM people_lookupname WHERE account_id = %s '
        f"AND record_id IN {given()}",
        [account_id, pack(record_ids)],
    )
    return {record_id: (table, name, columns) for record_id, table, name, columns in rows}


def save_looked_up(account_id: int, table: str, rows: Sequence[tuple[str, str, str]]) -> None:
    """Rows of (record id, name, mapped columns as JSON text)."""
    known = [(account_id, table, *row) for row in rows]
    upsert("people_lookupname", ("account_id", "table", "record_id"), ("name", "columns"), known)


def keys_pointing_at(
    account_id: int, entity: str, lookups: Collection[str], record_ids: Collection[str]
) -> list[str]:
    """People with a row of `entity` whose mapped lookups point at any of these rows.

    Goes once through the table, however many rows have changed: what the lookups hold is not indexed.
    """
    found: list[str] = []
    after = ""
    while True:
        rows = fetch(
            "SELECT record_id, person_key, columns FROM people_crmrecord WHERE account_id = %s "
            "AND entity = %s AND record_id > %s ORDER BY record_id LIMIT %s",
            [account_id, entity, after, PAGE],
        )
        for _, key, columns in rows:
            values = decode(columns)
            if any(values.get(lookup) in record_ids for lookup in lookups):
                found.append(key)
        if len(rows) < PAGE:
            return found
        after = rows[-1][0]
