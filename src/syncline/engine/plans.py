"""Making a plan, and what a person says to it: approve it, and exactly it is carried out; or discard it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from syncline.accounts.admin_log import Actor
from syncline.accounts.models import EmailAccount
from syncline.engine.client import enqueue, start_run
from syncline.ledger import plans
from syncline.ledger.models import Approval, Purpose, Run, RunStatus, Trigger
from syncline.ledger.plans import PlanProblem
from syncline.ledger.queue import request_run
from syncline.syncs.approving import problem_of_type, problem_with_planning

__all__ = ["PlanProblem", "approve", "discard", "start_plan"]


def start_plan(account: EmailAccount, sync_type: str, by: str, scope: Sequence[int] = ()) -> Run:
    """A run that decides what a sync would do, and does nothing. One at a time: a second request for the same
    gets the plan that is being made.

    Raises KeyError for a sync type that does not exist, PlanProblem for one of which there are no plans.
    """
    if problem := problem_with_planning(sync_type):
        raise problem
    running = Run.objects.filter(
        account=account,
        sync_type=sync_type,
        purpose=Purpose.SYNC,
        plan_only=True,
        fuse=[],
        status=RunStatus.RUNNING,
        scope=sorted(scope),
    ).first()
    return running or start_run(account, sync_type, by, plan_only=True, scope=scope)


@transaction.atomic
def approve(plan: Run, actor: Actor) -> Run:
    """Start the run that carries the plan out: exactly what it holds, as far as it has not changed since.

    Raises PlanProblem where that may not be.
    """
    now = timezone.now()
    plan.refresh_from_db()
    problem = plans.problem_with_approving(plan, now) or problem_of_type(plan)
    if problem is not None:
        raise problem
    _decide(plan, Approval.APPROVED, actor)
    run = request_run(
        plan.account,
        plan.sync_type,
        plan.lane,
        Trigger.MANUAL,
        requested_by=actor.name,
        purpose=Purpose.EXECUTE,
        subject=plan,
        scope=plan.scope,
    ).run
    enqueue(run)
    return run


@transaction.atomic
def discard(plan: Run, actor: Actor) -> None:
    """Say that the plan is not to be carried out. Raises PlanProblem where that was decided already."""
    plan.refresh_from_db()
    problem = plans.problem_with_discarding(plan)
    if problem is not None:
        raise problem
    _decide(plan, Approval.DISCARDED, actor)


def _decide(plan: Run, approval: Approval, actor: Actor) -> None:
    if not plans.claim(plan, approval, actor.name, timezone.now()):
        # Somebody else was quicker; what they said stands.
        raise plans.problem_with_discarding(plan) or PlanProblem(
            "not_waiting", f"Plan {plan.pk} no longer waits.", "Look at it again."
        )
    plans.log_decision(plan, actor)
