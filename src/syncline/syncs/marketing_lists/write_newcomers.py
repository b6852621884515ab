"""Makes contacts and leads of people whom only Dotdigital knows, where a list lets new people in.

It goes before the rest of the way in: once they are records, they enter their lists as known people do.

Rows are only ever made here, never changed. After a lost answer, or by a worker that goes on for a dead one,
the same rows are sent again under the same ids; one that is there by then may have been changed by somebody,
and is left as it is. The reading after the in-pass then finds that change like any other.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from syncline.dataverse import RowChange, RowOutcome
from syncline.ledger import batches, outcomes
from syncline.ledger.outcomes import PLANNED, OutcomeRow
from syncline.mapping.models import Entity
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.decisions import CrmCreate
from syncline.syncs.marketing_lists.parts import FAMILY, IN, Parts, hold, refused
from syncline.syncs.marketing_lists.people_page import decide_page
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, Setting
from syncline.syncs.marketing_lists.write_dynamics import PAGE

CREATION: Final = "crm_create"

Newcomer = tuple[str, CrmCreate]
"""(person key, the row to be made)."""


def write_newcomers(context: RunContext, setting: Setting) -> Next | None:
    """One page of people whom Dotdigital knows: those who are to become a record."""
    if not setting.lets_new_in:
        return None
    after = context.position.get("newcomers_after", "")
    page = decide_page(context, setting, after, PAGE, known_only=True)
    if not page.keys:
        return None
    newcomers = [(decision.key, made) for decision in page.decisions for made in decision.crm_creates]
    parts = Parts(context, {row.pk: row.name for row in setting.lists})
    if context.run.plan_only or not newcomers:
        with context.storing():
            outcomes.record(
                context.run, [_row(parts, key, made, PLANNED) for key, made in newcomers], context.now()
            )
            context.save_position(newcomers_after=page.keys[-1])
        return More()
    batch = batches.store(context.run, CREATION, msgspec.json.encode(newcomers), len(newcomers))
    told = make_records(context, newcomers)
    wait_s = max([one.after_s or 5.0 for one in told if one.state == "deferred"], default=0.0)
    with context.storing():
        _settle(context, setting, parts, newcomers, told)
        batches.settle(batch)
        if not wait_s:
            context.save_position(newcomers_after=page.keys[-1])
        context.save_position(inward_written=True)
        context.show("Adding people to Dynamics", context.run.progress_done + len(told))
    # Whoever was put off is decided again with this page; whoever was made is known by then.
    return Wait(wait_s) if wait_s else More()


MADE_BEFORE: Final = "made_before"


def make_records(context: RunContext, newcomers: Sequence[Newcomer]) -> list[RowOutcome]:
    """Outcomes in the order of `newcomers`. The ids are derived, so that a second attempt meets the first,
    whose row counts as made.
    """
    found: dict[str, RowOutcome] = {}
    rows = sorted((made for _, made in newcomers), key=_of_entity)
    for entity, group in groupby(rows, key=_of_entity):
        made = list(group)
        known = store.crm_records(context.account.pk, entity, [one.record_id for one in made])
        # A row of that id that we know has another address by now: it is somebody else's to change.
        found |= {id_: RowOutcome(id_, "rejected", MADE_BEFORE) for id_ in known}
        changes = [
            RowChange(one.record_id, {column: new for column, (_, new) in one.columns.items()})
            for one in made
            if one.record_id not in known
        ]
        for outcome in context.dataverse.create_isolated(ENTITY_SETS[Entity(entity)], entity, changes):
            found[outcome.id] = outcome
    return [found[made.record_id] for _, made in newcomers]


def _of_entity(made: CrmCreate) -> str:
    return made.entity


def _settle(
    context: RunContext,
    setting: Setting,
    parts: Parts,
    newcomers: Sequence[Newcomer],
    told: Sequence[RowOutcome],
) -> None:
    rows: list[OutcomeRow] = []
    made: list[Newcomer] = []
    for (key, one), outcome in zip(newcomers, told, strict=True):
        if outcome.state == "done":
            made.append((key, one))
            rows.append(_row(parts, key, one, "created"))
        elif outcome.code == MADE_BEFORE:
            rows.append(_row(parts, key, one, "rejected")._replace(reason=MADE_BEFORE))
        elif outcome.state == "rejected":
            rows.append(refused(_row(parts, key, one, "rejected"), outcome))
    _remember(context, setting, made)
    outcomes.record(context.run, rows, context.now())
    hold(context, FAMILY, rows)


def _remember(context: RunContext, setting: Setting, made: Sequence[Newcomer]) -> None:
    """Keep the new rows as if they had been read, with what both sides agree on."""
    account_id, run_id = context.account.pk, context.run.pk
    rows: list[tuple[Any, ...]] = []
    for key, one in made:
        kept = {rule.column for rule in setting.fields.get(one.entity, ())}
        values = {column: new for column, (_, new) in one.columns.items() if column in kept}
        rows.append(
            (account_id, one.entity, one.record_id, key, one.name, 0, store.to_json(values), "", run_id)
        )
    store.save_crm_records(rows)
    people = store.persons(account_id, [key for key, _ in made])
    saved = []
    for key, one in made:
        contact_id, known_as, status, remote, agreed, _ = people[key]
        values = {**msgspec.json.decode(agreed), **one.labels}
        saved.append((account_id, key, contact_id, known_as, status, remote, store.to_json(values)))
    store.save_persons(saved)
    store.concern(account_id, [key for key, _ in made])


def _row(parts: Parts, key: str, made: CrmCreate, result: str) -> OutcomeRow:
    return OutcomeRow(
        part_id=parts.part_id(IN, made.list_id),
        person_key=key,
        name=made.name,
        entity=made.entity,
        record_id=made.record_id,
        side="dynamics",
        result=result,
        action="create",
        reason="new_person",
        fields=store.to_json(made.columns),
        counts_as="created" if result == PLANNED else result,
    )
