"""`syncline undo ACCOUNT RUN`: take back what a run did, as far as it has not changed since."""

from __future__ import annotations

from typing import Annotated

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.plan import Most
from syncline.cli.repair_plan import Yes, carry_plan_out, make_plan
from syncline.engine.repairs import UndoProblem, start_undo
from syncline.ledger.models import Run

RunNumber = Annotated[
    int, typer.Argument(metavar="RUN", help="The run's number, as `syncline runs` lists it.")
]


def register(app: typer.Typer) -> None:
    app.command("undo")(undo)


def undo(
    account_name: AccountName,
    run_number: RunNumber,
    yes: Yes = False,
    most: Most = 40,
    as_json: AsJson = False,
) -> None:
    """Show what undoing a run would put back on each side; with --yes, do it.

    A value that has changed since stays as it is, and nobody who opted out is brought back.
    """
    output = Output(as_json)
    account = find_account(account_name)
    try:
        plan = start_undo(_run_of(account, run_number), OPERATOR)
    except UndoProblem as problem:
        raise Stop(problem.words, problem.remedy) from problem
    if not make_plan(plan, most, output):
        output.say("There is nothing to take back.")
    elif yes:
        carry_plan_out(plan, output)
    else:
        output.say(
            "Nothing has been written. To take it back, give the same command with [bold]--yes[/bold]."
        )


def _run_of(account: EmailAccount, number: int) -> Run:
    run = Run.objects.filter(account=account, pk=number).first()
    if run is None:
        raise Stop(
            f"{account.name} has no run {number}.",
            f"`syncline runs --account {account.pk}` lists them.",
            ExitCode.NOT_FOUND,
        )
    return run
