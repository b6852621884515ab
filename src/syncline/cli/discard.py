"""`syncline discard ACCOUNT PLAN`: say that a plan is not to be carried out."""

from __future__ import annotations

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.cli.approve import PlanNumber, find_plan
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.engine import plans


def register(app: typer.Typer) -> None:
    app.command("discard")(discard)


def discard(account_name: AccountName, number: PlanNumber, as_json: AsJson = False) -> None:
    """Throw a plan away. Nothing was written, and nothing will be; where its fuse had stopped a run, the
    schedule goes on.
    """
    output = Output(as_json)
    plan = find_plan(find_account(account_name), number)
    try:
        plans.discard(plan, OPERATOR)
    except plans.PlanProblem as problem:
        raise Stop(problem.words, problem.remedy) from problem
    output.result({"run": plan.pk, "approval": plan.approval, "approval_by": plan.approval_by})
    output.say(f"[green]✓[/green] Plan {plan.pk} is discarded; nothing was written.")
