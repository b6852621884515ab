"""What people chose about marketing preferences: what Dotdigital told, what both sides last agreed on, and
the rows that Dynamics holds.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from syncline.bulk import fetch, given, pack, upsert
from syncline.people.store.sql import OF_ANY_TABLE, chunks, execute

NOTHING: Final = 0
NO: Final = 1
YES: Final = 2
WORDS: Final[Mapping[int, str]] = {NOTHING: "", NO: "no", YES: "yes"}


class Told(NamedTuple):
    """Times are milliseconds since 1970, UTC; 0: not known."""

    told: int = NOTHING
    """What the contact chose in Dotdigital."""
    told_ms: int = 0
    settled: int = NOTHING
    """What both sides last agreed on."""
    settled_ms: int = 0


class ChoiceRow(NamedTuple):
    """A row in Dynamics."""

    row_id: str
    record_id: str
    preference: int
    chosen: int
    since_ms: int
    ours: bool


class Chosen(NamedTuple):
    """A choice that Dotdigital tells."""

    key: str
    preference: int
    told: int
    told_ms: int


_KEY: Final = ("account_id", "person_key", "preference")


def told_of(account_id: int, keys: Sequence[str]) -> dict[str, dict[int, Told]]:
    """Person key → preference → what is known of the choice."""
    found: dict[str, dict[int, Told]] = {}
    for chunk in chunks(keys):
        rows = fetch(
            "SELECT person_key, preference, told, told_ms, settled, settled_ms FROM consent_choice "
            f"WHERE account_id = %s AND person_key IN {given()}",
            [account_id, pack(chunk)],
        )
        for key, preference, *told in rows:
            found.setdefault(key, {})[preference] = Told(*told)
    return found


def save_told(account_id: int, rows: Sequence[Chosen]) -> list[tuple[Chosen, int]]:
    """Keep what Dotdigital tells. Returns what is new, with what was chosen before."""
    known = told_of(account_id, sorted({row.key for row in rows}))
    fresh: dict[tuple[str, int], tuple[Chosen, Told]] = {}
    for row in rows:
        before = known.get(row.key, {}).get(row.preference, Told())
        if (before.told, before.told_ms) != (row.told, row.told_ms):
            fresh[row.key, row.preference] = (row, before)
    upsert(
        "consent_choice",
        _KEY,
        ("told", "told_ms", "settled", "settled_ms"),
        [(account_id, *row, before.settled, before.settled_ms) for row, before in fresh.values()],
    )
    return [(row, before.told) for row, before in fresh.values()]


def settle_choices(account_id: int, rows: Sequence[tuple[str, int, int]]) -> None:
    """Both sides say the same by now: rows of (person key, preference, value)."""
    known = told_of(account_id, sorted({key for key, *_ in rows}))
    settled = []
    for key, preference, value in rows:
        told = known.get(key, {}).get(preference, Told())
        if told.told == value and (told.settled, told.settled_ms) != (value, told.told_ms):
            settled.append((account_id, key, preference, *told[:2], value, told.told_ms))
    upsert("consent_choice", _KEY, ("told", "told_ms", "settled", "settled_ms"), settled)


def follow(account_id: int, old: str, new: str) -> None:
    """A contact has another address now, and its choices go with it. Where another contact had that address
    before, nothing has been agreed with this one yet.
    """
    execute(
        "INSERT INTO consent_choice (account_id, person_key, preference, told, told_ms, settled, settled_ms) "
        "SELECT account_id, %s, preference, told, told_ms, settled, settled_ms FROM consent_choice "
        "WHERE account_id = %s AND person_key = %s ON CONFLICT (account_id, person_key, preference) "
        "DO UPDATE SET told = excluded.told, told_ms = excluded.told_ms, settled = 0, settled_ms = 0",
        [new, account_id, old],
    )
    execute("DELETE FROM consent_choice WHERE account_id = %s AND person_key = %s", [account_id, old])


def forget(account_id: int, keys: Sequence[str]) -> None:
    """The contacts who chose so are gone in Dotdigital, and another one at the address has chosen nothing."""
    for chunk in chunks(keys):
        execute(
            f"DELETE FROM consent_choice WHERE account_id = %s AND person_key IN {given()}",
            [account_id, pack(chunk)],
        )


_ROW: Final = "SELECT row_id, record_id, preference, chosen, since_ms, ours FROM consent_choicerow "


def rows_of_records(account_id: int, record_ids: Sequence[str]) -> list[ChoiceRow]:
    return _rows("record_id", account_id, record_ids)


def rows_by_id(account_id: int, row_ids: Sequence[str]) -> dict[str, ChoiceRow]:
    return {row.row_id: row for row in _rows("row_id", account_id, row_ids)}


def _rows(column: str, account_id: int, ids: Sequence[str]) -> list[ChoiceRow]:
    found: list[ChoiceRow] = []
    for chunk in chunks(ids):
        sql = f"{_ROW} WHERE account_id = %s AND {column} IN {given()}"
        rows = fetch(sql, [account_id, pack(chunk)])
        found += [ChoiceRow(*row)._replace(ours=bool(row[5])) for row in rows]
    return found


def keep_rows(account_id: int, rows: Sequence[ChoiceRow], run_id: int) -> None:
    others = ("record_id", "preference", "chosen", "since_ms", "ours", "seen_in")
    values = [(account_id, *row, run_id) for row in rows]
    upsert("consent_choicerow", ("account_id", "row_id"), others, values)


def drop_rows(account_id: int, row_ids: Sequence[str]) -> set[str]:
    """Forget rows that are gone in Dynamics. Returns whose they were."""
    keys = people_of_records(account_id, [row.record_id for row in _rows("row_id", account_id, row_ids)])
    for chunk in chunks(row_ids):
        execute(
            f"DELETE FROM consent_choicerow WHERE account_id = %s AND row_id IN {given()}",
            [account_id, pack(chunk)],
        )
    return keys


def unseen_rows(account_id: int, run_id: int, limit: int) -> list[str]:
    """After a reading of the whole table: some of the rows that it did not see."""
    sql = "SELECT row_id FROM consent_choicerow WHERE account_id = %s AND seen_in <> %s LIMIT %s"
    return [row[0] for row in fetch(sql, [account_id, run_id, limit])]


def people_of_records(account_id: int, record_ids: Sequence[str]) -> set[str]:
    """Person keys of these contacts and leads, of those that are known."""
    found: set[str] = set()
    for chunk in chunks(record_ids):
        rows = fetch(
            f"SELECT person_key FROM people_crmrecord WHERE account_id = %s AND {OF_ANY_TABLE} "
            f"AND record_id IN {given()}",
            [account_id, pack(chunk)],
        )
        found.update(row[0] for row in rows)
    return found


def ever_in_a_list(account_id: int, keys: Sequence[str]) -> set[str]:
    """Those who are, or were, in a list of the account on either side."""
    found: set[str] = set()
    lists = "(SELECT id FROM lists_marketinglist WHERE account_id = %s)"
    for chunk in chunks(keys):
        these = pack(chunk)
        rows = fetch(
            f"SELECT person_key FROM people_bookmember WHERE person_key IN {given()} AND list_id IN {lists} "
            "UNION SELECT r.person_key FROM people_crmrecord r JOIN people_crmmember m "
            f"ON m.record_id = r.record_id WHERE r.account_id = %s AND r.person_key IN {given()} "
            f"AND m.list_id IN {lists}",
            [these, account_id, account_id, these, account_id],
        )
        found.update(row[0] for row in rows)
    return found
