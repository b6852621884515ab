"""`syncline runs`: what ran, what runs, and how it went."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.parts import tell_changes, tell_parts, who
from syncline.cli.sync import known_type
from syncline.cli.watching import as_facts, counts_in_words, tell
from syncline.ledger.models import Outcome, Run
from syncline.syncs.reasons import words


def register(app: typer.Typer) -> None:
    app.command("runs")(runs)


def runs(
    run_number: Annotated[int, typer.Argument(metavar="[RUN]", help="A run's number, for its details.")] = 0,
    account_name: Annotated[str, typer.Option("--account", help="Only this account's runs.")] = "",
    sync_type: Annotated[str, typer.Option("--type", help="Only this sync type.")] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="How many to show, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first; with a run's number, its lists and the records that were not accepted."""
    output = Output(as_json)
    if run_number:
        _details(run_number, most, output)
        return
    found = Run.objects.select_related("account").order_by("-pk")
    if account_name:
        found = found.filter(account=find_account(account_name))
    if sync_type:
        found = found.filter(sync_type=known_type(sync_type))
    shown = list(found[:most])
    for run in shown:
        output.result(as_facts(run))
    if not shown:
        output.say("Nothing has run yet. Start a sync with [bold]syncline sync ACCOUNT TYPE[/bold].")
        return
    output.table(
        ("Run", "Account", "Sync type", "Started", "Status", "What", "Message"),
        [
            (run.pk, run.account.name, run.sync_type + (" (plan)" if run.plan_only else ""), run.started_at,
             run.get_status_display(), counts_in_words(run), run.message)
            for run in shown
        ],
        right=("Run",),
    )  # fmt: skip


def _details(number: int, most: int, output: Output) -> None:
    run = Run.objects.select_related("account").filter(pk=number).first()
    if run is None:
        raise Stop(f"There is no run {number}.", "`syncline runs` lists them.", ExitCode.NOT_FOUND)
    tell(run, output)
    tell_parts(run, output)
    tell_changes(run, output)
    refused = Outcome.objects.filter(run=run, result="rejected").order_by("pk")[:most]
    for row in refused:
        output.result({"run": run.pk, "rejected": row.person_key, "reason": row.reason, "detail": row.detail})
    if refused and not output.as_json:
        output.say("\n[bold]Not accepted[/bold]")
        output.table(
            ("Who", "Why"), [(who(row), f"{words(row.reason)} {escape(row.detail)}") for row in refused]
        )
