"""Membership of marketing lists in Dynamics, as last read."""

from collections.abc import Sequence

from syncline.bulk import fetch, given, marks, pack, upsert
from syncline.people.store.sql import MEMBERS, execute, number


def known_members(list_ids: Sequence[int], record_ids: Sequence[str]) -> set[str]:
    """Those of the records that are members of any of the lists."""
    if not record_ids or not list_ids:
        return set()
    rows = fetch(
        f"SELECT record_id FROM people_crmmember WHERE list_id IN {marks(len(list_ids))} "
        f"AND record_id IN {given()}",
        [*list_ids, pack(record_ids)],
    )
    return {row[0] for row in rows}


def save_members(list_id: int, record_ids: Sequence[str], seen_in: int) -> None:
    rows = [(list_id, record_id, seen_in) for record_id in record_ids]
    upsert("people_crmmember", ("list_id", "record_id"), ("seen_in",), rows)


def drop_member(list_id: int, record_id: str) -> None:
    """We took the record out of the list ourselves."""
    execute("DELETE FROM people_crmmember WHERE list_id = %s AND record_id = %s", [list_id, record_id])


def count_members(list_id: int) -> int:
    return number("SELECT count(*) FROM people_crmmember WHERE list_id = %s", [list_id])


def has_no_members(list_id: int) -> bool:
    """Without walking a list that has any."""
    return not fetch("SELECT 1 FROM people_crmmember WHERE list_id = %s LIMIT 1", [list_id])


def count_seen(list_id: int, seen_in: int) -> int:
    return number(
        "SELECT count(*) FROM people_crmmember WHERE list_id = %s AND seen_in = %s", [list_id, seen_in]
    )


def drop_unseen_members(account_id: int, list_id: int, seen_in: int) -> None:
    """After a full reading: whoever it did not see has left the list. They are touched and forgotten."""
    execute(
        "INSERT INTO people_touched (account_id, person_key) SELECT DISTINCT r.account_id, r.person_key "
        f"{MEMBERS} AND m.seen_in <> %s ON CONFLICT DO NOTHING",
        [list_id, account_id, seen_in],
    )
    execute("DELETE FROM people_crmmember WHERE list_id = %s AND seen_in <> %s", [list_id, seen_in])
