"""Reads and writes of the rows of insight data, a page at a time. Nothing here commits: the step that calls
does.

What has to be done about a row is never noted down: it is whatever sets apart what Dotdigital was sent from
what it is to have. So nothing can be forgotten, whichever way a row, a person or their consent has changed.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from django.db import connection

from syncline.bulk import fetch, given, pack, upsert
from syncline.people.facts import CrmFlag
from syncline.people.store.sql import chunks, execute, number

_NO_MAIL: Final = int(CrmFlag.DO_NOT_BULK_EMAIL | CrmFlag.DO_NOT_EMAIL)

_FROM: Final = """
FROM insight_insightrow i
LEFT JOIN people_crmrecord r ON r.account_id = i.account_id AND r.entity IN ('contact', 'lead', 'account')
    AND r.record_id = i.record_id
LEFT JOIN people_person p ON p.account_id = r.account_id AND p.person_key = r.person_key
"""

# Who may have the row: what the gate asks, as far as a database can tell it cheaply. The gate itself is asked
# about whoever comes out of this, and may only say no.
_OWNER: Final = f"""
CASE WHEN i.active AND p.status = 'subscribed' AND p.contact_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM consent_suppression s
        WHERE s.account_id = p.account_id AND s.person_key = p.person_key)
    AND NOT EXISTS (SELECT 1 FROM consent_crmsuppressed c
        WHERE c.account_id = p.account_id AND c.person_key = p.person_key)
    AND NOT EXISTS (SELECT 1 FROM people_crmrecord o WHERE o.account_id = p.account_id
        AND o.person_key = p.person_key AND (o.flags & {_NO_MAIL}) > 0)
THEN p.contact_id ELSE 0 END
"""

_COLUMNS: Final = (
    "i.row_id, i.record_id, i.name, i.active, i.columns, i.sent_to, i.sent, i.refused_for, "
    "coalesce(r.person_key, ''), coalesce(p.contact_id, 0)"
)


class Staged(NamedTuple):
    """A row as it was read."""

    row_id: str
    record_id: str
    name: str
    active: bool
    columns: str


class Row(NamedTuple):
    """A row with what is known of whom it points at."""

    row_id: str
    record_id: str
    name: str
    active: bool
    columns: str
    sent_to: int
    sent: str
    refused_for: int
    person_key: str
    """Empty where nobody is known behind the row."""
    contact_id: int


class Wanted(StrEnum):
    """Which rows are asked for."""

    REMOVALS = "removals"
    """Whose record is with a contact who is not to have it."""
    IMPORTS = "imports"
    """Whose record is missing or out of date."""
    ALL = "all"


_DIFFERS: Final = {
    # Whoever had another address may have opted out under that one, which only the gate can tell.
    Wanted.REMOVALS: f"i.sent_to <> 0 AND (i.sent_to <> {_OWNER} OR r.former_keys <> '')",
    Wanted.IMPORTS: f"{_OWNER} <> 0 AND (i.sent_to = 0 OR i.columns <> i.sent) AND i.refused_for <> {_OWNER}",
}
_DIFFERS[Wanted.ALL] = f"({_DIFFERS[Wanted.REMOVALS]}) OR ({_DIFFERS[Wanted.IMPORTS]})"


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


def page(source_id: int, wanted: Wanted, after: str, limit: int) -> list[Row]:
    """The next rows of which something is to be done, in the database's own order of their ids."""
    found = fetch(
        f"SELECT {_COLUMNS} {_FROM} WHERE i.source_id = %s AND i.row_id > %s AND ({_DIFFERS[wanted]}) "
        "ORDER BY i.row_id LIMIT %s",
        [source_id, after, limit],
    )
    return [_row(one) for one in found]


