"""Reads and writes of the rows about what people did, a page at a time. Nothing here commits: the step that
calls does.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from django.db import connection

from syncline import bulk
from syncline.campaigns.models import Activity, HeldActivity

GONE: Final = "gone"
"""In place of a record's id: Dynamics has the row no more, so it is never linked."""


class Known(NamedTuple):
    digest: str
    record_id: str


class Written(NamedTuple):
    """A row as Dynamics holds it from now on."""

    row_id: str
    data_set: str
    person_key: str
    digest: str
    record_id: str


class Unlinked(NamedTuple):
    row_id: str
    data_set: str
    person_key: str


def known(account_id: int, row_ids: Sequence[str]) -> dict[str, Known]:
    """Those of the rows that Dynamics holds."""
    rows = Activity.objects.filter(account_id=account_id, row_id__in=row_ids)
    return {
        row_id: Known(digest, record)
        for row_id, digest, record in rows.values_list("row_id", "digest", "record_id")
    }


def keep(account_id: int, rows: Iterable[Written]) -> None:
    bulk.upsert(
        "campaigns_activity",
        ("account_id", "row_id"),
        ("data_set", "person_key", "digest", "record_id"),
        [(account_id, *row) for row in rows],
    )


def unlinked(account_id: int, after: str, limit: int) -> list[Unlinked]:
    """The next rows of people whom Dynamics did not know when they were written, and knows now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.row_id, a.data_set, a.person_key FROM campaigns_activity a "
            "WHERE a.account_id = %s AND a.record_id = '' AND a.row_id > %s AND EXISTS "
            "(SELECT 1 FROM people_crmrecord r WHERE r.account_id = a.account_id "
            "AND r.person_key = a.person_key AND r.entity IN ('contact', 'lead')) "
            "ORDER BY a.row_id LIMIT %s",
            [account_id, after, limit],
        )
        return [Unlinked(*row) for row in cursor.fetchall()]


def link(account_id: int, rows: Iterable[tuple[str, str]]) -> None:
    """Rows of (row id, record id): what they are linked to from now on."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE campaigns_activity SET record_id = %s WHERE account_id = %s AND row_id = %s",
            [(record_id, account_id, row_id) for row_id, record_id in rows],
        )


def hold(rows: Sequence[HeldActivity]) -> None:
    """Keep refused rows for a replay; one that is kept already is replaced."""
    columns = ("data_set", "campaign_key", "person_key", "contact_id", "columns", "due")
    bulk.upsert(
        "campaigns_heldactivity",
        ("account_id", "row_id"),
        columns,
        [(row.account_id, row.row_id, *(getattr(row, name) for name in columns)) for row in rows],
    )


def let_go(account_id: int, row_ids: Collection[str]) -> None:
    """These rows went through."""
    HeldActivity.objects.filter(account_id=account_id, row_id__in=list(row_ids)).delete()


def people_held(account_id: int, keys: Collection[str]) -> set[str]:
    """Those of the people of whom a row is still held."""
    rows = HeldActivity.objects.filter(account_id=account_id, person_key__in=list(keys))
    return set(rows.values_list("person_key", flat=True).distinct())


def try_again(account_id: int, keys: Collection[str]) -> None:
    """Let the next run try the held rows of these people once more."""
    HeldActivity.objects.filter(account_id=account_id, person_key__in=list(keys)).update(due=True)


def due_again(account_id: int, limit: int) -> list[HeldActivity]:
    rows = HeldActivity.objects.filter(account_id=account_id, due=True)
    return list(rows.order_by("row_id")[:limit])


def count_about(account_id: int, key: str) -> int:
    """How many rows Dynamics holds about this person."""
    return Activity.objects.filter(account_id=account_id, person_key=key).count()
