"""Who left which Dotdigital list by themselves, a page at a time."""

from typing import Any, Final, NamedTuple

from syncline.bulk import fetch

_LEFT: Final = (
    "SELECT b.person_key, b.list_id FROM people_bookmember b WHERE b.status = 'suppressed' "
    "AND b.list_id IN (SELECT id FROM lists_marketinglist WHERE account_id = %s)"
)


class Leaver(NamedTuple):
    """Somebody's place in a list that they left."""

    person_key: str
    list_id: int
    """`MarketingList.id`."""


def leavers(
    account_id: int,
    limit: int,
    *,
    list_id: int | None = None,
    address: str = "",
    after: Leaver | None = None,
    before: Leaver | None = None,
) -> list[Leaver]:
    """In the order of addresses; `before` gives the nearest first. `address` may be the beginning of one.

    An index of these places alone is walked, however many members the lists have.
    """
    sql, values = _LEFT, [account_id]
    conditions: list[tuple[str, list[Any]]] = []
    if list_id is not None:
        conditions.append(("b.list_id = %s", [list_id]))
    if address:
        conditions.append(("substr(b.person_key, 1, %s) = %s", [len(address), address]))
    if before is not None:
        conditions.append(("(b.person_key, b.list_id) < (%s, %s)", list(before)))
    elif after is not None:
        conditions.append(("(b.person_key, b.list_id) > (%s, %s)", list(after)))
    sql += "".join(f" AND {condition}" for condition, _ in conditions)
    for _, more in conditions:
        values += more
    way = "DESC" if before is not None else "ASC"
    sql += f" ORDER BY b.person_key {way}, b.list_id {way} LIMIT %s"
    return [Leaver(*row) for row in fetch(sql, [*values, limit])]
