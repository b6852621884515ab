"""`syncline explain ACCOUNT EMAIL`: why somebody is or is not synced."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer
from rich.markup import escape

from syncline.accounts.clients import new_dataverse_client, new_dotdigital_client
from syncline.cli.finding import AccountName, find_account
from syncline.cli.live_checks import FEW_TRIES
from syncline.cli.output import MARKS, AsJson, Output
from syncline.ledger.models import Outcome
from syncline.syncs.marketing_lists.explain import Explanation
from syncline.syncs.marketing_lists.explain import explain as explain_address
from syncline.syncs.reasons import words


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
    with (
        closing(new_dataverse_client(account, patience=FEW_TRIES)) as dataverse,
        closing(new_dotdigital_client(account, patience=FEW_TRIES)) as dotdigital,
    ):
        told = explain_address(account, email, dataverse, dotdigital)
    output.result(_as_facts(told))
    _tell(told, output)


def _tell(told: Explanation, output: Output) -> None:
    output.say(f"[bold]{escape(told.address)}[/bold]")
    output.say(f"{escape(told.conclusion)}\n")
    for record in told.records:
        output.say(f"  In Dynamics: {escape(record)}")
    output.say(f"  In Dotdigital: {escape(told.dotdigital)}\n")
    for gate, is_open in told.gates:
        output.say(f"  {MARKS['ok' if is_open else 'fail']} {gate.question}")
    if told.lists:
        output.say("\n[bold]Lists[/bold]")
        rows = [
            (one.list_name, one.record_name, one.verdict, f"{one.reason} {one.remedy}".strip())
            for one in told.lists
        ]
        output.table(("List", "Record", "Verdict", "Why"), rows)
    for held in told.held:
        output.say(f"  [yellow]Held:[/yellow] {escape(held)}")
    if told.recent:
        output.say("[bold]What happened before[/bold]")
        output.table(("When", "Run", "List", "Result", "Why"), [_line(row) for row in told.recent])


def _line(row: Outcome) -> tuple[object, ...]:
    why = " ".join(filter(None, [words(row.reason) if row.reason else "", row.detail]))
    return row.at, row.run_id, row.part.name if row.part else "", row.result, why


def _as_facts(told: Explanation) -> dict[str, object]:
    return {
        "address": told.address,
        "conclusion": told.conclusion,
        "records": told.records,
        "dotdigital": told.dotdigital,
        "gates": [{"code": gate.code, "question": gate.question, "open": is_open}
            for gate, is_open in told.gates],
        "lists": [
            {"list": one.list_name, "record": one.record_name, "entity": one.entity, "verdict": one.verdict,
             "reason": one.reason, "remedy": one.remedy}
            for one in told.lists
        ],
        "held": told.held,
        "recent": [
            {"at": row.at, "run": row.run_id, "list": row.part.name if row.part else "", "result": row.result,
             "reason": row.reason, "detail": row.detail}
            for row in told.recent
        ],
    }  # fmt: skip
