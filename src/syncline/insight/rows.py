"""Reads and writes of the rows of insight data, a page at a time. Nothing here commits: the step that calls
does.

What has to be done about a row is never noted down: it is whatever sets apart what Dotdigital was sent from
what it is to have. So nothing can be forgotten, whichever way a row, a person or their consent has changed.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from django.db import connection

from syncline.bulk import fetch, given, pack
from syncline.people.facts import CrmFlag
from syncline.people.store.sql import chunks, execute, number

_NO_MAIL: Final = int(CrmFlag.DO_NOT_BULK_EMAIL | CrmFlag.DO_NOT_EMAIL)

_FROM: Final = """
FROM {rows} i
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

_ALL_ROWS: Final = _FROM.format(rows="insight_insightrow")

_COLUMNS: Final = (
    "i.row_id, i.record_id, i.name, i.active, i.columns, i.sent_to, i.sent, i.refused_for, "
    "coalesce(r.person_key, ''), coalesce(p.contact_id, 0)"
)


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


class Found(NamedTuple):
    """`last`: up to where was looked, which is where the next page begins; empty when there is no more."""

    rows: list[Row]
    last: str


# What a row tells by itself, before anybody looks at its person …
_MAY_DIFFER: Final = {
    Wanted.REMOVALS: "i.sent_to > 0",
    Wanted.IMPORTS: "i.active AND (i.sent_to = 0 OR i.columns <> i.sent)",
    Wanted.ALL: "(i.sent_to > 0 OR i.active)",
}
# … and what only both tell. Whoever had another address may have opted out under that one, which the gate
# has to be asked about.
_DIFFERS: Final = {
    Wanted.REMOVALS: f"i.sent_to > 0 AND (i.sent_to <> {_OWNER} OR r.former_keys <> '')",
    Wanted.IMPORTS: f"{_OWNER} <> 0 AND (i.sent_to = 0 OR i.columns <> i.sent) AND i.refused_for <> {_OWNER}",
}
_DIFFERS[Wanted.ALL] = f"({_DIFFERS[Wanted.REMOVALS]}) OR ({_DIFFERS[Wanted.IMPORTS]})"

WINDOW: Final = 5_000
"""Rows that one statement looks at: a database that may choose would rather read all of both tables."""
MOST_LOOKED_AT: Final = 50_000
"""Rows that are looked at before the caller gets whatever was found, and stores how far it has come."""


