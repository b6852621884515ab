"""Addresses that somebody put on the CRM suppression list by hand are suppressed in Dotdigital: by bulk
import, an address that Dotdigital does not know among them.
"""

from collections.abc import Sequence
from typing import Final

from syncline.consent import in_dynamics, suppressions
from syncline.consent.ledger import Source
from syncline.dotdigital import IMPORT_MAX_ROWS, ImportFailure, ImportReport, ImportRow
from syncline.ledger import outcomes, plans
from syncline.ledger.models import Purpose
from syncline.people import store
from syncline.syncs.consent.changes import Change, Kind
from syncline.syncs.consent.decide import BY_HAND
from syncline.syncs.consent.imports import Carried, carry, keep, not_refused_before
from syncline.syncs.consent.pages import decide_about
from syncline.syncs.consent.telling import outcome_of
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.parts import Parts, hold, let_go
from syncline.syncs.marketing_lists.setting import Setting


def suppress_in_dotdigital(context: RunContext, setting: Setting) -> Next | None:
    """A plan sends nothing: it holds these changes with the others."""
    return None if context.run.plan_only else carry(context, setting, SUPPRESSING)


def _gather(context: RunContext, setting: Setting) -> bool:
    keys = _keys_after(context, context.position.get("suppress_after", ""))
    if not keys:
        return False
    decided = decide_about(context, setting, not_refused_before(context, keys))
    wanted = [one.key for one in decided if any(change.kind == Kind.SUPPRESS for change in one.changes)]
    with context.storing():
        keep(context, SUPPRESSING, wanted)
        context.save_position(suppress_after=keys[-1])
    return True


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


def _rows(context: RunContext, keys: Sequence[str]) -> list[ImportRow]:
    del context
    return [ImportRow(email=key, email_status="suppressed") for key in keys]


def _settle(context: RunContext, keys: Sequence[str], report: ImportReport) -> None:
    """Who was taken is suppressed from this moment on, here as well; the others are held."""
    taken = {row.email for row in (*report.created, *report.updated)} if report.succeeded else set()
    faults = {fault.email: fault for fault in report.failures if fault.email}
    parts = Parts(context, {})
    change = Change(Kind.SUPPRESS, reason=BY_HAND)
    done = [key for key in keys if key in taken]
    refused = [
        outcome_of(parts, key, change, "rejected", detail=why(faults.get(key), report.status))._replace(
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


def why(fault: ImportFailure | None, status: str) -> str:
    if fault is None:
        return f"The import ended as {status}."
    return fault.words


SUPPRESSING: Final = Carried("suppress", "Suppressing in Dotdigital", _gather, _rows, _settle)
