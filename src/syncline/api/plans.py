"""Plans: what a sync would do, before it does it. Made, looked at, then approved or discarded.

A plan is a run, so its lists are the parts of that run, and its records the records.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import Field

from syncline.accounts.rights import Right
from syncline.api.errors import ApiError, Problem, answers, not_found
from syncline.api.finding import account_of, enabled_account_of, right_to_type, run_of, sync_type_of
from syncline.api.guard import ApiRequest, actor_of, needs
from syncline.api.paging import Page, page
from syncline.api.run_facts import RunFacts, accepted, run_facts
from syncline.api.runs import RunSearch
from syncline.api.starting import Scope, scope_of
from syncline.engine import plans
from syncline.ledger.models import Approval, Run
from syncline.ledger.plans import PlanProblem, problem_with_approving, valid_until
from syncline.ledger.run_search import find_plans

router = Router(tags=["Plans"])


class PlanFacts(RunFacts):
    """A plan: a run that has decided and not written."""

    valid_until: datetime | None = Field(
        description="Until when it may be approved; null while it is being made."
    )
    obstacle: Problem | None = Field(description="Why it cannot be approved at the moment; null when it can.")


class PlanSearch(RunSearch):
    approval: Approval | None = Field(None, description="`waiting`: those that somebody may still approve.")


@router.post(
    "/accounts/{int:account_id}/sync-types/{slug:sync_type}/plans",
    auth=needs(right_to_type),
    response=answers(RunFacts, status=HTTPStatus.ACCEPTED, refusals=(400, 409, 422)),
)
def make_plan(
    request: ApiRequest, account_id: int, sync_type: str, scope: Scope | None = None
) -> Status[RunFacts]:
    """Decide what a sync would do to each side, record by record and field by field. Writes to neither.

    One plan of a type is made at a time: where one is under way already, it is the answer.
    """
    account, kind = enabled_account_of(account_id), sync_type_of(sync_type)
    lists = scope_of(account, kind, scope)
    try:
        with transaction.atomic():
            plan = plans.start_plan(account, kind.key, actor_of(request).name, scope=lists)
    except PlanProblem as problem:
        raise refused(problem) from problem
    return accepted(run_of(plan.key))


@router.get(
    "/accounts/{int:account_id}/plans",
    auth=needs(Right.SEE),
    response=answers(Page[RunFacts], refusals=(422,)),
)
def list_plans(request: HttpRequest, account_id: int, search: Query[PlanSearch]) -> dict[str, object]:
    """The account's plans that are kept, the newest first; those that the fuse made are among them."""
    found = find_plans(account_of(account_id), search.filter)
    if search.approval is not None:
        found = found.filter(approval=search.approval)
    if search.start:
        found = found.filter(pk__lt=search.start)
    return page(found[: search.limit + 1], search.limit, run_facts)


@router.get("/plans/{uuid:plan_key}", auth=needs(Right.SEE), response=answers(PlanFacts))
def get_plan(request: HttpRequest, plan_key: UUID) -> PlanFacts:
    """One plan, and whether it may be approved. Its records are those of the run with the same key."""
    return plan_facts(plan_of(plan_key))


@router.post(
    "/plans/{uuid:plan_key}/approve",
    auth=needs(Right.ADMINISTER),
    response=answers(RunFacts, status=HTTPStatus.ACCEPTED, refusals=(409,)),
)
def approve_plan(request: ApiRequest, plan_key: UUID) -> Status[RunFacts]:
    """Start the run that carries the plan out: exactly that, and the answer is that run.

    Each record is read again, and what has changed since the plan was made is left out and reported.
    """
    try:
        run = plans.approve(plan_of(plan_key), actor_of(request))
    except PlanProblem as problem:
        raise refused(problem) from problem
    return accepted(run_of(run.key))


@router.post(
    "/plans/{uuid:plan_key}/discard",
    auth=needs(Right.ADMINISTER),
    response=answers(PlanFacts, refusals=(409,)),
)
def discard_plan(request: ApiRequest, plan_key: UUID) -> PlanFacts:
    """Say that the plan is not to be carried out. Nothing of it has been written."""
    plan = plan_of(plan_key)
    try:
        plans.discard(plan, actor_of(request))
    except PlanProblem as problem:
        raise refused(problem) from problem
    return plan_facts(plan)


def plan_of(plan_key: UUID) -> Run:
    plan = run_of(plan_key)
    if not (plan.plan_only or plan.approval):
        raise not_found("plan", "That run was no plan. GET /api/v1/accounts/{account_id}/plans lists them.")
    return plan


def plan_facts(plan: Run) -> PlanFacts:
    problem = problem_with_approving(plan, timezone.now())
    obstacle = Problem(code=problem.code, message=problem.words, remedy=problem.remedy) if problem else None
    return PlanFacts(**run_facts(plan).dict(), valid_until=valid_until(plan), obstacle=obstacle)


def refused(problem: PlanProblem) -> ApiError:
    return ApiError(HTTPStatus.CONFLICT, problem.code, problem.words, problem.remedy)
