"""`syncline sync ACCOUNT TYPE`: run one sync now, and watch it."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from syncline.accounts.models import EmailAccount
from syncline.accounts.rights import LIST_SYNCS
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account, find_list
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.parts import tell_changes, tell_parts
from syncline.cli.watching import CODES, follow, somebody_working, tell, tell_how_to_decide
from syncline.engine.client import start_run
from syncline.ledger.models import Approval, RunStatus
from syncline.syncs.registry import SYNC_TYPES

SyncTypeName = Annotated[
    str, typer.Argument(metavar="TYPE", help=f"One of: {', '.join(SYNC_TYPES)}.", show_default=False)
]


def register(app: typer.Typer) -> None:
    app.command("sync")(sync)


def sync(
    account_name: AccountName,
    sync_type: SyncTypeName,
    only: Annotated[
        list[str] | None,
        typer.Option("--list", metavar="LIST", help="Sync only this marketing list. May be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a sync now, whatever its schedule says, and show how it goes.

    With --list, only people who are in one of these lists are synced. Ends with 0 when all went well, 3 when
    single records were refused, 6 when the fuse stopped the run and it waits for approval, 1 when the run
    failed.
    """
    output = Output(as_json)
    account = find_account(account_name)
    key = known_type(sync_type)
    run = start_run(account, key, "command line", scope=_scope(account, key, only or []))
    with somebody_working():
        follow(run, output)
    tell(run, output)
    tell_parts(run, output)
    tell_changes(run, output)
    if run.approval == Approval.WAITING:
        tell_how_to_decide(run, output)
    if code := CODES[RunStatus(run.status)]:
        raise typer.Exit(code)


def _scope(account: EmailAccount, sync_type: str, names: list[str]) -> list[int]:
    """Keys of the lists to sync. Raises Stop for a type without lists, and for a list that is not synced."""
    if names and sync_type not in LIST_SYNCS:
        raise Stop(f"{sync_type} knows no lists.", "Leave --list out.", ExitCode.USAGE)
    activate = f"syncline lists {shlex.quote(account.name)} --activate"
    lists = [find_list(account, name) for name in names]
    for one in lists:
        if not one.activated:
            raise Stop(
                f"{one.name} is not activated for email.",
                f"Activate it first: {activate} {shlex.quote(one.name)}",
                ExitCode.USAGE,
            )
    return [one.pk for one in lists]


def known_type(text: str) -> str:
    key = text.strip().lower()
    if key not in SYNC_TYPES:
        raise Stop(
            f"There is no sync type called {text}.",
            f"The types are: {', '.join(SYNC_TYPES)}.",
            ExitCode.USAGE,
        )
    return key