def page(source_id: int, wanted: Wanted, after: str, limit: int) -> Found:
    """The next rows of which something is to be done, in the database's own order of their ids."""
    found: list[Row] = []
    for _ in range(MOST_LOOKED_AT // WINDOW):
        end = _end_of_window(source_id, wanted, after)
        if not end:
            return Found(found, after if found else "")
        some = fetch(
            f"SELECT {_COLUMNS} {_FROM.format(rows=_WINDOW)} WHERE {_DIFFERS[wanted]} ORDER BY i.row_id",
            [source_id, after, end],
        )
        found += map(_row, some)
        if len(found) >= limit:
            return Found(found[:limit], found[limit - 1].row_id if len(found) > limit else end)
        after = end
    return Found(found, after)


_WINDOW: Final = (
    f"(SELECT * FROM insight_insightrow WHERE source_id = %s AND row_id > %s AND row_id <= %s LIMIT {10**9})"
)
"""LIMIT keeps it apart from the query around it."""


def _end_of_window(source_id: int, wanted: Wanted, after: str) -> str:
    """The last of the next rows that are worth a look; empty where there are none."""
    rows = fetch(
        "SELECT max(w.row_id) FROM (SELECT i.row_id FROM insight_insightrow i WHERE i.source_id = %s "
        f"AND i.row_id > %s AND {_MAY_DIFFER[wanted]} ORDER BY i.row_id LIMIT {WINDOW}) w",
        [source_id, after],
    )
    return rows[0][0] or ""


def rows_of(source_id: int, row_ids: Sequence[str]) -> dict[str, Row]:
    """These rows, whatever is to be done about them."""
    found: dict[str, Row] = {}
    for chunk in chunks(row_ids):
        rows = fetch(
            f"SELECT {_COLUMNS} {_ALL_ROWS} WHERE i.source_id = %s AND i.row_id IN {given()}",
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
        f"ELSE 'no_subscriber' END AS kind, count(*) {_ALL_ROWS} "
        f"WHERE i.source_id = %s AND i.changed_in = %s AND i.sent_to = 0 AND {_OWNER} = 0 GROUP BY 1",
        [source_id, run_id],
    )
    return dict(rows)


def owners(source_id: int) -> tuple[int, int]:
    """(contacts who would lose records and get none for them, contacts who have any)."""
    leaving = number(
        f"SELECT count(DISTINCT i.sent_to) {_ALL_ROWS} WHERE i.source_id = %s AND i.sent_to > 0 "
        f"AND {_OWNER} = 0",
        [source_id],
    )
    sql = "SELECT count(DISTINCT sent_to) FROM insight_insightrow WHERE source_id = %s AND sent_to > 0"
    return leaving, number(sql, [source_id])


def keep_sent(source_id: int, rows: Sequence[tuple[str, int, str]]) -> None:
    """Rows of (row id, contact id, columns): Dotdigital has them so by now."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE insight_insightrow SET sent_to = %s, sent = %s, refused_for = 0 "
            "WHERE source_id = %s AND row_id = %s",
            [(contact_id, columns, source_id, row_id) for row_id, contact_id, columns in rows],
        )


def keep_possible(source_id: int, rows: Sequence[tuple[str, int]]) -> None:
    """Rows of (row id, contact id): Dotdigital may have them of that contact, though it never said so. Then
    nothing is known of what they hold there.
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE insight_insightrow SET sent_to = %s, sent = '' WHERE source_id = %s AND row_id = %s",
            [(contact_id, source_id, row_id) for row_id, contact_id in rows],
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
    """The collection was emptied or deleted in Dotdigital: everything is to be sent again. One that never
    held anything is empty because all was refused, which is no reason to send it once more.
    """
    execute(
        "UPDATE insight_insightrow SET sent_to = 0, sent = '', refused_for = 0 "
        "WHERE source_id = %s AND (sent_to > 0 OR refused_for > 0) "
        "AND EXISTS (SELECT 1 FROM insight_insightrow o WHERE o.source_id = %s AND o.sent_to > 0)",
        [source_id, source_id],
    )


def count_known(source_id: int) -> int:
    return number("SELECT count(*) FROM insight_insightrow WHERE source_id = %s", [source_id])


def count_refused(source_id: int) -> int:
    sql = "SELECT count(*) FROM insight_insightrow WHERE source_id = %s AND refused_for > 0"
    return number(sql, [source_id])


def count_sent(source_id: int) -> int:
    sql = "SELECT count(*) FROM insight_insightrow WHERE source_id = %s AND sent_to > 0"
    return number(sql, [source_id])


def people_refused(account_id: int, keys: Collection[str]) -> set[str]:
    """Those of the people of whom a row is refused as it is."""
    found: set[str] = set()
    for chunk in chunks(sorted(keys)):
        rows = fetch(
            "SELECT DISTINCT r.person_key FROM people_crmrecord r JOIN insight_insightrow i "
            "ON i.account_id = r.account_id AND i.record_id = r.record_id "
            f"WHERE r.account_id = %s AND i.active AND i.refused_for > 0 AND r.person_key IN {given()}",
            [account_id, pack(chunk)],
        )
        found |= {key for (key,) in rows}
    return found


def try_again(account_id: int, keys: Collection[str]) -> None:
    """Let the next run try the refused rows of these people once more."""
    for chunk in chunks(sorted(keys)):
        execute(
            "UPDATE insight_insightrow SET refused_for = 0 WHERE account_id = %s AND refused_for > 0 "
            "AND record_id IN (SELECT record_id FROM people_crmrecord "
            f"WHERE account_id = %s AND person_key IN {given()})",
            [account_id, account_id, pack(chunk)],
        )
