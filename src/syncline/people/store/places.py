"""People's places in Dotdigital lists."""

from collections.abc import Sequence

from syncline.bulk import fetch, given, marks, pack, upsert
from syncline.people.facts import Place
from syncline.people.store.sql import execute, many, number


def places(list_ids: Sequence[int], keys: Sequence[str]) -> dict[tuple[int, str], Place]:
    if not keys or not list_ids:
        return {}
    rows = fetch(
        "SELECT list_id, person_key, status, agreed FROM people_bookmember "
        f"WHERE list_id IN {marks(len(list_ids))} AND person_key IN {given()}",
        [*list_ids, pack(keys)],
    )
    return {(row[0], row[1]): Place(row[2], bool(row[3])) for row in rows}


def save_places(rows: Sequence[tuple[int, str, str, bool, int]]) -> None:
    """Rows of (list_id, person_key, status, agreed, seen_in)."""
    others = ("status", "agreed", "seen_in")
    upsert("people_bookmember", ("list_id", "person_key"), others, rows)


def drop_places(rows: Sequence[tuple[int, str]]) -> None:
    many("DELETE FROM people_bookmember WHERE list_id = %s AND person_key = %s", rows)


def count_places(list_id: int) -> int:
    """How many people hold a subscribed place in the list, as far as we know."""
    sql = "SELECT count(*) FROM people_bookmember WHERE list_id = %s AND status = 'subscribed'"
    return number(sql, [list_id])


def mark_places_seen(list_id: int, keys: Sequence[str], seen_in: int) -> None:
    if keys:
        execute(
            f"UPDATE people_bookmember SET seen_in = %s WHERE list_id = %s AND person_key IN {given()}",
            [seen_in, list_id, pack(keys)],
        )


def retire_unseen_places(account_id: int, list_id: int, seen_in: int) -> None:
    """After a full reading of a Dotdigital list: whoever it did not see has been removed there.

    A place that both sides had agreed on is kept as `removed`, so that nobody is put back without a person
    deciding so.
    """
    unseen = "list_id = %s AND status = 'subscribed' AND seen_in <> %s"
    execute(
        f"INSERT INTO people_touched (account_id, person_key) SELECT %s, person_key FROM people_bookmember "
        f"WHERE {unseen} ON CONFLICT DO NOTHING",
        [account_id, list_id, seen_in],
    )
    execute(f"UPDATE people_bookmember SET status = 'removed' WHERE {unseen} AND agreed", [list_id, seen_in])
    execute(f"DELETE FROM people_bookmember WHERE {unseen}", [list_id, seen_in])


def forget_book(list_id: int) -> None:
    """The Dotdigital list is gone: nobody has a place in it, but whoever left it stays remembered."""
    execute("DELETE FROM people_bookmember WHERE list_id = %s AND status <> 'suppressed'", [list_id])


def drop_subscribed_places(account_id: int, keys: Sequence[str]) -> None:
    """These people's contacts are gone; that they left a list by themselves stays remembered."""
    if keys:
        execute(
            f"DELETE FROM people_bookmember WHERE person_key IN {given()} "
            "AND status <> 'suppressed' "
            "AND list_id IN (SELECT id FROM lists_marketinglist WHERE account_id = %s)",
            [pack(keys), account_id],
        )
