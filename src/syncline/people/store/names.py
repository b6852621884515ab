"""Names of the rows that mapped lookups point at."""

from collections.abc import Sequence

from syncline import bulk
from syncline.people.store.sql import fetch, marks


def lookup_names(account_id: int, record_ids: Sequence[str]) -> dict[str, str]:
    if not record_ids:
        return {}
    rows = fetch(
        f"SELECT record_id, name FROM people_lookupname WHERE account_id = %s AND record_id IN "
        f"{marks(len(record_ids))}",
        [account_id, *record_ids],
    )
    return dict(rows)


def save_lookup_names(account_id: int, table: str, rows: Sequence[tuple[str, str]]) -> None:
    """Rows of (record_id, name)."""
    named = [(account_id, table, record_id, name) for record_id, name in rows]
    bulk.upsert("people_lookupname", ("account_id", "table", "record_id"), ("name",), named)
