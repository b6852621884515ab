"""When each side last changed what it holds: facts for deciding conflicts, and nothing that touches anybody.

Kept only where a mapping lets the newest win; elsewhere they are 0.
"""

from collections.abc import Sequence

from syncline.people.store.sql import many


def save_modified(account_id: int, entity: str, rows: Sequence[tuple[int, str]]) -> None:
    """Rows of (milliseconds since 1970 in UTC, record id): Dynamics' `modifiedon`."""
    many(
        "UPDATE people_crmrecord SET modified_ms = %s "
        "WHERE account_id = %s AND entity = %s AND record_id = %s",
        [(modified_ms, account_id, entity, record_id) for modified_ms, record_id in rows],
    )


def save_updated(account_id: int, rows: Sequence[tuple[int, str]]) -> None:
    """Rows of (milliseconds since 1970 in UTC, person key): Dotdigital's `updated`."""
    many(
        "UPDATE people_person SET updated_ms = %s WHERE account_id = %s AND person_key = %s",
        [(updated_ms, account_id, key) for updated_ms, key in rows],
    )
