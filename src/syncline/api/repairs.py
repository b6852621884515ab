"""Undoing a run, and comparing both sides in full. Each makes a plan, which is approved like any other."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from ninja import Router, Status

from syncline.accounts.rights import Right
from syncline.api.errors import ApiError, answers
from syncline.api.finding import enabled_account_of, run_of
from syncline.api.guard import ApiRequest, actor_of, needs
from syncline.api.run_facts import RunFacts, accepted
from syncline.engine.repairs import UndoProblem, start_drift_audit, start_undo

router = Router(tags=["Plans"])


@router.post(
    "/runs/{uuid:run_key}/undo",
    auth=needs(Right.ADMINISTER),
    response=answers(RunFacts, status=HTTPStatus.ACCEPTED, refusals=(409,)),
)
def undo_run(request: ApiRequest, run_key: UUID) -> Status[RunFacts]:
    """Plan what undoing the run would put back on each side. Writes to neither until the plan is approved.

    A value that has changed since stays as it is, and nobody who opted out is brought back.
    """
    try:
        plan = start_undo(run_of(run_key), actor_of(request))
    except UndoProblem as problem:
        raise ApiError(HTTPStatus.CONFLICT, problem.code, problem.words, problem.remedy) from problem
    return accepted(run_of(plan.key))


@router.post(
    "/accounts/{int:account_id}/drift-audit",
    auth=needs(Right.ADMINISTER),
    response=answers(RunFacts, status=HTTPStatus.ACCEPTED, refusals=(409,)),
)
def audit_drift(request: ApiRequest, account_id: int) -> Status[RunFacts]:
    """Compare both sides in full, and plan the repair. Writes to neither until the plan is approved.

    One audit is made at a time: where one is under way already, it is the answer.
    """
    plan = start_drift_audit(enabled_account_of(account_id), actor_of(request))
    return accepted(run_of(plan.key))
