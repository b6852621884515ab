"""`syncline doctor`: is everything as it should be, and if not, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Literal

import typer
from django.conf import settings
from django.db import connection
from rich.markup import escape

from syncline.accounts.clients import new_dataverse_client, new_dotdigital_client
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import find_account
from syncline.cli.live_checks import FEW_TRIES, look_over
from syncline.cli.output import MARKS, AsJson, Output
from syncline.engine.heartbeat import is_any_worker_alive
from syncline.remote import RemoteError

State = Literal["ok", "warn", "fail"]


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(
    account_name: Annotated[
        str, typer.Argument(metavar="[ACCOUNT]", help="Name or id; without it, every account.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check this installation and both sides of an account, step by step. Changes nothing."""
    output = Output(as_json)
    accounts = [find_account(account_name)] if account_name else list(EmailAccount.objects.all())
    states: list[str] = [*_installation(output)]
    for account in accounts:
        states += _account(account, output)
    if not accounts:
        output.say("There are no accounts yet. Add the first with [bold]syncline account add[/bold].")
    _finish(states, output)


def _account(account: EmailAccount, output: Output) -> Iterator[str]:
    output.say(f"[bold underline]{escape(account.name)}[/bold underline]")
    try:
        with (
            closing(new_dataverse_client(account, patience=FEW_TRIES)) as dataverse,
            closing(new_dotdigital_client(account, patience=FEW_TRIES)) as dotdigital,
        ):
            for check in look_over(dataverse, dotdigital, output, account=account.name):
                yield check.state
    except RemoteError as error:
        # Credentials that cannot even be read: told like any other finding, and the other accounts go on.
        yield _finding(output, "fail", "Credentials", error.message, error.what_to_do, account=account.name)


def _installation(output: Output) -> Iterator[str]:
    output.say("[bold underline]This installation[/bold underline]\n")
    yield _finding(output, "ok", "Database", f"{connection.display_name} answers.")
    yield _finding(output, "ok", "Home folder", str(settings.HOME))
    if is_any_worker_alive():
        yield _finding(output, "ok", "Workers", "At least one worker is at work.")
    else:
        yield _finding(
            output,
            "warn",
            "Workers",
            "No worker is at work, so nothing runs by the timetable.",
            "Start one with `syncline work`, or the console with `syncline serve --with-worker`.",
        )
    if settings.DEBUG:
        yield _finding(
            output, "warn", "Debug pages", "They are on and show internals.", "Unset SYNCLINE_DEBUG."
        )
    output.say()


def _finding(
    output: Output, state: State, name: str, detail: str, remedy: str = "", account: str = ""
) -> str:
    output.say(f"  {MARKS[state]} {name}: {escape(detail)}")
    if remedy:
        output.say(f"      [dim]→ {escape(remedy)}[/dim]")
    facts = {"side": "syncline", "check": name, "state": state, "detail": detail, "remedy": remedy}
    output.result({"account": account, **facts} if account else facts)
    return state


def _finish(states: list[str], output: Output) -> None:
    failed, warned = states.count("fail"), states.count("warn")
    if failed:
        output.say(f"{MARKS['fail']} {_number(failed, 'thing')} must be mended before syncs can work.")
        raise typer.Exit(ExitCode.FAILED)
    if warned:
        deserve = "deserves" if warned == 1 else "deserve"
        output.say(f"{MARKS['warn']} Everything works; {_number(warned, 'thing')} {deserve} a look.")
        raise typer.Exit(ExitCode.ATTENTION)
    output.say(f"{MARKS['ok']} Everything is as it should be.")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
