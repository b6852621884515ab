"""The in-pass: what Dotdigital has that is newer goes to Dynamics, before anything is sent back."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from syncline.dataverse import NotFound, RowOutcome
from syncline.ledger import batches, outcomes
from syncline.ledger.outcomes import PLANNED, OutcomeRow
from syncline.lists.models import MarketingList
from syncline.people import store
from syncline.remote import Misconfigured, Rejected
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.decisions import CrmChange, CrmJoin, Decision
from syncline.syncs.marketing_lists.leave_lists import leave_row, settle_leaves, write_leaves
from syncline.syncs.marketing_lists.parts import IN, LIST_CLOSED, Parts, hold, refused
from syncline.syncs.marketing_lists.people_page import decide_page
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.record_updates import RecordUpdate, update_records

PAGE: Final = 1000
"""People a step. `UpdateMultiple` has no published row limit; 100 to 1,000 is what the contract
recommends.
"""

SYNC_TYPE: Final = "lists_out"


def write_dynamics(context: RunContext, setting: Setting) -> Next | None:
    """One page of people whom Dotdigital knows: their newer values and memberships, written to Dynamics."""
    after = context.position.get("inward_after", "")
    page = decide_page(context, setting, after, PAGE, known_only=True)
    keys, decisions = page.keys, page.decisions
    if not keys:
        return None
    changes = [(d, change) for d in decisions for change in d.crm_changes]
    joins = [(d.key, join) for d in decisions for join in d.crm_joins if _has_record(context, d)]
    leaves = [(d.key, leave) for d in decisions for leave in d.crm_leaves]
    if context.position.get("inward_joined") == after:
        joins = []
    elif joins and not context.run.plan_only:
        # First round: who is let in is synced from then on, and the second round has their values too.
        changes = []
    parts = Parts(context, {row.pk: row.name for row in setting.lists})
    if context.run.plan_only:
        rows = [_change_row(parts, setting, decision, change, PLANNED) for decision, change in changes]
        rows += [_join_row(parts, key, join, PLANNED) for key, join in joins]
        rows += [leave_row(parts, key, leave, PLANNED) for key, leave in leaves]
        with context.storing():
            outcomes.record(context.run, rows, context.now())
            context.save_position(inward_after=keys[-1])
        return More()
    if not changes and not joins and not leaves:
        context.save_position(inward_after=keys[-1])
        return More()
    members = [member for _, member in (*joins, *leaves)]
    payload = msgspec.json.encode([[change for _, change in changes], members])
    batch = batches.store(context.run, "crm_update", payload, len(changes) + len(members))
    told = _write_changes(context, [change for _, change in changes])
    joined = _write_joins(context, setting, joins)
    left = write_leaves(context, setting, leaves)
    answers = (*told, *joined, *left)
    wait_s = max([outcome.after_s or 5.0 for outcome in answers if outcome.state == "deferred"], default=0.0)
    with context.storing():
        _settle_changes(context, setting, parts, changes, told)
        _settle_joins(context, parts, joins, joined)
        settle_leaves(context, parts, leaves, left)
        batches.settle(batch)
        if not wait_s and joins:
            context.save_position(inward_joined=after, inward_written=True)
        elif not wait_s:
            context.save_position(inward_after=keys[-1], inward_written=True)
        context.show("Updating Dynamics", context.run.progress_done + len(answers))
    # What was put off is decided again when the page is done once more; what was written is found to agree by
    # then.
    return Wait(wait_s) if wait_s else More()


def _write_changes(context: RunContext, changes: Sequence[CrmChange]) -> list[RowOutcome]:
    """Outcomes in the order of `changes`."""
    return update_records(
        context,
        [
            RecordUpdate(
                change.entity, change.record_id, {name: new for name, (_, new) in change.columns.items()}
            )
            for change in changes
        ],
    )


def _write_joins(
    context: RunContext, setting: Setting, joins: Sequence[tuple[str, CrmJoin]]
) -> list[RowOutcome]:
    lists = {row.pk: row for row in setting.lists}
    found: dict[tuple[int, str], RowOutcome] = {}
    for list_id, group in groupby(sorted((join for _, join in joins), key=_of_list), key=_of_list):
        ids = [join.record_id for join in group]
        for outcome in _add_members(context, lists[list_id], ids):
            found[list_id, outcome.id] = outcome
    return [found[join.list_id, join.record_id] for _, join in joins]


def _has_record(context: RunContext, decision: Decision) -> bool:
    """False of somebody who could not be made a record in this run: there is nothing to enter a list with."""
    return context.run.plan_only or not decision.crm_creates


def _of_list(join: CrmJoin) -> int:
    return join.list_id


def _add_members(context: RunContext, marketing_list: MarketingList, ids: list[str]) -> list[RowOutcome]:
    """A list that takes nobody (locked, inactive, gone, not ours to write) costs its own newcomers."""
    try:
        return context.dataverse.add_list_members(marketing_list.list_id, marketing_list.entity, ids)
    except (Rejected, NotFound) as error:
        return [RowOutcome(id_, "rejected", LIST_CLOSED, str(error)) for id_ in ids]
    except Misconfigured as error:
        reason = f"{error} {error.what_to_do}"
        return [RowOutcome(id_, "rejected", error.code, reason) for id_ in ids]


def _settle_changes(
    context: RunContext,
    setting: Setting,
    parts: Parts,
    changes: list[tuple[Decision, CrmChange]],
    told: list[RowOutcome],
) -> None:
    done: list[tuple[Decision, CrmChange]] = []
    rows: list[OutcomeRow] = []
    for (decision, change), outcome in zip(changes, told, strict=True):
        if outcome.state == "done":
            done.append((decision, change))
            rows.append(_change_row(parts, setting, decision, change, "updated"))
        elif outcome.state == "rejected":
            rows.append(refused(_change_row(parts, setting, decision, change, "rejected"), outcome))
    _remember(context, done)
    outcomes.record(context.run, rows, context.now())
    hold(context, SYNC_TYPE, rows)


def _remember(context: RunContext, done: list[tuple[Decision, CrmChange]]) -> None:
    """Both sides now agree on these values, so their echo in the next delta is no change."""
    account_id = context.account.pk
    columns: list[tuple[str, str, str]] = []
    for entity in {change.entity for _, change in done}:
        mine = [change for _, change in done if change.entity == entity]
        known = store.crm_records(account_id, entity, [change.record_id for change in mine])
        for change in mine:
            values: dict[str, Any] = msgspec.json.decode(known[change.record_id][3])
            values |= {column: new for column, (_, new) in change.columns.items()}
            kept = {column: value for column, value in values.items() if value is not None}
            columns.append((store.to_json(dict(sorted(kept.items()))), entity, change.record_id))
    store.save_columns(account_id, columns)
    people = store.persons(account_id, [decision.key for decision, _ in done])
    saved = []
    for decision, change in done:
        contact_id, known_as, status, remote, agreed, _ = people[decision.key]
        values = {**msgspec.json.decode(agreed), **change.labels}
        saved.append((account_id, decision.key, contact_id, known_as, status, remote, store.to_json(values)))
    store.save_persons(saved)


def _settle_joins(
    context: RunContext, parts: Parts, joins: list[tuple[str, CrmJoin]], told: list[RowOutcome]
) -> None:
    rows: list[OutcomeRow] = []
    for (key, join), outcome in zip(joins, told, strict=True):
        if outcome.state == "done":
            store.save_members(join.list_id, [join.record_id], context.run.pk)
            rows.append(_join_row(parts, key, join, "created"))
        elif outcome.state == "rejected":
            rows.append(refused(_join_row(parts, key, join, "rejected"), outcome))
    store.save_places(
        [
            (join.list_id, key, "subscribed", True, context.run.pk)
            for (key, join), outcome in zip(joins, told, strict=True)
            if outcome.state == "done"
        ]
    )
    outcomes.record(context.run, rows, context.now())
    hold(context, SYNC_TYPE, rows)


def _change_row(
    parts: Parts, setting: Setting, decision: Decision, change: CrmChange, result: str
) -> OutcomeRow:
    first = next((line.list_id for line in decision.lines), 0)
    list_id = change.list_id or first or setting.lists[0].pk
    return OutcomeRow(
        part_id=parts.part_id(IN, list_id),
        person_key=decision.key,
        name=change.name,
        entity=change.entity,
        record_id=change.record_id,
        side="dynamics",
        result=result,
        action="update",
        detail=next((line.detail for line in decision.lines if line.detail), ""),
        fields=store.to_json(change.columns),
        lost=store.to_json(change.lost),
        counts_as="updated" if result == PLANNED else result,
    )


def _join_row(parts: Parts, key: str, join: CrmJoin, result: str) -> OutcomeRow:
    return OutcomeRow(
        part_id=parts.part_id(IN, join.list_id),
        person_key=key,
        name=join.name,
        entity=join.entity,
        record_id=join.record_id,
        side="dynamics",
        result=result,
        action="create",
        reason="known_contact",
        membership="" if result == "rejected" else "joined",
        counts_as="created" if result == PLANNED else result,
    )
