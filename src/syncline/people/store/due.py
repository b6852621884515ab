"""At whom the consent syncs have to look.

Everything that is read goes past `concern`, whichever sync reads it. It keeps only those about whom a consent
sync may have something to say, which are few.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from syncline.bulk import fetch, given, insert_missing, pack
from syncline.people.store.sql import chunks, execute, number

SUPPRESSIONS: Final = "suppressions"
UNSUBSCRIBERS: Final = "unsubscribers"
OPT_IN: Final = "opt_in"
PREFERENCES: Final = "preferences"
SCORING: Final = "scoring"
CONSENT_SYNCS: Final = frozenset({SUPPRESSIONS, UNSUBSCRIBERS, OPT_IN, PREFERENCES})
DUE_SYNCS: Final = CONSENT_SYNCS | {SCORING}
"""Sync types that go through people who are due for them, and not through those who are touched."""


def tables_cursor(sync_type: str) -> str:
    """Stored once a sync type has been through everybody; until then nobody is kept for it."""
    return f"{sync_type}:tables"


def _once_carried_over(sync_type: str, table: str) -> str:
    """Those who are in the table, of an account that wants this sync type at all."""
    # CROSS JOIN tells SQLite to begin with the cursor: an account without it is asked nothing else.
    return (
        f"SELECT p.person_key FROM ledger_cursor c CROSS JOIN {table} p "
        f"WHERE c.account_id = %s AND c.source = '{tables_cursor(sync_type)}' "
        "AND p.account_id = c.account_id AND p.person_key IN {0}"
    )


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
    OPT_IN: _once_carried_over(OPT_IN, "people_person") + " AND " + _HAS_OPT_IN,
    SCORING: _once_carried_over(SCORING, "people_score"),
    PREFERENCES: (
        _once_carried_over(PREFERENCES, "consent_choice")
        + " UNION SELECT r.person_key FROM people_crmrecord r JOIN consent_choicerow c "
        "ON c.account_id = r.account_id AND c.record_id = r.record_id "
        "WHERE r.account_id = %s AND r.person_key IN {0}"
    ),
}
"""Sync type → whom of some people it concerns."""

_EVERYBODY: Final = {
    SUPPRESSIONS: (
        "SELECT person_key FROM consent_suppression WHERE account_id = %s",
        "SELECT DISTINCT person_key FROM consent_crmsuppressed WHERE account_id = %s",
    ),
    OPT_IN: ("SELECT p.person_key FROM people_person p WHERE p.account_id = %s AND " + _HAS_OPT_IN,),
    SCORING: ("SELECT person_key FROM people_score WHERE account_id = %s",),
    PREFERENCES: (
        "SELECT DISTINCT person_key FROM consent_choice WHERE account_id = %s",
        "SELECT DISTINCT r.person_key FROM consent_choicerow c JOIN people_crmrecord r "
        "ON r.account_id = c.account_id AND r.record_id = c.record_id WHERE c.account_id = %s",
    ),
}
"""Sync type → everybody whom it may concern."""


def concern(account_id: int, keys: Iterable[str]) -> None:
    """Something about these people was read anew: whom it concerns is due for the consent syncs."""
    for chunk in chunks(sorted(keys)):
        these = pack(chunk)
        for sync_type, whom in _CONCERNED.items():
            values = [account_id, these] * whom.count("{0}")
            execute(
                "INSERT INTO consent_due (account_id, sync_type, person_key) SELECT %s, %s, found.person_key "
                f"FROM ({whom.format(given())}) found WHERE 1 = 1 ON CONFLICT DO NOTHING",
                [account_id, sync_type, *values],
            )


def make_due(account_id: int, sync_type: str, keys: Iterable[str]) -> None:
    rows = [(account_id, sync_type, key) for key in sorted(keys)]
    insert_missing("consent_due", ("account_id", "sync_type", "person_key"), rows)


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
            f"AND person_key IN {given()}",
            [account_id, sync_type, pack(chunk)],
        )
        found.update(row[0] for row in rows)
    return found


def count_due(account_id: int, sync_type: str) -> int:
    sql = "SELECT count(*) FROM consent_due WHERE account_id = %s AND sync_type = %s"
    return number(sql, [account_id, sync_type])


def settle_due(account_id: int, sync_type: str, keys: Sequence[str]) -> None:
    for chunk in chunks(keys):
        execute(
            f"DELETE FROM consent_due WHERE account_id = %s AND sync_type = %s AND person_key IN {given()}",
            [account_id, sync_type, pack(chunk)],
        )
