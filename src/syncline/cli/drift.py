"""`syncline drift ACCOUNT`: compare both sides in full, and plan the repair."""

from __future__ import annotations

import typer
from rich.markup import escape

from syncline.accounts.admin_log import OPERATOR
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output
from syncline.cli.plan import Most
from syncline.cli.repair_plan import Yes, carry_plan_out, make_plan
from syncline.engine.repairs import start_drift_audit


def register(app: typer.Typer) -> None:
    app.command("drift")(drift)


def drift(account_name: AccountName, yes: Yes = False, most: Most = 40, as_json: AsJson = False) -> None:
    """Read both sides from beginning to end, whatever the change feeds told, and show what would be repaired;
    with --yes, repair it.
    """
    output = Output(as_json)
    plan = start_drift_audit(find_account(account_name), OPERATOR)
    is_needed = make_plan(plan, most, output)
    output.paragraph(escape(plan.message))
    if not is_needed:
        output.say("Both sides agree: there is nothing to repair.")
    elif yes:
        carry_plan_out(plan, output)
    else:
        output.say("Nothing has been written. To repair it, give the same command with [bold]--yes[/bold].")
