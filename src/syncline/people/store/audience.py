"""Whom the members of a marketing list come down to, counted by the database: nobody is loaded."""

from typing import Final

from syncline.bulk import fetch
from syncline.people.facts import CrmFlag
from syncline.people.store.members import count_members

_NO_MAIL: Final = int(CrmFlag.DO_NOT_BULK_EMAIL | CrmFlag.DO_NOT_EMAIL)
_NOT_SYNCED: Final = int(CrmFlag.INACTIVE | CrmFlag.REOPENED)

_NO_LIMIT: Final = 2**63 - 1
"""For a LIMIT that leaves nothing out."""

KINDS: Final = ("no_address", "do_not_email", "unsubscribed", "inactive", "shared", "targets")

# Every member is counted as it comes: no sorting and no set of addresses, which would grow with the list.
# CROSS JOIN and `|| ''` tell SQLite to begin with the members of the list, and to look for others by their
# address. LIMIT keeps the inner query apart: else its kind would be found out anew for each of the counts.
_SQL: Final = f"""
SELECT {", ".join(f"count(*) FILTER (WHERE kind = '{kind}')" for kind in KINDS)} FROM (
    SELECT CASE
        WHEN substr(r.person_key, 1, 1) = '@' THEN 'no_address'
        WHEN EXISTS (
            SELECT 1 FROM people_crmrecord o WHERE o.account_id = r.account_id
            AND o.person_key = r.person_key AND (o.flags & {_NO_MAIL}) > 0
        ) THEN 'do_not_email'
        WHEN s.person_key IS NOT NULL OR p.status NOT IN ('', 'subscribed')
            OR EXISTS (
                SELECT 1 FROM consent_crmsuppressed c
                WHERE c.account_id = r.account_id AND c.person_key = r.person_key
            )
            OR b.status IN ('suppressed', 'removed') THEN 'unsubscribed'
        WHEN (r.flags & %s) > 0 THEN 'inactive'
        WHEN EXISTS (
            SELECT 1 FROM people_crmrecord o
            CROSS JOIN people_crmmember n
            WHERE o.account_id = r.account_id AND o.person_key = r.person_key
            AND o.record_id || '' < r.record_id AND (o.flags & %s) = 0
            AND n.list_id = m.list_id AND n.record_id = o.record_id
        ) THEN 'shared'
        ELSE 'targets' END AS kind
    FROM people_crmmember m
    CROSS JOIN people_crmrecord r
    LEFT JOIN people_person p ON p.account_id = r.account_id AND p.person_key = r.person_key
    LEFT JOIN people_bookmember b ON b.list_id = m.list_id AND b.person_key = r.person_key
    LEFT JOIN consent_suppression s ON s.account_id = r.account_id AND s.person_key = r.person_key
    WHERE m.list_id = %s AND r.account_id = %s AND r.entity = %s AND r.record_id = m.record_id
    LIMIT {_NO_LIMIT}
) told
"""


def audience(account_id: int, list_id: int, entity: str, *, only_open_and_active: bool) -> dict[str, int]:
    """Counts of members, targets (who would be mailed, each address once), no_address, do_not_email,
    unsubscribed (suppressed, unsubscribed, or gone from this list), inactive, and shared: members for whom
    another one with the same address stands. A member counts for the first of these that is true.
    """
    not_synced = _NOT_SYNCED if only_open_and_active else 0
    [counts] = fetch(_SQL, [not_synced, not_synced, list_id, account_id, entity])
    return {"members": count_members(list_id), **dict(zip(KINDS, counts, strict=True))}
