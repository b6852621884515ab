"""The two halves that undo and drift audit share: the plan, and carrying it out once it is approved."""

from __future__ import annotations

from typing import Annotated

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.cli.output import Output, Stop
from syncline.cli.parts import tell_changes, tell_parts
from syncline.cli.plan import tell_plan
from syncline.cli.watching import CODES, as_facts, follow, somebody_working, tell
from syncline.engine.plans import PlanProblem, approve
from syncline.ledger.models import Approval, Run, RunStatus

Yes = Annotated[bool, typer.Option("--yes", help="Approve the plan and carry it out at once.")]


def make_plan(plan: Run, most: int, output: Output) -> bool:
    """Show the plan when it is made. False where it would change nothing."""
    with somebody_working():
        follow(plan, output)
    if plan.status in {RunStatus.FAILED, RunStatus.CANCELLED}:
        raise Stop(plan.message, plan.remedy, CODES[RunStatus(plan.status)])
    output.result(as_facts(plan))
    tell_plan(plan, most, output)
    return plan.approval == Approval.WAITING


def carry_plan_out(plan: Run, output: Output) -> None:
    """Approve the plan and show how carrying it out goes. Ends the command with the run's own code."""
    try:
        run = approve(plan, OPERATOR)
    except PlanProblem as problem:
        raise Stop(problem.words, problem.remedy) from problem
    with somebody_working():
        follow(run, output)
    tell(run, output)
    tell_parts(run, output)
    tell_changes(run, output)
    if code := CODES[RunStatus(run.status)]:
        raise typer.Exit(code)
