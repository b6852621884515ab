"""`syncline provision`: make in Dynamics what Syncline needs there."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer
from rich.markup import escape

from syncline import provisioning
from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import new_dataverse_client
from syncline.accounts.details import root_of
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import find_account
from syncline.cli.output import MARKS, AsJson, Output, Stop
from syncline.cli.secrets_entry import is_interactive
from syncline.onboarding.provisioned import settings_move_in
from syncline.provisioning import Plan


def register(app: typer.Typer) -> None:
    app.command("provision")(provision)


def provision(
    target: Annotated[
        str, typer.Argument(metavar="ACCOUNT|ENVIRONMENT", help="An account, or an environment's address.")
    ],
    plan_only: Annotated[bool, typer.Option("--plan", help="Only say what would be done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add Syncline's columns and tables to a Dynamics environment: list settings, sync notes, consent.

    It may be run as often as wanted: what is there stays, what is missing is added, nothing is ever removed.
    An environment without it syncs too; list settings are then kept in Syncline.
    """
    output = Output(as_json)
    account = _account_for(target)
    with closing(new_dataverse_client(account)) as client:
        plan = provisioning.plan(client)
        _show(account, plan, output, with_steps=not yes)
        if plan.clashes:
            raise Stop(plan.clashes[0].what, plan.clashes[0].remedy)
        if plan_only:
            _report(account, plan, done=[], output=output)
            return
        if plan.steps:
            _confirm(account, yes, output)
        done = provisioning.apply(
            client, plan, on_step=lambda step: output.say(f"  {MARKS['ok']} {escape(step.words)}")
        )
        moved = settings_move_in(client, by=OPERATOR)
    _report(account, plan, done=[step.words for step in done], output=output)
    if moved.accounts:
        names = ", ".join(escape(one.name) for one in moved.accounts)
        output.say(f"The list settings of {names} are kept in Dynamics from now on.")
    for problem in moved.problems:
        output.say(f"{MARKS['warn']} {escape(problem)}.")
    if moved.problems:
        raise typer.Exit(ExitCode.ATTENTION)


def _account_for(target: str) -> EmailAccount:
    """The account of that name, or any account that enters that environment."""
    if "." in target:
        found = EmailAccount.objects.filter(dataverse_url=root_of(target)).first()
        if found is not None:
            return found
    return find_account(target)


def _show(account: EmailAccount, plan: Plan, output: Output, *, with_steps: bool) -> None:
    output.say(f"[bold]{escape(account.dataverse_url)}[/bold]")
    if plan.is_provisioned:
        output.say(f"  {MARKS['ok']} Everything that Syncline needs is there already.")
    for clash in plan.clashes:
        output.say(f"  {MARKS['fail']} {escape(clash.what)}")
    if with_steps and not plan.clashes:
        for number, step in enumerate(plan.steps, start=1):
            output.say(f"  {number:2}. {escape(step.words)}")
        output.say()


def _confirm(account: EmailAccount, yes: bool, output: Output) -> None:
    if yes:
        return
    if not is_interactive() or output.as_json:
        raise Stop(
            "Nobody is there to agree to the plan.", "Give --yes, or --plan to look only.", ExitCode.USAGE
        )
    if not typer.confirm("Do this?"):
        raise Stop("Nothing was changed.")


def _report(account: EmailAccount, plan: Plan, done: list[str], output: Output) -> None:
    output.result(
        {
            "environment": account.dataverse_url,
            "plan": [step.words for step in plan.steps],
            "done": done,
            "provisioned": plan.is_provisioned or bool(done),
        }
    )
    if done:
        output.say(f"\n{MARKS['ok']} Done.")
