"""Reads contacts, leads and accounts of Dynamics: everything once, then only what changed.

One delta per table serves all lists. A delta token is stamped at the last page, so after a first load one
sweep of `modifiedon` since the start closes the gap. Where change tracking is off, `modifiedon` is all there
is.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from syncline.consent import in_dynamics, ledger
from syncline.consent.ledger import Change, Source
from syncline.dataverse import ChangeTrackingOff, DeltaExpired, DeltaPage, NotFound, Page
from syncline.ledger import cursors
from syncline.mapping.catalogue import columns_fingerprint
from syncline.mapping.models import Entity
from syncline.people import store
from syncline.people.facts import CrmFlag, person_key
from syncline.remote import Misconfigured
from syncline.syncs import read_ahead
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists import consent_seen
from syncline.syncs.marketing_lists.consent_seen import Seen
from syncline.syncs.marketing_lists.set_aside import set_aside
from syncline.syncs.marketing_lists.setting import (
    ENTITY_SETS,
    MODIFIED_ON,
    PRIMARY_IDS,
    PRIMARY_NAMES,
    Setting,
)

_MODIFIED: Final = "modified:"
"""A cursor that begins so is a `modifiedon` mark and not a delta link: the table's change tracking is off."""


def source(entity: str) -> str:
    return f"dataverse:{entity}"


def _fingerprint(setting: Setting, entity: str) -> str:
    return columns_fingerprint(setting.columns(entity))


def read_records(context: RunContext, setting: Setting) -> Next | None:
    """One page of one table."""
    position = context.position
    pending = position.get("tables_to_read")
    if pending is None:
        pending = list(setting.entities)
        context.save_position(tables_to_read=pending)
    if not pending:
        return None
    entity = pending[0]
    try:
        match position.get("reading", {}).get("way"):
            case None:
                _start(context, setting, entity)
            case "delta":
                _read_delta(context, setting, entity)
            case _:
                _read_modified(context, setting, entity)
    except DeltaExpired:
        # Dataverse keeps changes for some days only. Read everything again: rows we know as they are cost
        # nothing.
        cursors.forget(context.account, source(entity))
        tokens = {
            key: kept for key, kept in context.position.get("tokens", {}).items() if key != source(entity)
        }
        context.save_position(reading={}, tokens=tokens)
    except ChangeTrackingOff:
        context.save_position(reading={"way": "modified", "since": "", "began": context.dataverse_now()})
    except NotFound:
        if setting.has_list(entity):
            raise
        _next_table(context)  # An environment without that table: nobody in it can have a mark.
    except Misconfigured as error:
        if error.status != 403:
            raise
        _leave_table_out(context, setting, entity, f"{error}. {error.what_to_do}")
    return More()


def _leave_table_out(context: RunContext, setting: Setting, entity: str, problem: str) -> None:
    """Syncline may not read this table: its own lists wait until it may, the others go on."""
    with context.storing():
        for marketing_list in setting.lists:
            if marketing_list.entity == entity and not marketing_list.problem:
                set_aside(marketing_list, problem)
        _next_table(context)


def _start(context: RunContext, setting: Setting, entity: str) -> None:
    """Choose the way: from the stored cursor, or from the beginning."""
    tokens = context.position.get("tokens", {})
    token = (
        tokens[source(entity)][0]
        if source(entity) in tokens
        else cursors.token(context.account, source(entity), _fingerprint(setting, entity))
    )
    _touch_if_mapping_changed(context, setting, entity)
    if token.startswith(_MODIFIED):
        reading = {
            "way": "modified",
            "since": token.removeprefix(_MODIFIED),
            "began": context.dataverse_now(),
        }
    else:
        reading = {
            "way": "delta",
            "link": token,
            "first": not token,
            "began": context.dataverse_now() if not token else "",
        }
    context.save_position(reading=reading)


def _touch_if_mapping_changed(context: RunContext, setting: Setting, entity: str) -> None:
    """With another mapping the same rows may be decided otherwise, so everybody is looked at again."""
    account = context.account
    # Not the setting about open leads and active contacts: it holds for what is decided from then on.
    fingerprint = f"{setting.fingerprints.get(entity, '')} {account.record_priority}"
    key = f"mapping:{entity}"
    if setting.has_list(entity) and cursors.token(context.account, key) != fingerprint:
        store.touch_records(context.account.pk, entity)
        tokens = {**context.position.get("tokens", {}), key: [fingerprint, ""]}
        context.save_position(tokens=tokens)


