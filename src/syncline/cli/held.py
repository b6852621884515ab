"""`syncline held ACCOUNT`: what one side refused, and replaying it."""

from __future__ import annotations

from typing import Annotated

import typer
from django.db.models import QuerySet
from rich.markup import escape

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.watching import CODES, follow, somebody_working, tell
from syncline.engine.replay import replay
from syncline.ledger.held import held_records, reasons_held
from syncline.ledger.models import Held, RunStatus
from syncline.syncs.reasons import REASONS, words


def register(app: typer.Typer) -> None:
    app.command("held")(held)


def held(
    account_name: AccountName,
    reason: Annotated[str, typer.Option(help="Only what is held for this reason, by its code.")] = "",
    addresses: Annotated[
        list[str] | None,
        typer.Option(
            "--replay", metavar="ADDRESS", help="Replay what is held of an address. May be repeated."
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--replay-all", help="Replay all that is held, or all of --reason.")
    ] = False,
    most: Annotated[int, typer.Option("--most", min=1, help="How many to show, newest first.")] = 40,
    as_json: AsJson = False,
) -> None:
    """Show the records that one side refused, or have them decided again once the cause is mended.

    After a replay it ends as `sync` does: with 0 when all went well, 3 when records were refused, 1 when the
    run failed.
    """
    output = Output(as_json)
    account = find_account(account_name)
    if addresses and everything:
        raise Stop("--replay and --replay-all are two different things.", "Give one of them.", ExitCode.USAGE)
    found = held_records(account, reason=reason)
    if addresses or everything:
        _replay(account, _meant(found, addresses or []), reason, output)
    else:
        _show(account, found, most, output)


def _meant(found: QuerySet[Held], addresses: list[str]) -> QuerySet[Held]:
    """Raises Stop where there is nothing to replay, naming the address."""
    keys = sorted({address.strip().lower() for address in addresses})
    meant = found.filter(person_key__in=keys) if keys else found
    missing = sorted(set(keys) - set(meant.values_list("person_key", flat=True)))
    if missing:
        raise Stop(
            f"Nothing is held of {', '.join(missing)}.",
            "`syncline held ACCOUNT` lists what is held; `syncline explain ACCOUNT EMAIL` tells why "
            "somebody is not synced.",
            ExitCode.NOT_FOUND,
        )
    return meant


def _replay(account: EmailAccount, meant: QuerySet[Held], reason: str, output: Output) -> None:
    if account.disabled:
        raise Stop(
            f"{account.name} is disabled, so nothing was replayed.",
            "Enable it with `syncline account change ACCOUNT --enable`.",
        )
    done = replay(account, meant, OPERATOR, asked={"reason": reason} if reason else {})
    if not done.records:
        output.say("Nothing is held, so there is nothing to replay.")
    worst = ExitCode.OK
    with somebody_working():
        for run in done.runs:
            follow(run, output)
    for run in done.runs:
        tell(run, output)
        worst = max(worst, CODES[RunStatus(run.status)], key=_severity)
    output.result({"replayed": done.records, "still_held": meant.count()})
    if done.records:
        output.say(f"{done.records} replayed, {meant.count()} of them still held.")
    if worst:
        raise typer.Exit(worst)


def _severity(code: ExitCode) -> int:
    """A failed run weighs more than one with refused records, whatever their numbers are."""
    return (ExitCode.OK, ExitCode.ATTENTION, ExitCode.FAILED).index(code)


def _show(account: EmailAccount, found: QuerySet[Held], most: int, output: Output) -> None:
    reasons = reasons_held(account)
    for code, number in reasons:
        output.result({"reason": code, "held": number, "words": words(code)})
    if not reasons:
        output.say("Nothing is held: both sides have accepted everything.")
        return
    if not output.as_json:
        output.table(
            ("Reason", "Held", "What it means"),
            [(code, number, words(code)) for code, number in reasons],
            right=("Held",),
        )
    rows = found.select_related("run").order_by("-pk")
    shown = list(rows if output.as_json else rows[:most])
    for row in shown:
        output.result(_as_facts(row))
    output.table(("Who", "Reason", "What they said", "Since"), [_line(row) for row in shown])
    if len(shown) == most:
        output.say("[dim]--most shows more.[/dim]")
    command = escape("syncline held ACCOUNT --replay ADDRESS")
    output.say(f"Once the cause is mended: [bold]{command}[/bold], or [bold]--replay-all[/bold].")


def _line(row: Held) -> tuple[object, ...]:
    said = " ".join(filter(None, [row.detail if row.detail != words(row.reason) else "", row.vendor_code]))
    return row.person_key, row.reason, said, row.since


def _as_facts(row: Held) -> dict[str, object]:
    return {
        "person": row.person_key,
        "sync_type": row.sync_type,
        "entity": row.entity,
        "record_id": row.record_id,
        "reason": row.reason,
        "words": words(row.reason),
        "remedy": REASONS[row.reason].remedy if row.reason in REASONS else "",
        "detail": row.detail,
        "vendor_code": row.vendor_code,
        "run": row.run_id,
        "since": row.since,
    }
