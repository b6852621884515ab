"""Reads and writes of rows about what people did, a page at a time: which of them Dynamics holds, and which
it refused. Nothing here commits: the step that calls does.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Model

from syncline import bulk

GONE: Final = "gone"
"""In place of a record's id: Dynamics has the row no more, so it is never linked."""

_KEY: Final = ("account_id", "row_id")


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


class RowStore:
    """`kept` is the table of rows that Dynamics holds, `held` that of rows which it refused. Both have
    `account_id` and `row_id` as their key.
    """

    def __init__(self, kept: type[Model], held: type[Model]) -> None:
        self._kept: Any = kept._default_manager
        self._held: Any = held._default_manager
        self._table = kept._meta.db_table
        self._held_table = held._meta.db_table
        self._held_columns = tuple(
            column.attname for column in held._meta.concrete_fields if column.attname not in {*_KEY, "pk"}
        )

    def known(self, account_id: int, row_ids: Sequence[str]) -> dict[str, Known]:
        """Those of the rows that Dynamics holds."""
        rows = self._kept.filter(account_id=account_id, row_id__in=row_ids)
        return {
            row_id: Known(digest, record)
            for row_id, digest, record in rows.values_list("row_id", "digest", "record_id")
        }

    def keep(self, account_id: int, rows: Iterable[Written]) -> None:
        bulk.upsert(
            self._table,
            _KEY,
            ("data_set", "person_key", "digest", "record_id"),
            [(account_id, *row) for row in rows],
        )

    def unlinked(self, account_id: int, after: str, limit: int) -> list[Unlinked]:
        """The next rows of people whom Dynamics did not know when they were written, and knows now."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT a.row_id, a.data_set, a.person_key FROM {self._table} a "
                "WHERE a.account_id = %s AND a.record_id = '' AND a.row_id > %s AND EXISTS "
                "(SELECT 1 FROM people_crmrecord r WHERE r.account_id = a.account_id "
                "AND r.person_key = a.person_key AND r.entity IN ('contact', 'lead')) "
                "ORDER BY a.row_id LIMIT %s",
                [account_id, after, limit],
            )
            return [Unlinked(*row) for row in cursor.fetchall()]

    def link(self, account_id: int, rows: Iterable[tuple[str, str]]) -> None:
        """Rows of (row id, record id): what they are linked to from now on."""
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {self._table} SET record_id = %s WHERE account_id = %s AND row_id = %s",
                [(record_id, account_id, row_id) for row_id, record_id in rows],
            )

    def hold(self, rows: Sequence[Any]) -> None:
        """Keep refused rows, of the type `held`, for a replay; one that is kept already is replaced."""
        bulk.upsert(
            self._held_table,
            _KEY,
            self._held_columns,
            [
                (row.account_id, row.row_id, *(getattr(row, name) for name in self._held_columns))
                for row in rows
            ],
        )

    def let_go(self, account_id: int, row_ids: Collection[str]) -> None:
        """These rows went through."""
        self._held.filter(account_id=account_id, row_id__in=list(row_ids)).delete()

    def people_held(self, account_id: int, keys: Collection[str]) -> set[str]:
        """Those of the people of whom a row is still held."""
        rows = self._held.filter(account_id=account_id, person_key__in=list(keys))
        return set(rows.values_list("person_key", flat=True).distinct())

    def try_again(self, account_id: int, keys: Collection[str]) -> None:
        """Let the next run try the held rows of these people once more."""
        self._held.filter(account_id=account_id, person_key__in=list(keys)).update(due=True)

    def leave_held(self, account_id: int, row_ids: Collection[str]) -> None:
        """They stay held, and wait for the next replay."""
        self._held.filter(account_id=account_id, row_id__in=list(row_ids)).update(due=False)

    def due_again(self, account_id: int, limit: int) -> list[Any]:
        """Of the type `held`."""
        return list(self._held.filter(account_id=account_id, due=True).order_by("row_id")[:limit])

    def count_about(self, account_id: int, key: str) -> int:
        """How many rows Dynamics holds about this person."""
        number: int = self._kept.filter(account_id=account_id, person_key=key).count()
        return number