def _read_delta(context: RunContext, setting: Setting, entity: str) -> None:
    reading = context.position["reading"]
    page = _delta_page(context, setting, entity, reading["link"])
    with context.storing():
        stage_records(context, setting, entity, page.rows, in_full=reading["first"])
        store.touch(
            context.account.pk,
            store.delete_crm_records(context.account.pk, entity, page.deleted) if page.deleted else [],
        )
        _show(context, entity, len(page.rows))
        if page.next_link:
            context.save_position(reading={**reading, "link": page.next_link})
            return
        _settle_token(context, setting, entity, page.delta_link or "")
        if reading["first"]:
            context.save_position(reading={"way": "sweep", "since": reading["began"]})
        else:
            _next_table(context)


def _delta_page(context: RunContext, setting: Setting, entity: str, link: str) -> DeltaPage:
    client = context.dataverse

    def fetch(link: str) -> DeltaPage:
        return next(client.delta_from(link))

    if link:
        return read_ahead.page_at(context.account.pk, link, fetch, _next_link)
    page = next(client.delta(ENTITY_SETS[Entity(entity)], setting.columns(entity)))
    read_ahead.start(context.account.pk, page.next_link, fetch)
    return page


def _next_link(page: DeltaPage) -> str | None:
    return page.next_link


def _read_modified(context: RunContext, setting: Setting, entity: str) -> None:
    """Rows changed since a moment: the sweep after a first load, or the only way where change tracking is
    off.
    """
    reading = context.position["reading"]
    page = next(_modified_pages(context, setting, entity, reading))
    in_full = reading["way"] == "sweep" or not reading["since"]
    with context.storing():
        stage_records(context, setting, entity, page.rows, in_full=in_full)
        _show(context, entity, len(page.rows))
        if page.next_link:
            context.save_position(reading={**reading, "link": page.next_link})
            return
        if in_full:
            store.forget_unseen_records(context.account.pk, entity, context.run.pk)
        if reading["way"] == "modified":
            _settle_token(context, setting, entity, _MODIFIED + reading["began"])
        _next_table(context)


def _modified_pages(
    context: RunContext, setting: Setting, entity: str, reading: dict[str, Any]
) -> Iterator[Page]:
    if reading.get("link"):
        return context.dataverse.pages_from(reading["link"])
    key = PRIMARY_IDS[Entity(entity)]
    return context.dataverse.pages(
        ENTITY_SETS[Entity(entity)],
        select=setting.columns(entity),
        filter=f"modifiedon ge {reading['since']}" if reading["since"] else None,
        orderby=("modifiedon asc", f"{key} asc"),
    )


def _settle_token(context: RunContext, setting: Setting, entity: str, token: str) -> None:
    """Keep the new token with the run; it becomes the account's cursor when everything read has been
    settled.
    """
    tokens = {**context.position.get("tokens", {}), source(entity): [token, _fingerprint(setting, entity)]}
    context.save_position(tokens=tokens)


def _next_table(context: RunContext) -> None:
    context.save_position(tables_to_read=context.position["tables_to_read"][1:], reading={})


def _show(context: RunContext, entity: str, rows: int) -> None:
    read = context.position.get("records_read", 0) + rows
    context.save_position(records_read=read)
    context.show(f"Reading {ENTITY_SETS[Entity(entity)]} from Dynamics", read)


