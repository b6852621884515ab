"""At whom the consent syncs have to look.

Everything that is read goes past `concern`, whichever sync reads it. It keeps only those about whom a consent
sync may have something to say, which are few.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from syncline import bulk
from syncline.people.store.sql import chunks, execute, fetch, marks, number

SUPPRESSIONS: Final = "suppressions"
UNSUBSCRIBERS: Final = "unsubscribers"
OPT_IN: Final = "opt_in"
CONSENT_SYNCS: Final = frozenset({SUPPRESSIONS, UNSUBSCRIBERS, OPT_IN})
"""Sync types that go through people who are due for them, and not through those who are touched."""

OPT_IN_CURSOR: Final = "opt_in:tables"
"""Stored once an account has had its opt-in types carried over; until then nobody is kept for that."""

_HAS_OPT_IN: Final = (
    "p.opt_in > '' AND p.contact_id IS NOT NULL AND EXISTS "
    "(SELECT 1 FROM people_crmrecord r WHERE r.account_id = p.account_id AND r.person_key = p.person_key "
    "AND r.entity IN ('contact', 'lead'))"
)
"""Contacts whose opt-in type is known, and who are in Dynamics too."""

_CONCERNED: Final = {
    SUPPRESSIONS: (
        "SELECT person_key FROM consent_suppression WHERE account_id = %s AND person_key IN {0} "
        "UNION SELECT person_key FROM consent_crmsuppressed WHERE account_id = %s AND person_key IN {0} "
        "UNION SELECT person_key FROM consent_writtensuppression "
        "WHERE account_id = %s AND list_id = 0 AND person_key IN {0}"
    ),
    UNSUBSCRIBERS: (
        "SELECT b.person_key FROM people_bookmember b JOIN lists_marketinglist l ON l.id = b.list_id "
        "WHERE l.account_id = %s AND b.status = 'suppressed' AND b.person_key IN {0} "
        "UNION SELECT person_key FROM consent_writtensuppression "
        "WHERE account_id = %s AND list_id > 0 AND person_key IN {0}"
    ),
    # CROSS JOIN tells SQLite to begin with the cursor: an account without it is asked nothing else.
    OPT_IN: (
        "SELECT p.person_key FROM ledger_cursor c CROSS JOIN people_person p "
        f"WHERE c.account_id = %s AND c.source = '{OPT_IN_CURSOR}' "
        "AND p.account_id = c.account_id AND p.person_key IN {0} AND " + _HAS_OPT_IN
    ),
}
"""Sync type → whom of some people it concerns."""

_EVERYBODY: Final = {
    SUPPRESSIONS: (
        "SELECT person_key FROM consent_suppression WHERE account_id = %s",
        "SELECT DISTINCT person_key FROM consent_crmsuppressed WHERE account_id = %s",
    ),
    OPT_IN: ("SELECT p.person_key FROM people_person p WHERE p.account_id = %s AND " + _HAS_OPT_IN,),
}
"""Sync type → everybody whom it may concern."""


def concern(account_id: int, keys: Iterable[str]) -> None:
    """Something about these people was read anew: whom it concerns is due for the consent syncs."""
    for chunk in chunks(sorted(keys)):
        for sync_type, whom in _CONCERNED.items():
            values = [account_id, *chunk] * whom.count("{0}")
            execute(
                "INSERT INTO consent_due (account_id, sync_type, person_key) SELECT %s, %s, found.person_key "
                f"FROM ({whom.format(marks(len(chunk)))}) found WHERE 1 = 1 ON CONFLICT DO NOTHING",
                [account_id, sync_type, *values],
            )


def make_due(account_id: int, sync_type: str, keys: Iterable[str]) -> None:
    rows = [(account_id, sync_type, key) for key in sorted(keys)]
    bulk.insert_missing("consent_due", ("account_id", "sync_type", "person_key"), rows)


def make_all_due(account_id: int, sync_type: str) -> None:
    """Look at everybody again, as when the setting that decides about them has changed."""
    for whom in _EVERYBODY[sync_type]:
        execute(
            "INSERT INTO consent_due (account_id, sync_type, person_key) SELECT %s, %s, found.person_key "
            f"FROM ({whom}) found WHERE 1 = 1 ON CONFLICT DO NOTHING",
            [account_id, sync_type, account_id],
        )


def due_page(account_id: int, sync_type: str, after: str, limit: int) -> list[str]:
    """The next people due, in the database's own order."""
    rows = fetch(
        "SELECT person_key FROM consent_due WHERE account_id = %s AND sync_type = %s AND person_key > %s "
        "ORDER BY person_key LIMIT %s",
        [account_id, sync_type, after, limit],
    )
    return [row[0] for row in rows]


def due_among(account_id: int, sync_type: str, keys: Sequence[str]) -> set[str]:
    """Those of the people who are due."""
    found: set[str] = set()
    for chunk in chunks(keys):
        rows = fetch(
            "SELECT person_key FROM consent_due WHERE account_id = %s AND sync_type = %s "
            f"AND person_key IN {marks(len(chunk))}",
            [account_id, sync_type, *chunk],
        )
        found.update(row[0] for row in rows)
    return found


def count_due(account_id: int, sync_type: str) -> int:
    sql = "SELECT count(*) FROM consent_due WHERE account_id = %s AND sync_type = %s"
    return number(sql, [account_id, sync_type])


def settle_due(account_id: int, sync_type: str, keys: Sequence[str]) -> None:
    for chunk in chunks(keys):
        execute(
            "DELETE FROM consent_due WHERE account_id = %s AND sync_type = %s "
            f"AND person_key IN {marks(len(chunk))}",
            [account_id, sync_type, *chunk],
        )
