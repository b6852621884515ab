"""Everybody in the marketing lists of an account, on either side, a page at a time."""

from collections.abc import Sequence
from typing import Final

from syncline.bulk import fetch, marks

_BRANCH: Final = (
    "SELECT * FROM (SELECT DISTINCT t.person_key FROM {table} t "
    "WHERE {condition} AND t.person_key > %s {known} "
    "ORDER BY t.person_key LIMIT %s) {name}"
)
# The limit, which changes nothing else, makes PostgreSQL look each key up. Without it, it would rather join
# the table of persons, and walk it from its beginning for every page.
_KNOWN: Final = (
    "AND EXISTS (SELECT 1 FROM people_person p WHERE p.account_id = %s AND p.person_key = t.person_key "
    "LIMIT 1 OFFSET 0)"
)


def list_people_after(
    account_id: int, list_ids: Sequence[int], after: str, limit: int, *, known_only: bool = False
) -> list[str]:
    """The next keys, in the database's own order: members of these lists in Dynamics or in Dotdigital, and
    whoever is touched. `known_only` leaves out people whom Dotdigital has never seen.

    Each branch walks an index in the order of its keys and stops after a page, however many there are.
    """
    lists = marks(len(list_ids)) if list_ids else "(NULL)"
    in_dynamics = (
        "t.account_id = %s AND EXISTS (SELECT 1 FROM people_crmmember m "
        f"WHERE m.record_id = t.record_id AND m.list_id IN {lists})"
    )
    branches = (
        ("people_crmrecord", in_dynamics, [account_id, *list_ids]),
        ("people_bookmember", f"t.list_id IN {lists}", [*list_ids]),
        ("people_touched", "t.account_id = %s", [account_id]),
    )
    known, whose = (_KNOWN, [account_id]) if known_only else ("", [])
    sql = " UNION ".join(
        _BRANCH.format(table=table, condition=condition, known=known, name=f"b{number}")
        for number, (table, condition, _) in enumerate(branches)
    )
    values = [value for *_, own in branches for value in (*own, after, *whose, limit)]
    rows = fetch(f"SELECT person_key FROM ({sql}) e ORDER BY person_key LIMIT %s", [*values, limit])
    return [row[0] for row in rows]
