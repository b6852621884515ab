"""Addresses that somebody put on the CRM suppression list by hand are suppressed in Dotdigital: by bulk
import, 10,000 a call, an address that Dotdigital does not know among them.
"""

from typing import Final

import msgspec

from syncline.consent import in_dynamics, suppressions
from syncline.consent.ledger import Source
from syncline.dotdigital import (
    IMPORT_MAX_ROWS,
    ImportFailure,
    ImportReport,
    ImportRow,
    NotFound,
    TooManyImports,
)
from syncline.ledger import batches, outcomes, plans
from syncline.ledger.held import held_among
from syncline.ledger.models import Batch, Purpose
from syncline.people import store
from syncline.syncs.consent.changes import Change, Kind
from syncline.syncs.consent.decide import BY_HAND
from syncline.syncs.consent.pages import decide_about
from syncline.syncs.consent.telling import outcome_of
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.parts import Parts, hold, let_go
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.marketing_lists.settle_imports import MOST_IMPORTS_FOR_NARROWING, MOST_NARROWINGS
from syncline.syncs.marketing_lists.write_dotdigital import IN_FLIGHT

SUPPRESSION: Final = "suppress"

_keys_of = msgspec.json.Decoder(list[str]).decode


def suppress_in_dotdigital(context: RunContext, setting: Setting) -> Next | None:
    """Send what is ready, else gather the next import, else look at what is under way. A plan sends nothing:
    it holds these changes with the others.
    """
    if context.run.plan_only:
        return None
    intended = batches.first(context.run, SUPPRESSION, batches.INTENDED)
    under_way = batches.waiting(context.run, SUPPRESSION, batches.SENT)
    if len(under_way) < IN_FLIGHT:
        if intended is not None:
            return _send(context, intended)
        if not context.position.get("suppress_gathered"):
            return _gather(context, setting)
        if not under_way:
            return None
    return _look(context, under_way)


def _gather(context: RunContext, setting: Setting) -> Next:
    after = context.position.get("suppress_after", "")
    keys = _keys_after(context, after)
    if not keys:
        context.save_position(suppress_gathered=True)
        return More()
    decided = decide_about(context, setting, _not_refused_before(context, keys))
    wanted = [one.key for one in decided if any(change.kind == Kind.SUPPRESS for change in one.changes)]
    with context.storing():
        if wanted:
            batches.store(context.run, SUPPRESSION, msgspec.json.encode(wanted), len(wanted))
        context.save_position(suppress_after=keys[-1])
    return More()


def _keys_after(context: RunContext, after: str) -> list[str]:
    """Of a plan those that were approved; else all of whom Dotdigital has not heard yet, or has not said that
    it heard.
    """
    run = context.run
    if run.purpose == Purpose.EXECUTE and run.subject is not None:
        return [key for key, _ in plans.items_after(run.subject, after, IMPORT_MAX_ROWS)]
    unheard = in_dynamics.unheard_after(run.account_id, after, IMPORT_MAX_ROWS)
    asked = suppressions.asked_after(run.account_id, after, IMPORT_MAX_ROWS)
    return sorted({*unheard, *asked})[:IMPORT_MAX_ROWS]


def _not_refused_before(context: RunContext, keys: list[str]) -> list[str]:
    """Without those whom Dotdigital refused and of whom nothing has changed since."""
    account_id, sync_type = context.account.pk, context.run.sync_type
    held = held_among(context.account, sync_type, keys)
    again = store.due_among(account_id, sync_type, sorted(held))
    return [key for key in keys if key not in held or key in again]


def _send(context: RunContext, batch: Batch) -> Next:
    """The same rows again after a lost answer cost a second import and change nothing."""
    rows = [ImportRow(email=key, email_status="suppressed") for key in _keys_of(bytes(batch.payload))]
    try:
        import_id = context.dotdigital.import_contacts(rows)
    except TooManyImports as error:
        return Wait(error.after_s or 10.0)
    with context.storing():
        batches.mark_sent(batch, import_id, context.now())
        context.show("Suppressing in Dotdigital")
    return More()


def _look(context: RunContext, under_way: list[Batch]) -> Next:
    now = context.now()
    wait_s = batches.seconds_until_look(under_way, now)
    if wait_s > 0:
        return Wait(wait_s)
    batch = batches.next_to_look_at(under_way)
    try:
        report = context.dotdigital.import_report(batch.remote_id)
    except NotFound:
        batches.send_again(batch)
        return More()
    if not report.finished:
        batches.look_later(batch, now)
        return More()
    with context.storing():
        _settle(context, batch, report)
    return More()


def _settle(context: RunContext, batch: Batch, report: ImportReport) -> None:
    """Who was taken is suppressed from this moment on, here as well; the others are held."""
    keys = _keys_of(bytes(batch.payload))
    if not report.succeeded and len(keys) > 1 and _may_narrow(context, batch):
        _narrow(context, batch, keys)
        return
    taken = {row.email for row in (*report.created, *report.updated)} if report.succeeded else set()
    faults = {fault.email: fault for fault in report.failures if fault.email}
    parts = Parts(context, {})
    change = Change(Kind.SUPPRESS, reason=BY_HAND)
    done = [key for key in keys if key in taken]
    refused = [
        outcome_of(parts, key, change, "rejected", detail=_why(faults.get(key), report.status))._replace(
            reason="refused_by_dotdigital"
        )
        for key in keys
        if key not in taken
    ]
    account_id, sync_type = context.account.pk, context.run.sync_type
    rows = [(key, BY_HAND, context.now()) for key in done]
    suppressions.save(account_id, rows, source=Source.SYNC, run_id=context.run.pk)
    in_dynamics.mark_told(account_id, done)
    store.make_due(account_id, sync_type, done)
    store.touch(account_id, done)
    outcomes.record(context.run, [*(outcome_of(parts, key, change) for key in done), *refused], context.now())
    hold(context, sync_type, refused)
    let_go(context, sync_type, done)
    batches.settle(batch)


def _may_narrow(context: RunContext, batch: Batch) -> bool:
    """Addresses that are bad throughout must not cost a call each; what is left then is held."""
    spent = context.position.get("narrowings", 0)
    return batch.narrowing < MOST_NARROWINGS and spent < MOST_IMPORTS_FOR_NARROWING


def _narrow(context: RunContext, batch: Batch, keys: list[str]) -> None:
    """An import that was refused as a whole is halved until only the bad addresses are left."""
    middle = len(keys) // 2
    for half in (keys[:middle], keys[middle:]):
        payload = msgspec.json.encode(half)
        batches.store(context.run, SUPPRESSION, payload, len(half), narrowing=batch.narrowing + 1)
    context.save_position(narrowings=context.position.get("narrowings", 0) + 2)
    batches.settle(batch)


def _why(fault: ImportFailure | None, status: str) -> str:
    if fault is None:
        return f"The import ended as {status}."
    return fault.words
