"""`syncline plan ACCOUNT TYPE`: what a sync would do, without doing it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from django.db.models import QuerySet
from rich.markup import escape

from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.parts import SIDES, fields_in_words, who
from syncline.cli.sync import SyncTypeName, known_type
from syncline.cli.watching import CODES, as_facts, follow, somebody_working, tell_how_to_decide
from syncline.engine.plans import PlanProblem, start_plan
from syncline.ledger.models import Approval, Outcome, Run, RunStatus
from syncline.ledger.records import RecordFilter, every_record
from syncline.syncs.reasons import words
from syncline.syncs.record_export import csv_lines

Most = Annotated[int, typer.Option("--most", min=1, help="Lines to show; --json shows all.")]

_VERBS = {"create": "create", "update": "update", "remove": "take out", "none": "leave"}


def register(app: typer.Typer) -> None:
    app.command("plan")(plan)


Export = Annotated[
    Path | None,
    typer.Option("--export", metavar="FILE.csv", help="Write every record to this file as well."),
]


def plan(
    account_name: AccountName,
    sync_type: SyncTypeName,
    most: Most = 40,
    export: Export = None,
    as_json: AsJson = False,
) -> None:
    """Show what a sync would do to each side, record by record and field by field. Writes to neither side.

    The plan is kept under its number, and can be approved for as long as the account's setting says.
    """
    output = Output(as_json)
    try:
        run = start_plan(find_account(account_name), known_type(sync_type), "command line")
    except PlanProblem as problem:
        raise Stop(str(problem), problem.remedy, ExitCode.USAGE) from problem
    with somebody_working():
        follow(run, output)
    if CODES[RunStatus(run.status)] == ExitCode.FAILED:
        raise Stop(run.message or run.get_status_display(), run.remedy)
    output.result(as_facts(run))
    tell_plan(run, most, output)
    if export is not None:
        _export(run, export, output)
    if run.approval == Approval.WAITING:
        tell_how_to_decide(run, output)


def _export(run: Run, path: Path, output: Output) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(csv_lines(every_record(run, RecordFilter())))
    except OSError as error:
        raise Stop(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error
    output.say(f"Every record is in {escape(str(path))}.")


def tell_plan(run: Run, most: int, output: Output) -> None:
    """What a plan holds: what it would do to each side, then who is left out and why."""
    planned = Outcome.objects.filter(run=run).exclude(action="none").select_related("part").order_by("pk")
    left_out = Outcome.objects.filter(run=run, action="none").exclude(reason="").order_by("pk")
    total = planned.count()
    output.say(
        f"Would create {run.created}, update {run.updated}, take out {run.removed}; "
        f"{run.unchanged} are in step, {run.skipped} left out, {run.rejected} cannot be carried over."
    )
    rows = planned if output.as_json else planned[:most]
    for row in rows:
        output.result(_as_facts(row))
    if not output.as_json and total:
        output.table(("Where", "What", "Who", "List", "Fields"), [_line(row) for row in rows])
    if total > most and not output.as_json:
        output.say(f"[dim]… and {total - most} more; --most or --json shows them.[/dim]")
    _tell_left_out(left_out, most, output)


def _tell_left_out(left_out: QuerySet[Outcome], most: int, output: Output) -> None:
    rows = left_out if output.as_json else left_out[:most]
    for row in rows:
        output.result(_as_facts(row))
    if rows and not output.as_json:
        output.say("[bold]Left out[/bold]")
        output.table(("Who", "Why"), [(who(row), _why(row)) for row in rows])


def _line(row: Outcome) -> tuple[str, str, str, str, str]:
    part = row.part.name if row.part else ""
    return SIDES.get(row.side, row.side), _VERBS[row.action], who(row), part, fields_in_words(row)


def _why(row: Outcome) -> str:
    return " ".join(filter(None, [words(row.reason), row.detail]))


def _as_facts(row: Outcome) -> dict[str, object]:
    return {
        "side": row.side,
        "action": row.action,
        "person": row.person_key,
        "name": row.name,
        "entity": row.entity,
        "record_id": row.record_id,
        "list": row.part.name if row.part else "",
        "fields": json.loads(row.fields),
        "reason": row.reason,
        "why": _why(row) if row.reason else escape(row.detail),
    }