def stage_records(
    context: RunContext, setting: Setting, entity: str, rows: list[dict[str, Any]], *, in_full: bool = False
) -> int:
    """Take over rows as Dynamics holds them, and touch everybody concerned by a difference. Returns how many
    rows differ from what we knew.

    `in_full`: the whole table is being read, so every row is marked as seen.
    """
    account_id, run_id = context.account.pk, context.run.pk
    key_column, name_column = PRIMARY_IDS[Entity(entity)], PRIMARY_NAMES[Entity(entity)]
    columns = tuple(sorted({rule.column for rule in setting.fields.get(entity, ())}))
    known = store.crm_records(account_id, entity, [row[key_column] for row in rows])
    saves: list[tuple[Any, ...]] = []
    changed: list[tuple[str, str]] = []
    always: set[str] = set()
    seen = Seen(account_id, run_id, context.now(), Source.DYNAMICS)
    changes: list[Change] = []
    for row in rows:
        record_id = row[key_column]
        key = person_key(row.get("emailaddress1"), record_id)
        flags = flags_of(entity, row)
        values = store.to_json(
            {column: value for column in columns if (value := row.get(column)) is not None}
        )
        name = (row.get(name_column) or "")[:200].replace("\0", "\ufffd")
        before = known.get(record_id)
        if before is not None and entity == Entity.LEAD and context.account.only_open_and_active:
            flags = _flags_of_lead(flags, before[2], same=before[:2] == (key, name) and before[3] == values)
        fresh = (key, name, flags, values)
        if before is None:
            saves.append((account_id, entity, record_id, *fresh, "", run_id))
            changed.append((record_id, key))
            if flags:
                always.add(key)
                changes += consent_seen.of_record(seen, key, entity, record_id, 0, flags)
        elif before[:4] != fresh:
            former = before[4]
            moved = before[0] != key
            if moved:
                former = "\n".join(dict.fromkeys([before[0], *former.split("\n")])).strip()
                always |= {key, before[0]}
            saves.append((account_id, entity, record_id, *fresh, former, run_id))
            changed.append((record_id, key))
            if before[2] != flags or moved:
                always.add(key)
                was = 0 if moved else before[2]  # Of the new address nothing was known from this row.
                changes += consent_seen.of_record(seen, key, entity, record_id, was, flags)
    store.save_crm_records(saves)
    ledger.record(changes)
    cleared = [row[2] for row in saves if row[2] in known and _was_unmarked(known[row[2]][2], row[5])]
    if setting.needs_clock(entity):
        store.save_modified(account_id, entity, [(_milliseconds(row), row[key_column]) for row in rows])
    if in_full:
        store.mark_records_seen(account_id, entity, list(known), run_id)
    if cleared:
        in_dynamics.clear_marks([account_id], cleared)
    store.touch(account_id, always | _concerned(account_id, setting, changed))
    store.concern(account_id, always | {key for _, key in changed})
    return len(changed)


def _milliseconds(row: dict[str, Any]) -> int:
    """When Dynamics says that the row was last changed; 0 where it does not say."""
    text = row.get(MODIFIED_ON)
    return int(datetime.fromisoformat(text).timestamp() * 1000) if text else 0


def _was_unmarked(before: int, now: int) -> bool:
    """Somebody cleared Do Not Bulk Email in Dynamics."""
    return bool(before & ~now & CrmFlag.DO_NOT_BULK_EMAIL)


def flags_of(entity: str, row: dict[str, Any]) -> int:
    flags = 0
    if row.get("donotbulkemail"):
        flags |= CrmFlag.DO_NOT_BULK_EMAIL
    if row.get("donotemail"):
        flags |= CrmFlag.DO_NOT_EMAIL
    # 0 is Active for contacts and accounts, and Open for leads.
    if row.get("statecode"):
        flags |= CrmFlag.INACTIVE
    return int(flags)


def _flags_of_lead(flags: int, before: int, *, same: bool) -> int:
    """A lead that was disqualified while in a list does not start to sync on a change of its status alone
    (product.md §7): it is marked until something else changes, or it enters a list anew.
    """
    if not same or before & CrmFlag.ENTERED:
        return flags
    opened = before & CrmFlag.INACTIVE and flags == before & ~CrmFlag.INACTIVE
    stayed = before & CrmFlag.REOPENED and flags == before & ~CrmFlag.REOPENED
    return int(flags | CrmFlag.REOPENED) if opened or stayed else flags


def _concerned(account_id: int, setting: Setting, changed: list[tuple[str, str]]) -> set[str]:
    """Of the people whose rows changed, those in a list of ours or known to Dotdigital; the rest never leaves
    Dynamics.
    """
    members = store.known_members(setting.list_ids, [record_id for record_id, _ in changed])
    known = store.persons(account_id, [key for record_id, key in changed if record_id not in members])
    return {key for record_id, key in changed if record_id in members or key in known}
