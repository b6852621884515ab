"""`syncline explain ACCOUNT EMAIL`: why somebody is or is not synced."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import MARKS, AsJson, Output
from syncline.ledger.models import Outcome
from syncline.syncs.marketing_lists.explain import explain as explain_address
from syncline.syncs.marketing_lists.explained import Explanation, SyncTold
from syncline.syncs.reasons import words
from syncline.syncs.registry import SYNC_TYPES


def register(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    account_name: AccountName,
    email: Annotated[
        str, typer.Argument(metavar="EMAIL", help="The address, in any case.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Tell why an address is or is not synced: every gate, every list, and what happened before. Changes
    nothing.
    """
    output = Output(as_json)
    account = find_account(account_name)
    told = explain_address(account, email)
    output.result(_as_facts(told))
    _tell(told, output)


def _tell(told: Explanation, output: Output) -> None:
    output.say(f"[bold]{escape(told.address)}[/bold]")
    output.say(f"{escape(told.conclusion)}\n")
    for problem in told.unasked:
        output.paragraph(escape(problem), mark=MARKS["warn"], indent=2)
    for record in told.records:
        output.say(f"  In Dynamics: {escape(record.sentence)}")
    output.say(f"  In Dotdigital: {escape(told.dotdigital)}")
    if told.waits:
        output.say("  Something changed since the last sync; the next one looks at this person.")
    for one in told.syncs:
        _tell_sync(one, output)
    for held in told.held:
        detail = f"{held.reason} {held.detail} (since {held.since:%Y-%m-%d %H:%M} UTC)"
        output.say(f"  [yellow]Held:[/yellow] {escape(detail)}")
    if told.recent:
        output.say("\n[bold]What happened before[/bold]")
        output.table(("When", "Run", "List", "Result", "Why"), [_line(row) for row in told.recent])


def _tell_sync(one: SyncTold, output: Output) -> None:
    output.say(f"\n[bold]{SYNC_TYPES[one.key].name}[/bold]")
    output.say(f"  {escape(one.conclusion)}")
    if one.last:
        last = f"{one.last.result}, {one.last.at:%Y-%m-%d %H:%M} UTC, {one.last.run.name}. {one.last.detail}"
        output.say(f"  Last: {escape(last.strip())}")
    for gate in one.gates:
        output.say(f"  {MARKS['ok' if gate.is_open else 'fail']} {gate.question}")
        if not gate.is_open:
            output.paragraph(escape(f"{gate.words} {gate.remedy}".strip()), indent=6)
    if one.lists:
        rows = [(row.list_name, row.record_name, row.verdict, f"{row.reason} {row.remedy}".strip())
                for row in one.lists]  # fmt: skip
        output.table(("List", "Record", "Verdict", "Why"), rows)
    if one.values:
        values = [(value.where, value.field, value.old, value.new) for value in one.values]
        output.table(("Where", "Field", "Now", "Then"), values)


def _line(row: Outcome) -> tuple[object, ...]:
    why = " ".join(filter(None, [words(row.reason) if row.reason else "", row.detail]))
    return row.at, row.run_id, row.part.name if row.part else "", row.result, why


def _as_facts(told: Explanation) -> dict[str, object]:
    return {
        "address": told.address,
        "conclusion": told.conclusion,
        "unasked": list(told.unasked),
        "records": [{**asdict(record), "sentence": record.sentence} for record in told.records],
        "dotdigital": told.dotdigital,
        "waits": told.waits,
        "syncs": [asdict(one) for one in told.syncs],
        "held": [asdict(one) for one in told.held],
        "recent": [
            {"at": row.at, "run": row.run_id, "list": row.part.name if row.part else "", "result": row.result,
             "reason": row.reason, "detail": row.detail}
            for row in told.recent
        ],
    }  # fmt: skip
