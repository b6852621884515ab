"""Raises opt-in types in Dynamics: a page of people a step.

A row is written only while it is the one that was read, so a value that a person or another account raises
in between is never lowered: that row is read and decided again. Where an answer was lost, what the rows hold
by now tells what had arrived.
"""

from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from syncline.dataverse import ComparedChange, RowOutcome
from syncline.ledger import batches
from syncline.ledger.models import Batch
from syncline.mapping.models import Entity
from syncline.people import store
from syncline.syncs.consent.changes import Change, Held
from syncline.syncs.consent.opt_in_columns import COLUMN, held
from syncline.syncs.consent.pages import Page, decide_page
from syncline.syncs.consent.settling import Told, count_unchanged, keep_plan, tell_answers, tell_left_out
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.parts import Parts, let_go
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, Setting

PAGE: Final = 1000
"""People a step."""

RAISING: Final = "opt_in"

Owed = list[tuple[str, Change]]
"""(person key, change)."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Owed).decode


def raise_opt_ins(context: RunContext, setting: Setting) -> Next | None:
    """One page; what is not known to have arrived is looked at first."""
    parts = Parts(context, {})
    unsure = batches.first(context.run, RAISING, batches.INTENDED)
    if unsure is not None:
        _look(context, parts, unsure)
        return More()
    page = decide_page(context, setting, context.position.get("inward_after", ""), PAGE)
    if not page.keys:
        return None
    if context.run.plan_only:
        keep_plan(context, parts, page)
        return More()
    owed = [(one.key, change) for one in page.decisions for change in one.changes]
    return _raise(context, parts, page, owed)


def _raise(context: RunContext, parts: Parts, page: Page, owed: Owed) -> Next:
    with context.storing():
        batch = batches.store(context.run, RAISING, _encode(owed), len(owed)) if owed else None
    told = _write(context, owed)
    later = [(key, change, answer) for key, change, answer in told if answer.state == "deferred"]
    with context.storing():
        if batch is not None:
            batches.settle(batch)
        _settle(context, parts, told, {key for key, _, _ in later})
        if later:
            # These are read again before the page is decided again.
            unsure = [(key, change) for key, change, _ in later]
            batches.store(context.run, RAISING, _encode(unsure), len(unsure))
        else:
            _end_page(context, parts, page)
        context.show("Raising opt-in types", context.run.progress_done + len(told) - len(later))
    wait_s = max((5.0 if one.after_s is None else one.after_s for _, _, one in later), default=0.0)
    return Wait(wait_s) if wait_s else More()


def _write(context: RunContext, owed: Owed) -> Told:
    answers: dict[str, RowOutcome] = {}
    for table in {change.entity for _, change in owed}:
        rows = [
            ComparedChange(one.record_id, one.version, {COLUMN: one.after})
            for _, one in owed
            if one.entity == table
        ]
        for answer in context.dataverse.update_unchanged(ENTITY_SETS[Entity(table)], rows):
            answers[answer.id] = answer
    return [(key, change, answers[change.record_id]) for key, change in owed]


def _settle(context: RunContext, parts: Parts, told: Told, unsure: Collection[str]) -> None:
    """What was answered. `unsure`: people of whom something was not, and who stay due."""
    account_id, sync_type = context.account.pk, context.run.sync_type
    rejected = tell_answers(context, parts, told)
    settled = {key for key, _, _ in told}.difference(unsure)
    store.settle_due(account_id, sync_type, sorted(settled))
    let_go(context, sync_type, sorted(settled - rejected))


def _end_page(context: RunContext, parts: Parts, page: Page) -> None:
    account_id, sync_type = context.account.pk, context.run.sync_type
    count_unchanged(context, page.decisions)
    tell_left_out(context, parts, page)
    unchanged = [one.key for one in page.decisions if not one.changes]
    store.settle_due(account_id, sync_type, unchanged)
    let_go(context, sync_type, unchanged)
    context.save_position(inward_after=page.keys[-1])


def _look(context: RunContext, parts: Parts, unsure: Batch) -> None:
    """What had been sent and Dynamics holds by now is told as done; the rest is decided afresh."""
    owed = _decode(bytes(unsure.payload))
    now = held(context, [(change.entity, change.record_id) for _, change in owed])
    arrived = [(key, one) for key, one in owed if _arrived(now, one)]
    missing = {key for key, _ in owed} - {key for key, _ in arrived}
    with context.storing():
        batches.settle(unsure)
        _settle(context, parts, [(*one, RowOutcome(one[1].record_id, "done")) for one in arrived], missing)


def _arrived(now: Mapping[str, Held], change: Change) -> bool:
    return change.record_id in now and now[change.record_id].opt_in == change.after
