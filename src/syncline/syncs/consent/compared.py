"""Writes what was decided into rows of Dynamics, each only while it is the one that was read: a page of
people a step.

So a value that somebody else writes in between is never overwritten: that row is read and decided again.
Where an answer was lost, what the rows hold by now tells what had arrived.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from syncline.dataverse import RowOutcome
from syncline.ledger import batches
from syncline.ledger.models import Batch
from syncline.people import store
from syncline.syncs.consent.changes import Change, Decision
from syncline.syncs.consent.pages import Page, decide_page
from syncline.syncs.consent.settling import (
    Told,
    count_unchanged,
    keep_plan,
    tell_answers,
    tell_left_out,
    tell_stops,
)
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.parts import Parts, let_go
from syncline.syncs.marketing_lists.setting import Setting

PAGE: Final = 1000
"""People a step."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Decision]).decode


class Compared(NamedTuple):
    """What is written, and how."""

    kind: str
    """Of its batches."""
    text: str
    """Progress, for whoever watches."""
    write: Callable[[RunContext, Sequence[Change]], Mapping[Change, RowOutcome]]
    arrived: Callable[[RunContext, Sequence[Change]], set[Change]]
    """Those of the changes that Dynamics holds by now."""
    done: Callable[[RunContext, Sequence[tuple[str, Change]]], None]
    """Keep what was written, within the transaction that settles it."""
    agreed: Callable[[RunContext, Sequence[Decision]], None]
    """Both sides agree about these people by now. Likewise."""
    waits: Callable[[Decision], bool]
    """Whether something else has to happen first: such a person stays due for the next run."""


def write_compared(context: RunContext, setting: Setting, compared: Compared) -> Next | None:
    """One page; what is not known to have arrived is looked at first."""
    parts = Parts(context, {})
    unsure = batches.first(context.run, compared.kind, batches.INTENDED)
    if unsure is not None:
        _look(context, parts, compared, unsure)
        return More()
    page = decide_page(context, setting, context.position.get("inward_after", ""), PAGE)
    if not page.keys:
        return None
    if context.run.plan_only:
        keep_plan(context, parts, page)
        return More()
    return _write(context, parts, compared, page)


def _write(context: RunContext, parts: Parts, compared: Compared, page: Page) -> Next:
    owed = [one for one in page.decisions if not compared.waits(one)]
    changing = [one for one in owed if one.changes]
    batch = None
    if changing:
        with context.storing():
            batch = batches.store(context.run, compared.kind, _encode(changing), len(changing))
    answers = compared.write(context, [change for one in changing for change in one.changes])
    told = [(one.key, change, answers[change]) for one in changing for change in one.changes]
    late = {key for key, _, answer in told if answer.state == "deferred"}
    with context.storing():
        if batch is not None:
            batches.settle(batch)
        _settle(context, parts, compared, told, [one for one in changing if one.key not in late])
        if late:
            # These are read again before the page is decided again.
            unsure = [one for one in changing if one.key in late]
            batches.store(context.run, compared.kind, _encode(unsure), len(unsure))
        else:
            _end_page(context, parts, compared, page, [one for one in owed if not one.changes])
        done = sum(answer.state != "deferred" for _, _, answer in told)
        context.show(compared.text, context.run.progress_done + done)
    after_s = [answer.after_s for _, _, answer in told if answer.state == "deferred"]
    wait_s = max((5.0 if one is None else one for one in after_s), default=0.0)
    return Wait(wait_s) if wait_s else More()


def _settle(
    context: RunContext, parts: Parts, compared: Compared, told: Told, decisions: Sequence[Decision]
) -> None:
    """What was answered. `decisions`: of whom all was."""
    account_id, sync_type = context.account.pk, context.run.sync_type
    rejected = tell_answers(context, parts, told)
    compared.done(context, [(key, one) for key, one, answer in told if answer.state == "done"])
    tell_stops(context, parts, decisions)
    through = [one for one in decisions if one.key not in rejected]
    compared.agreed(context, through)
    store.settle_due(account_id, sync_type, [one.key for one in decisions])
    let_go(context, sync_type, [one.key for one in through])


def _end_page(
    context: RunContext, parts: Parts, compared: Compared, page: Page, unchanged: Sequence[Decision]
) -> None:
    count_unchanged(context, page.decisions)
    tell_left_out(context, parts, page)
    _settle(context, parts, compared, [], unchanged)
    context.save_position(inward_after=page.keys[-1])


def _look(context: RunContext, parts: Parts, compared: Compared, unsure: Batch) -> None:
    """What had been sent and Dynamics holds by now is told as done; the rest is decided afresh."""
    owed = _decode(bytes(unsure.payload))
    arrived = compared.arrived(context, [change for one in owed for change in one.changes])
    told = [
        (one.key, change, RowOutcome(change.record_id, "done"))
        for one in owed
        for change in one.changes
        if change in arrived
    ]
    with context.storing():
        batches.settle(unsure)
        _settle(context, parts, compared, told, [one for one in owed if arrived.issuperset(one.changes)])
