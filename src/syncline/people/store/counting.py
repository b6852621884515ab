"""How many people something may befall, counted cheaply before anything is decided."""

from collections.abc import Sequence

from syncline.people.store.sql import fetch, marks, number

_KNOWN = "account_id = %s AND contact_id IS NOT NULL"


def count_known(account_id: int) -> int:
    """People whom Dotdigital knows."""
    return number(f"SELECT count(*) FROM people_person WHERE {_KNOWN}", [account_id])


def count_touched_known(account_id: int) -> int:
    return number(
        "SELECT count(*) FROM people_touched t JOIN people_person p "
        "ON p.account_id = t.account_id AND p.person_key = t.person_key "
        "WHERE t.account_id = %s AND p.contact_id IS NOT NULL",
        [account_id],
    )


def count_touched_places(account_id: int, list_ids: Sequence[int]) -> dict[int, int]:
    """List → touched people who are subscribed to its Dotdigital list."""
    return _by_list(
        "SELECT b.list_id, count(*) FROM people_touched t JOIN people_bookmember b "
        "ON b.person_key = t.person_key "
        "WHERE t.account_id = %s AND b.list_id IN {} AND b.status = 'subscribed' GROUP BY b.list_id",
        account_id,
        list_ids,
    )


def count_touched_agreed(account_id: int, list_ids: Sequence[int]) -> dict[int, int]:
    """List → touched people in its Dotdigital list of whom both sides had agreed that they are members."""
    return _by_list(
        "SELECT b.list_id, count(*) FROM people_touched t JOIN people_bookmember b "
        "ON b.person_key = t.person_key "
        "WHERE t.account_id = %s AND b.list_id IN {} AND b.status = 'subscribed' AND b.agreed "
        "GROUP BY b.list_id",
        account_id,
        list_ids,
    )


def _by_list(sql: str, account_id: int, list_ids: Sequence[int]) -> dict[int, int]:
    if not list_ids:
        return {}
    return dict(fetch(sql.format(marks(len(list_ids))), [account_id, *list_ids]))
