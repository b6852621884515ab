"""Takes rows of contacts, leads and accounts over as Dynamics holds them, and touches everybody whom a
difference concerns.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from syncline.consent import in_dynamics, ledger
from syncline.consent.ledger import Change, Source
from syncline.mapping.models import Entity
from syncline.people import store
from syncline.people.facts import CrmFlag, person_key
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists import consent_seen
from syncline.syncs.marketing_lists.consent_seen import Seen
from syncline.syncs.marketing_lists.setting import MODIFIED_ON, PRIMARY_IDS, PRIMARY_NAMES, Setting


class _Kept(NamedTuple):
    """A row as we keep it."""

    key: str
    name: str
    flags: int
    values: str
    """The mapped columns that have a value, as JSON text."""


class _Differences(NamedTuple):
    """What a page of rows changes about what we know."""

    saves: list[tuple[Any, ...]]
    changed: list[tuple[str, str]]
    """(record id, person key)."""
    always: set[str]
    """People to be touched even where they are in no list of ours: a mark counts wherever it stands, and a
    changed address concerns the former one as well.
    """
    consent: list[Change]
    """What the rows say anew about consent, for the ledger."""


def stage_records(
    context: RunContext, setting: Setting, entity: str, rows: list[dict[str, Any]], *, in_full: bool = False
) -> int:
    """Take over rows as Dynamics holds them, and touch everybody concerned by a difference. Returns how many
    rows differ from what we knew.

    `in_full`: the whole table is being read, so every row is marked as seen.
    """
    account_id, run_id = context.account.pk, context.run.pk
    key_column = PRIMARY_IDS[Entity(entity)]
    known = store.crm_records(account_id, entity, [row[key_column] for row in rows])
    saves, changed, always, consent = _differences(context, setting, entity, rows, known)
    store.save_crm_records(saves)
    ledger.record(consent)
    _give_up_marks(account_id, saves, known)
    if setting.needs_clock(entity):
        store.save_modified(account_id, entity, [(_milliseconds(row), row[key_column]) for row in rows])
    if in_full:
        store.mark_records_seen(account_id, entity, list(known), run_id)
    store.touch(account_id, always | _concerned(account_id, setting, changed))
    store.concern(account_id, always | {key for _, key in changed})
    return len(changed)


def _give_up_marks(
    account_id: int, saves: Sequence[tuple[Any, ...]], known: Mapping[str, tuple[Any, ...]]
) -> None:
    """Somebody cleared Do Not Bulk Email in Dynamics: whoever sets it next does so for a reason of their
    own.
    """
    cleared = [
        record_id
        for _, _, record_id, _, _, flags, *_ in saves
        if record_id in known and known[record_id][2] & ~flags & CrmFlag.DO_NOT_BULK_EMAIL
    ]
    if cleared:
        in_dynamics.clear_marks([account_id], cleared)


def _differences(
    context: RunContext,
    setting: Setting,
    entity: str,
    rows: Sequence[dict[str, Any]],
    known: Mapping[str, tuple[Any, ...]],
) -> _Differences:
    account_id, run_id = context.account.pk, context.run.pk
    key_column, name_column = PRIMARY_IDS[Entity(entity)], PRIMARY_NAMES[Entity(entity)]
    columns = tuple(sorted({rule.column for rule in setting.fields.get(entity, ())}))
    watches_state = entity == Entity.LEAD and context.account.only_open_and_active
    found = _Differences([], [], set(), [])
    seen = Seen(account_id, run_id, context.now(), Source.DYNAMICS)
    for row in rows:
        record_id = row[key_column]
        before, fresh = known.get(record_id), _as_kept(row, record_id, name_column, columns)
        if before is not None and watches_state:
            fresh = _with_state_of_lead(fresh, before)
        if before is not None and before[:4] == fresh:
            continue
        former = _former_keys(before, fresh.key)
        found.saves.append((account_id, entity, record_id, *fresh, former, run_id))
        found.changed.append((record_id, fresh.key))
        found.always.update(_always_concerned(before, fresh))
        was = _flags_known_of(before, fresh.key)
        if was != fresh.flags:
            found.consent.extend(consent_seen.of_record(seen, fresh.key, entity, record_id, was, fresh.flags))
    return found


def _as_kept(row: dict[str, Any], record_id: str, name_column: str, columns: Sequence[str]) -> _Kept:
    values = {column: value for column in columns if (value := row.get(column)) is not None}
    return _Kept(
        person_key(row.get("emailaddress1"), record_id),
        (row.get(name_column) or "")[:200].replace("\0", "\ufffd"),
        flags_of(row),
        store.to_json(values),
    )


def _former_keys(before: tuple[Any, ...] | None, key: str) -> str:
    """The addresses that the row had, the latest first, a line each."""
    if before is None:
        return ""
    former: str = before[4]
    if before[0] == key:
        return former
    return "\n".join(dict.fromkeys([before[0], *former.split("\n")])).strip()


def _always_concerned(before: tuple[Any, ...] | None, fresh: _Kept) -> set[str]:
    if before is None:
        return {fresh.key} if fresh.flags else set()
    if before[0] != fresh.key:
        return {fresh.key, before[0]}
    return {fresh.key} if before[2] != fresh.flags else set()


def _flags_known_of(before: tuple[Any, ...] | None, key: str) -> int:
    """What the row said of this address before: of a new one, nothing."""
    if before is None or before[0] != key:
        return 0
    flags: int = before[2]
    return flags


def _milliseconds(row: dict[str, Any]) -> int:
    """When Dynamics says that the row was last changed; 0 where it does not say."""
    text = row.get(MODIFIED_ON)
    return int(datetime.fromisoformat(text).timestamp() * 1000) if text else 0


def flags_of(row: dict[str, Any]) -> int:
    flags = 0
    if row.get("donotbulkemail"):
        flags |= CrmFlag.DO_NOT_BULK_EMAIL
    if row.get("donotemail"):
        flags |= CrmFlag.DO_NOT_EMAIL
    # 0 is Active for contacts and accounts, and Open for leads.
    if row.get("statecode"):
        flags |= CrmFlag.INACTIVE
    return int(flags)


def _with_state_of_lead(fresh: _Kept, known: tuple[Any, ...]) -> _Kept:
    """A lead that was disqualified while in a list does not start to sync on a change of its status alone
    (product.md §7): it is marked until something else changes, or it enters a list anew.
    """
    before, flags = known[2], fresh.flags
    same = known[:2] == fresh[:2] and known[3] == fresh.values
    if not same or before & CrmFlag.ENTERED:
        return fresh
    opened = before & CrmFlag.INACTIVE and flags == before & ~CrmFlag.INACTIVE
    stayed = before & CrmFlag.REOPENED and flags == before & ~CrmFlag.REOPENED
    return fresh._replace(flags=int(flags | CrmFlag.REOPENED)) if opened or stayed else fresh


def _concerned(account_id: int, setting: Setting, changed: list[tuple[str, str]]) -> set[str]:
    """Of the people whose rows changed, those in a list of ours or known to Dotdigital; the rest never leaves
    Dynamics.
    """
    members = store.known_members(setting.list_ids, [record_id for record_id, _ in changed])
    known = store.persons(account_id, [key for record_id, key in changed if record_id not in members])
    return {key for record_id, key in changed if record_id in members or key in known}
