"""`syncline plan ACCOUNT TYPE`: what a sync would do, without doing it."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from django.db.models import QuerySet
from rich.markup import escape

from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.parts import SIDES, fields_in_words, who
from syncline.cli.sync import SyncTypeName, known_type
from syncline.cli.watching import CODES, follow, somebody_working
from syncline.engine.client import start_run
from syncline.ledger.models import Outcome, Run, RunStatus
from syncline.syncs.reasons import words

Most = Annotated[int, typer.Option("--most", min=1, help="Lines to show; --json shows all.")]

_VERBS = {"create": "create", "update": "update", "remove": "take out", "none": "leave"}


def register(app: typer.Typer) -> None:
    app.command("plan")(plan)


def plan(
    account_name: AccountName, sync_type: SyncTypeName, most: Most = 40, as_json: AsJson = False
) -> None:
    """Show what a sync would do to each side, record by record and field by field. Writes to neither side."""
    output = Output(as_json)
    run = start_run(find_account(account_name), known_type(sync_type), "command line", plan_only=True)
    with somebody_working():
        follow(run, output)
    if run.status == RunStatus.FAILED:
        raise Stop(run.message, run.remedy, CODES[RunStatus.FAILED])
    _tell(run, most, output)


def _tell(run: Run, most: int, output: Output) -> None:
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