def rows_of(source_id: int, row_ids: Sequence[str]) -> dict[str, Row]:
    """These rows, whatever is to be done about them."""
    found: dict[str, Row] = {}
    for chunk in chunks(row_ids):
        rows = fetch(
            f"SELECT {_COLUMNS} {_FROM} WHERE i.source_id = %s AND i.row_id IN {given()}",
            [source_id, pack(chunk)],
        )
        found.update({row[0]: _row(row) for row in rows})
    return found


def _row(found: tuple[object, ...]) -> Row:
    row = Row(*found)  # type: ignore[arg-type]
    return row._replace(active=bool(row.active))


def left_out(source_id: int, run_id: int) -> dict[str, int]:
    """Rows that the run found new or changed and that nobody may have, by why: `inactive`, `nobody` or
    `no_subscriber`.
    """
    rows = fetch(
        "SELECT CASE WHEN NOT i.active THEN 'inactive' WHEN r.record_id IS NULL THEN 'nobody' "
        f"ELSE 'no_subscriber' END AS kind, count(*) {_FROM} "
        f"WHERE i.source_id = %s AND i.changed_in = %s AND i.sent_to = 0 AND {_OWNER} = 0 GROUP BY 1",
        [source_id, run_id],
    )
    return dict(rows)


def owners(source_id: int) -> tuple[int, int]:
    """(contacts who would lose records and get none for them, contacts who have any)."""
    leaving = number(
        f"SELECT count(DISTINCT i.sent_to) {_FROM} WHERE i.source_id = %s AND i.sent_to <> 0 "
        f"AND {_OWNER} = 0",
        [source_id],
    )
    sql = "SELECT count(DISTINCT sent_to) FROM insight_insightrow WHERE source_id = %s AND sent_to <> 0"
    return leaving, number(sql, [source_id])


def keep_sent(source_id: int, rows: Sequence[tuple[str, int, str]]) -> None:
    """Rows of (row id, contact id, columns): Dotdigital has them so by now."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE insight_insightrow SET sent_to = %s, sent = %s, refused_for = 0 "
            "WHERE source_id = %s AND row_id = %s",
            [(contact_id, columns, source_id, row_id) for row_id, contact_id, columns in rows],
        )


def keep_refused(source_id: int, rows: Sequence[tuple[str, int]]) -> None:
    """Rows of (row id, contact id): Dotdigital refused them as they are."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE insight_insightrow SET refused_for = %s WHERE source_id = %s AND row_id = %s",
            [(contact_id, source_id, row_id) for row_id, contact_id in rows],
        )


def keep_removed(source_id: int, gone: Sequence[str], moving: Sequence[str] = ()) -> None:
    """No contact has these records any more. Those that are moving are about to be another's, and what they
    held is what the audit shows as before.
    """
    for row_ids, change in ((gone, "sent_to = 0, sent = ''"), (moving, "sent_to = 0")):
        for chunk in chunks(row_ids):
            execute(
                f"UPDATE insight_insightrow SET {change} WHERE source_id = %s AND row_id IN {given()}",
                [source_id, pack(chunk)],
            )


def forget_sent(source_id: int) -> None:
    """The collection was emptied or deleted in Dotdigital: everything is to be sent again."""
    execute(
        "UPDATE insight_insightrow SET sent_to = 0, sent = '', refused_for = 0 "
        "WHERE source_id = %s AND (sent_to <> 0 OR refused_for <> 0)",
        [source_id],
    )


def count_sent(source_id: int) -> int:
    sql = "SELECT count(*) FROM insight_insightrow WHERE source_id = %s AND sent_to <> 0"
    return number(sql, [source_id])


def try_again(account_id: int, keys: Collection[str]) -> None:
    """Let the next run try the refused rows of these people once more."""
    for chunk in chunks(sorted(keys)):
        execute(
            "UPDATE insight_insightrow SET refused_for = 0 WHERE account_id = %s AND refused_for <> 0 "
            "AND record_id IN (SELECT record_id FROM people_crmrecord "
            f"WHERE account_id = %s AND person_key IN {given()})",
            [account_id, account_id, pack(chunk)],
        )
