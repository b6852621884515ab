"""Asking for a run, and asking a run to stop. Pressing twice never makes two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from syncline.accounts.models import EmailAccount
from syncline.ledger.models import UNDER_WAY, Purpose, Run, RunStatus, Trigger


@dataclass(frozen=True)
class Requested:
    """The run that will serve a request, and whether this request made it."""

    run: Run
    created: bool


def request_run(
    account: EmailAccount,
    sync_type: str,
    lane: str,
    trigger: Trigger,
    *,
    requested_by: str = "",
    plan_only: bool = False,
    due_at: datetime | None = None,
    purpose: Purpose = Purpose.SYNC,
    subject: Run | None = None,
    scope: Sequence[int] = (),
) -> Requested:
    """A waiting run of this type and purpose: a new one, or the one that waits already.

    The database holds at most one waiting run per account, type and purpose, so two requests at the same
    moment meet in one. `scope`: keys of the marketing lists to sync, empty for all; a run that waits takes
    the lists of both.
    """
    waiting = Run.objects.filter(
        account=account,
        sync_type=sync_type,
        status=RunStatus.QUEUED,
        purpose=purpose,
        plan_only=plan_only,
        subject=subject,
    )
    for _ in range(3):
        if (found := waiting.first()) and _widen(found, scope):
            return Requested(found, created=False)
        try:
            with transaction.atomic():
                run = Run.objects.create(
                    account=account,
                    sync_type=sync_type,
                    lane=lane,
                    trigger=trigger,
                    requested_by=requested_by,
                    plan_only=plan_only,
                    due_at=due_at,
                    purpose=purpose,
                    subject=subject,
                    scope=sorted(scope),
                )
        except IntegrityError:
            continue  # Somebody else's request came first; theirs is picked up in the next round.
        return Requested(run, created=True)
    raise RuntimeError(f"No run of {sync_type} could be queued for {account}: others kept coming and going")


def _widen(run: Run, scope: Sequence[int]) -> bool:
    """Let a waiting run sync these lists too. False where it has been started meanwhile."""
    wider = sorted({*run.scope, *scope}) if run.scope and scope else []
    if not Run.objects.filter(pk=run.pk, status=RunStatus.QUEUED).update(scope=wider):
        return False
    run.scope = wider
    return True


def request_cancel(run: Run, by: str) -> bool:
    """Cancel a waiting run at once; tell a running one to stop at its next safe point.

    False when the run had ended already.
    """
    # An empty name would read as "nobody asked".
    by = by or "somebody"
    now = timezone.now()
    cancelled = Run.objects.filter(pk=run.pk, status=RunStatus.QUEUED).update(
        status=RunStatus.CANCELLED,
        ended_at=now,
        cancel_requested_by=by,
        message_code="cancelled",
        message=f"Cancelled by {by}",
    )
    if cancelled:
        return True
    return bool(Run.objects.filter(pk=run.pk, status__in=UNDER_WAY).update(cancel_requested_by=by))
