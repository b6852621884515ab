"""Keeping rows of insight data as they were read, a page at a time. Nothing here commits: the step that calls
does.
"""

from collections.abc import Sequence
from typing import NamedTuple

from syncline.bulk import fetch, given, pack, upsert
from syncline.people.store.sql import chunks, execute


class Staged(NamedTuple):
    """A row as it was read."""

    row_id: str
    record_id: str
    name: str
    active: bool
    columns: str


def stage(source_id: int, account_id: int, run_id: int, rows: Sequence[Staged], *, in_full: bool) -> int:
    """Keep rows as they were read; how many of them were known as they are. `in_full`: the whole table is
    being read, so even those are marked as seen.
    """
    known = _known(source_id, [row.row_id for row in rows])
    # A row that is not active and was never kept needs no place.
    fresh = [row for row in rows if known.get(row.row_id) != row and (row.active or row.row_id in known)]
    upsert(
        "insight_insightrow",
        ("source_id", "row_id"),
        (
            "account_id", "record_id", "name", "active", "columns", "seen_in", "changed_in", "refused_for"
        ),
        [
            (
                source_id, row.row_id, account_id, row.record_id, row.name, row.active, row.columns,
                run_id, run_id, 0,
            )
            for row in fresh
        ],
    )  # fmt: skip
    same = [row.row_id for row in rows if known.get(row.row_id) == row]
    if in_full:
        for chunk in chunks(same):
            execute(
                f"UPDATE insight_insightrow SET seen_in = %s WHERE source_id = %s AND row_id IN {given()}",
                [run_id, source_id, pack(chunk)],
            )
    return len(same)


def _known(source_id: int, row_ids: Sequence[str]) -> dict[str, Staged]:
    found: dict[str, Staged] = {}
    for chunk in chunks(row_ids):
        rows = fetch(
            "SELECT row_id, record_id, name, active, columns FROM insight_insightrow "
            f"WHERE source_id = %s AND row_id IN {given()}",
            [source_id, pack(chunk)],
        )
        found.update({row[0]: Staged(row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows})
    return found


def retire(source_id: int, run_id: int, row_ids: Sequence[str]) -> None:
    """Dynamics has these rows no more."""
    for chunk in chunks(row_ids):
        execute(
            "UPDATE insight_insightrow SET active = FALSE, changed_in = %s "
            f"WHERE source_id = %s AND active AND row_id IN {given()}",
            [run_id, source_id, pack(chunk)],
        )


def retire_unseen(source_id: int, run_id: int) -> None:
    """The whole table was read, and these rows were not in it."""
    execute(
        "UPDATE insight_insightrow SET active = FALSE, changed_in = %s "
        "WHERE source_id = %s AND active AND seen_in <> %s",
        [run_id, source_id, run_id],
    )


def forget_retired(source_id: int) -> None:
    """Rows that are gone on both sides need no place."""
    execute("DELETE FROM insight_insightrow WHERE source_id = %s AND NOT active AND sent_to = 0", [source_id])
