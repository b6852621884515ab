"""Dotdigital contacts as last read or written, and the shadow."""

from collections.abc import Mapping, Sequence

from syncline.bulk import Row, fetch, given, pack, upsert
from syncline.people.store import choices
from syncline.people.store.sql import execute


def persons(account_id: int, keys: Sequence[str]) -> dict[str, Row]:
    """person key → (contact_id, known_as, status, remote as JSON text, agreed as JSON text, opt_in)."""
    if not keys:
        return {}
    rows = fetch(
        "SELECT person_key, contact_id, known_as, status, remote, agreed, opt_in FROM people_person "
        f"WHERE account_id = %s AND person_key IN {given()}",
        [account_id, pack(keys)],
    )
    return {row[0]: row[1:] for row in rows}


def keys_of_contacts(account_id: int, contact_ids: Sequence[int]) -> dict[int, str]:
    if not contact_ids:
        return {}
    rows = fetch(
        "SELECT contact_id, person_key FROM people_person "
        f"WHERE account_id = %s AND contact_id IN {given('bigint')}",
        [account_id, pack(contact_ids)],
    )
    return dict(rows)


def contacts_between(account_id: int, above: int, up_to: int | None, most: int) -> dict[int, str]:
    """Contact id → key of the contacts known with an id in this stretch, the lowest ids first, up to `most`;
    `up_to` None: to the end.
    """
    end, values = ("", []) if up_to is None else ("AND contact_id <= %s", [up_to])
    rows = fetch(
        "SELECT contact_id, person_key FROM people_person "
        f"WHERE account_id = %s AND contact_id > %s {end} ORDER BY contact_id LIMIT %s",
        [account_id, above, *values, most],
    )
    return dict(rows)


def save_persons(rows: Sequence[Row]) -> None:
    """Rows of (account_id, person_key, contact_id, known_as, status, remote, agreed). The opt-in type stays
    as it was last read.
    """
    others = ("contact_id", "known_as", "status", "remote", "agreed")
    upsert("people_person", ("account_id", "person_key"), others, rows)


def save_contacts_read(rows: Sequence[Row]) -> None:
    """Rows of (account_id, person_key, contact_id, known_as, status, remote, agreed, opt_in)."""
    others = ("contact_id", "known_as", "status", "remote", "agreed", "opt_in")
    upsert("people_person", ("account_id", "person_key"), others, rows)


def save_opt_ins(account_id: int, keys_of: Mapping[str, Sequence[str]]) -> None:
    """Opt-in type → people of whom nothing else has changed."""
    for opt_in, keys in keys_of.items():
        execute(
            f"UPDATE people_person SET opt_in = %s WHERE account_id = %s AND person_key IN {given()}",
            [opt_in, account_id, pack(keys)],
        )


def keys_with_records(account_id: int, keys: Sequence[str]) -> set[str]:
    """Those of the keys that any Dynamics row still has as its address."""
    if not keys:
        return set()
    rows = fetch(
        f"SELECT DISTINCT person_key FROM people_crmrecord WHERE account_id = %s AND person_key IN {given()}",
        [account_id, pack(keys)],
    )
    return {row[0] for row in rows}


def follow_address(account_id: int, old: str, new: str) -> None:
    """Give a known Dotdigital contact its new key, with its consent, values and places; the old one is kept
    as `known_as`, as long as Dotdigital has it. Nobody may be stored under the new key.
    """
    execute(
        "UPDATE people_person SET person_key = %s, known_as = CASE WHEN known_as = %s THEN '' "
        "WHEN known_as = '' THEN person_key ELSE known_as END "
        "WHERE account_id = %s AND person_key = %s",
        [new, new, account_id, old],
    )
    _rekey_places(account_id, old, new)
    choices.follow(account_id, old, new)


def forget_contacts(account_id: int, keys: Sequence[str]) -> None:
    """Dotdigital no longer has the contacts of these addresses, nor their places in lists."""
    if keys:
        these, values = given(), pack(keys)
        execute(
            f"DELETE FROM people_person WHERE account_id = %s AND person_key IN {these}", [account_id, values]
        )
        execute(
            f"DELETE FROM people_bookmember WHERE person_key IN {these} AND status = 'subscribed' "
            "AND list_id IN (SELECT id FROM lists_marketinglist WHERE account_id = %s)",
            [values, account_id],
        )
        choices.forget(account_id, keys)


def _rekey_places(account_id: int, old: str, new: str) -> None:
    """Where somebody left or was taken out under either address stays remembered; a list that they left by
    themselves also for the old one, which others may have had too.
    """
    own_lists = "(SELECT id FROM lists_marketinglist WHERE account_id = %s)"
    execute(
        f"DELETE FROM people_bookmember WHERE person_key = %s AND status = 'subscribed' "
        f"AND list_id IN {own_lists}",
        [new, account_id],
    )
    execute(
        "INSERT INTO people_bookmember (list_id, person_key, status, agreed, seen_in) "
        "SELECT list_id, %s, status, agreed, seen_in FROM people_bookmember "
        f"WHERE person_key = %s AND list_id IN {own_lists} ON CONFLICT DO NOTHING",
        [new, old, account_id],
    )
    execute(
        f"DELETE FROM people_bookmember WHERE person_key = %s AND status <> 'suppressed' "
        f"AND list_id IN {own_lists}",
        [old, account_id],
    )
