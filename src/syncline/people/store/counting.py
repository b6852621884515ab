"""How many people something may befall, counted cheaply before anything is decided.

CROSS JOIN tells SQLite to begin with the touched people: those are few in nearly every run, and it would
begin with the whole account.
"""

from collections.abc import Sequence
from typing import NamedTuple

from syncline.bulk import fetch, marks
from syncline.people.store.sql import number

_KNOWN = "account_id = %s AND contact_id IS NOT NULL"


class TouchedPlaces(NamedTuple):
    """Of one list."""

    people: int
    """Touched people who are subscribed to its Dotdigital list."""
    agreed: int
    """Those of whom both sides had agreed that they are members."""


def count_known(account_id: int) -> int:
    """People whom Dotdigital knows."""
    return number(f"SELECT count(*) FROM people_person WHERE {_KNOWN}", [account_id])


def count_touched_known(account_id: int) -> int:
    return number(
        "SELECT count(*) FROM people_touched t CROSS JOIN people_person p "
        "WHERE t.account_id = %s AND p.account_id = t.account_id AND p.person_key = t.person_key "
        "AND p.contact_id IS NOT NULL",
        [account_id],
    )


def count_touched_places(account_id: int, list_ids: Sequence[int]) -> dict[int, TouchedPlaces]:
    """By list; lists without any touched person are left out."""
    if not list_ids:
        return {}
    rows = fetch(
        "SELECT b.list_id, count(*), count(*) FILTER (WHERE b.agreed) "
        "FROM people_touched t CROSS JOIN people_bookmember b "
        "WHERE t.account_id = %s AND b.person_key = t.person_key AND b.status = 'subscribed' "
        f"AND b.list_id IN {marks(len(list_ids))} GROUP BY b.list_id",
        [account_id, *list_ids],
    )
    return {list_id: TouchedPlaces(people, agreed) for list_id, people, agreed in rows}
