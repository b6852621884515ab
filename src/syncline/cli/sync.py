"""`syncline sync ACCOUNT TYPE`: run one sync now, and watch it."""

from __future__ import annotations

from typing import Annotated

import typer

from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.parts import tell_changes, tell_parts
from syncline.cli.watching import CODES, follow, somebody_working, tell
from syncline.engine.client import start_run
from syncline.ledger.models import RunStatus
from syncline.syncs.registry import SYNC_TYPES

SyncTypeName = Annotated[
    str, typer.Argument(metavar="TYPE", help=f"One of: {', '.join(SYNC_TYPES)}.", show_default=False)
]


def register(app: typer.Typer) -> None:
    app.command("sync")(sync)


def sync(account_name: AccountName, sync_type: SyncTypeName, as_json: AsJson = False) -> None:
    """Run a sync now, whatever its schedule says, and show how it goes.

    Ends with 0 when all went well, 3 when single records were refused, 1 when the run failed.
    """
    output = Output(as_json)
    account = find_account(account_name)
    run = start_run(account, known_type(sync_type), "command line")
    with somebody_working():
        follow(run, output)
    tell(run, output)
    tell_parts(run, output)
    tell_changes(run, output)
    if code := CODES[RunStatus(run.status)]:
        raise typer.Exit(code)


def known_type(text: str) -> str:
    key = text.strip().lower()
    if key not in SYNC_TYPES:
        raise Stop(
            f"There is no sync type called {text}.",
            f"The types are: {', '.join(SYNC_TYPES)}.",
            ExitCode.USAGE,
        )
    return key
