"""Asking for an undo or a drift audit. Both begin as a plan, and write nothing until that is approved."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils import timezone

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount
from syncline.engine.client import start_run
from syncline.engine.replay import CAMPAIGNS, FORMS, INSIGHT, WEB
from syncline.engine.tidy import retention
from syncline.ledger.models import UNDER_WAY, Purpose, Run, RunStatus
from syncline.ledger.undoing import UndoProblem, problem_with_undoing
from syncline.people import store
from syncline.syncs.registry import SYNC_TYPES

__all__ = ["UndoProblem", "problem_with", "start_drift_audit", "start_undo"]

_UNDONE_AS: Final = {"lists_out": "lists_out", "lists_in": "lists_out", "labels": "labels"}
"""Sync type → the one that undoes it: what an in-pass wrote may have to be put back with the out-pass."""


def problem_with(run: Run) -> UndoProblem | None:
    """Why this run cannot be undone, or None."""
    if run.sync_type in store.CONSENT_SYNCS:
        return UndoProblem(
            "consent",
            "Consent is never undone.",
            "Only the person can come back, through a Dotdigital form, or by asking someone who may "
            "resubscribe them.",
        )
    name = SYNC_TYPES[run.sync_type].name if run.sync_type in SYNC_TYPES else run.sync_type
    if run.sync_type == store.SCORING:
        return UndoProblem(
            "type",
            f"{name} only carries over what Dotdigital knows.",
            "There is nothing to undo: whatever changes there comes with the next run.",
        )
    if run.sync_type == INSIGHT:
        return UndoProblem(
            "type",
            f"{name} only carries over what Dynamics holds.",
            "Records that are not wanted go when the table is no longer chosen and the collection is deleted "
            "in Dotdigital.",
        )
    if run.sync_type in {CAMPAIGNS, FORMS, WEB}:
        return UndoProblem(
            "type",
            f"{name} only adds what has happened, and that stays so.",
            "Rows that are not wanted can be deleted in Dynamics; they do not come back.",
        )
    if run.sync_type not in _UNDONE_AS:
        return UndoProblem(
            "type", f"{name} writes to neither side.", "There is nothing to undo; run it again to refresh."
        )
    return problem_with_undoing(run, timezone.now(), retention())


@transaction.atomic
def start_undo(run: Run, actor: Actor) -> Run:
    """The plan of what undoing this run would do; approving it undoes the run.

    Raises UndoProblem where the run cannot be undone.
    """
    problem = problem_with(run)
    if problem is not None:
        raise problem
    plan = start_run(
        run.account,
        _UNDONE_AS[run.sync_type],
        actor.name,
        plan_only=True,
        purpose=Purpose.UNDO,
        subject=run,
    )
    record_change(actor, run.account, "undo planned", {}, {"run": run.pk, "plan": plan.pk})
    return plan


@transaction.atomic
def start_drift_audit(account: EmailAccount, actor: Actor) -> Run:
    """Compare both sides in full; a plan of what would be repaired comes of it. One at a time: a second
    request gets the audit that is under way.
    """
    running = Run.objects.filter(account=account, purpose=Purpose.DRIFT, status__in=UNDER_WAY).first()
    if running is not None and running.status == RunStatus.RUNNING:
        return running
    audit = start_run(account, "lists_out", actor.name, plan_only=True, purpose=Purpose.DRIFT)
    if running is None:
        record_change(actor, account, "drift audit started", {}, {"run": audit.pk})
    return audit
