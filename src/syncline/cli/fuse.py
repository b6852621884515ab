"""`syncline fuse ACCOUNT [TYPE]`: how much a run may do before it stops and asks."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.sync import known_type
from syncline.ledger.fuse import FUSED, FuseRefusedError, Limit, limits_of, set_limit
from syncline.ledger.models import FuseKind

_SHAPE = re.compile(r"\s*(\d{1,3})\s*%?\s*/\s*(\d{1,9})\s*")
_HELP = "Share and number, as 20%/50; both have to be passed. 100%/0 switches it off."


def register(app: typer.Typer) -> None:
    app.command("fuse")(fuse)


def fuse(
    account_name: AccountName,
    sync_type: Annotated[
        str, typer.Argument(metavar="[TYPE]", help=f"One of: {', '.join(FUSED)}.", show_default=False)
    ] = "",
    removals: Annotated[str, typer.Option(help=f"People taken out of a list. {_HELP}")] = "",
    suppressions: Annotated[str, typer.Option(help="People suppressed or marked, as 20%/50.")] = "",
    overwrites: Annotated[str, typer.Option(help="People with a value replaced, as 50%/500.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show or set the fuses of an account: when a run stops and asks before it writes."""
    output = Output(as_json)
    account = find_account(account_name)
    wanted = {
        FuseKind.REMOVALS: removals,
        FuseKind.SUPPRESSIONS: suppressions,
        FuseKind.OVERWRITES: overwrites,
    }
    limits = {kind: _limit(text) for kind, text in wanted.items() if text}
    types = [known_type(sync_type)] if sync_type else list(FUSED)
    if sync_type and types[0] not in FUSED:
        raise Stop(
            f"{types[0]} has no fuse: it writes no people.",
            f"Name one of: {', '.join(FUSED)}.",
            ExitCode.USAGE,
        )
    if limits and not sync_type:
        raise Stop("Which sync type is meant?", f"Name one of: {', '.join(FUSED)}.", ExitCode.USAGE)
    try:
        for kind, limit in limits.items():
            set_limit(account, types[0], kind, limit, OPERATOR)
    except FuseRefusedError as refusal:
        raise Stop(str(refusal), code=ExitCode.USAGE) from refusal
    _show(account, types, output)


def _limit(text: str) -> Limit:
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise Stop(f"{text} is no fuse.", "Write share and number, as 20%/50.", ExitCode.USAGE)
    return Limit(int(found[1]), int(found[2]))


def _show(account: EmailAccount, types: list[str], output: Output) -> None:
    rows = []
    for sync_type in types:
        for kind, limit in limits_of(account, sync_type).items():
            output.result(
                {"sync_type": sync_type, "kind": kind.value, "share": limit.share, "number": limit.number}
            )
            rows.append((sync_type, kind.label, f"{limit.share} %", limit.number))
    output.table(("Sync type", "Kind", "More than", "and more people than"), rows)
