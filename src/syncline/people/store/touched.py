"""People about whom something changed on either side and has not been settled yet."""

from collections.abc import Iterable, Sequence

from syncline.bulk import given, insert_missing, pack
from syncline.people.store.sql import MEMBERS, chunks, execute, in_lists, number


def touch(account_id: int, keys: Iterable[str]) -> None:
    # In order, so that neighbours meet on the same page of the index.
    rows = [(account_id, key) for key in sorted(keys)]
    insert_missing("people_touched", ("account_id", "person_key"), rows)


def untouch(account_id: int, keys: Sequence[str]) -> None:
    for chunk in chunks(keys):
        execute(
            f"DELETE FROM people_touched WHERE account_id = %s AND person_key IN {given()}",
            [account_id, pack(chunk)],
        )


def is_touched(account_id: int, key: str) -> bool:
    sql = "SELECT count(*) FROM people_touched WHERE account_id = %s AND person_key = %s"
    return number(sql, [account_id, key]) > 0


def count_touched(account_id: int, list_ids: Sequence[int] = ()) -> int:
    """How many there are, in these lists where any are named."""
    in_these, values = in_lists("t", list_ids)
    sql = f"SELECT count(*) FROM people_touched t WHERE t.account_id = %s{in_these}"
    return number(sql, [account_id, *values])


def touch_records(account_id: int, entity: str) -> None:
    """Touch everybody with a row of this table, as when its mapping has changed."""
    execute(
        "INSERT INTO people_touched (account_id, person_key) SELECT DISTINCT account_id, person_key FROM "
        "people_crmrecord "
        "WHERE account_id = %s AND entity = %s ON CONFLICT DO NOTHING",
        [account_id, entity],
    )


def touch_members(account_id: int, list_id: int) -> None:
    """Touch all members of a marketing list on either side, as when its settings have changed."""
    execute(
        "INSERT INTO people_touched (account_id, person_key) SELECT DISTINCT r.account_id, r.person_key "
        f"{MEMBERS} ON CONFLICT DO NOTHING",
        [list_id, account_id],
    )
    execute(
        "INSERT INTO people_touched (account_id, person_key) SELECT %s, person_key FROM people_bookmember "
        "WHERE list_id = %s AND status = 'subscribed' ON CONFLICT DO NOTHING",
        [account_id, list_id],
    )
