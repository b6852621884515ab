"""`syncline approve ACCOUNT PLAN`: have exactly what a plan holds done, and watch it."""

from __future__ import annotations

from typing import Annotated

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.parts import tell_changes, tell_parts
from syncline.cli.watching import CODES, follow, somebody_working, tell
from syncline.engine import plans
from syncline.ledger.models import Run, RunStatus

PlanNumber = Annotated[
    int, typer.Argument(metavar="PLAN", help="The plan's number, as `plan` and `plans` tell it.")
]


def register(app: typer.Typer) -> None:
    app.command("approve")(approve)


def approve(account_name: AccountName, number: PlanNumber, as_json: AsJson = False) -> None:
    """Carry a plan out: exactly what it holds. What has changed since is left out and told.

    Ends as `sync` does. A plan that cannot be approved (used already, too old) ends the command with 1.
    """
    output = Output(as_json)
    plan = find_plan(find_account(account_name), number)
    try:
        run = plans.approve(plan, OPERATOR)
    except plans.PlanProblem as problem:
        raise Stop(problem.words, problem.remedy) from problem
    with somebody_working():
        follow(run, output)
    tell(run, output)
    tell_parts(run, output)
    tell_changes(run, output)
    if code := CODES[RunStatus(run.status)]:
        raise typer.Exit(code)


def find_plan(account: EmailAccount, number: int) -> Run:
    """Raises Stop where the account has no such run."""
    plan = Run.objects.select_related("account").filter(account=account, pk=number).first()
    if plan is None:
        raise Stop(
            f"{account.name} has no plan {number}.",
            "`syncline plans ACCOUNT` lists them.",
            ExitCode.NOT_FOUND,
        )
    return plan
