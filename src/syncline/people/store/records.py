"""Rows of Dynamics: address, consent marks and mapped columns, as last read."""

from collections.abc import Sequence

from syncline.bulk import Row, fetch, given, pack, upsert
from syncline.people.facts import CrmFlag
from syncline.people.store.sql import OF_ANY_TABLE, execute, many, number

_KEPT_OUT = int(CrmFlag.INACTIVE | CrmFlag.REOPENED)


def crm_records(account_id: int, entity: str, record_ids: Sequence[str]) -> dict[str, Row]:
    """record id → (person_key, name, flags, columns as JSON text, former_keys)."""
    if not record_ids:
        return {}
    rows = fetch(
        "SELECT record_id, person_key, name, flags, columns, former_keys FROM people_crmrecord "
        f"WHERE account_id = %s AND entity = %s AND record_id IN {given()}",
        [account_id, entity, pack(record_ids)],
    )
    return {row[0]: row[1:] for row in rows}


def save_crm_records(rows: Sequence[Row]) -> None:
    """Rows of (account_id, entity, record_id, person_key, name, flags, columns, former_keys, seen_in)."""
    others = ("person_key", "name", "flags", "columns", "former_keys", "seen_in")
    upsert("people_crmrecord", ("account_id", "entity", "record_id"), others, rows)


def mark_records_seen(account_id: int, entity: str, record_ids: Sequence[str], seen_in: int) -> None:
    if record_ids:
        execute(
            "UPDATE people_crmrecord SET seen_in = %s WHERE account_id = %s AND entity = %s AND record_id IN "
            f"{given()}",
            [seen_in, account_id, entity, pack(record_ids)],
        )


def forget_unseen_records(account_id: int, entity: str, seen_in: int) -> int:
    """After a full reading: rows that it did not show are gone, and whoever had them is touched. Returns how
    many are.

    Rows in a marketing list of ours stay: those may only be out of our sight, and nobody is taken out of a
    list for that.
    """
    unseen = (
        "account_id = %s AND entity = %s AND seen_in <> %s AND NOT EXISTS "
        "(SELECT 1 FROM people_crmmember m JOIN lists_marketinglist l ON l.id = m.list_id "
        "WHERE m.record_id = people_crmrecord.record_id AND l.account_id = people_crmrecord.account_id)"
    )
    execute(
        "INSERT INTO people_touched (account_id, person_key) SELECT DISTINCT account_id, person_key "
        f"FROM people_crmrecord WHERE {unseen} ON CONFLICT DO NOTHING",
        [account_id, entity, seen_in],
    )
    return execute(f"DELETE FROM people_crmrecord WHERE {unseen}", [account_id, entity, seen_in])


def delete_crm_records(account_id: int, entity: str, record_ids: Sequence[str]) -> list[str]:
    """Forget rows deleted in Dynamics, and their memberships. Returns the keys of the people concerned."""
    known = crm_records(account_id, entity, record_ids)
    if not known:
        return []
    these, values = given(), pack(list(known))
    execute(
        f"DELETE FROM people_crmmember WHERE record_id IN {these} "
        "AND list_id IN (SELECT id FROM lists_marketinglist WHERE account_id = %s)",
        [values, account_id],
    )
    execute(
        f"DELETE FROM people_crmrecord WHERE account_id = %s AND entity = %s AND record_id IN {these}",
        [account_id, entity, values],
    )
    return [row[0] for row in known.values()]


def save_columns(account_id: int, rows: Sequence[tuple[str, str, str]]) -> None:
    """Rows of (columns, entity, record_id): what a write to Dynamics has left there."""
    many(
        "UPDATE people_crmrecord SET columns = %s WHERE account_id = %s AND entity = %s AND record_id = %s",
        [(columns, account_id, entity, record_id) for columns, entity, record_id in rows],
    )


def mark_entered(account_id: int, record_ids: Sequence[str]) -> bool:
    """Of these records, new in a list, mark the leads that are kept out for their state. Whether any was."""
    flags = f"(flags & {_KEPT_OUT}) > 0"
    these = f"account_id = %s AND entity = 'lead' AND record_id IN {given()} AND {flags}"
    values = [account_id, pack(record_ids)]
    if not record_ids or not number(f"SELECT count(*) FROM people_crmrecord WHERE {these}", values):
        return False
    execute(
        f"UPDATE people_crmrecord SET flags = (flags & {~CrmFlag.REOPENED & 31}) | {int(CrmFlag.ENTERED)} "
        f"WHERE {these}",
        values,
    )
    return True


def forget_entered(account_id: int) -> None:
    """At the end of a run: who has entered a list is in it from now on."""
    entered = int(CrmFlag.ENTERED)
    execute(
        f"UPDATE people_crmrecord SET flags = flags - {entered} "
        f"WHERE account_id = %s AND entity = 'lead' AND (flags & {entered}) > 0",
        [account_id],
    )


def keys_of_records(account_id: int, record_ids: Sequence[str]) -> list[str]:
    if not record_ids:
        return []
    rows = fetch(
        f"SELECT person_key FROM people_crmrecord WHERE account_id = %s AND {OF_ANY_TABLE} "
        f"AND record_id IN {given()}",
        [account_id, pack(record_ids)],
    )
    return [row[0] for row in rows]


def set_mark(account_id: int, rows: Sequence[tuple[str, str]], flag: int, *, on: bool) -> None:
    """Set or clear a flag of rows (entity, record id), as Dynamics holds them from now on."""
    change = "flags | %s" if on else "flags & ~%s"
    of_row = "account_id = %s AND entity = %s AND record_id = %s"
    many(
        f"UPDATE people_crmrecord SET flags = {change} WHERE {of_row}",
        [(int(flag), account_id, *row) for row in rows],
    )
