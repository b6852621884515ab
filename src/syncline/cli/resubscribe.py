"""`syncline resubscribe EMAIL`: let Dotdigital ask somebody who wants to come back."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import dotdigital_for_somebody_waiting
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import find_account, find_list
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.secrets_entry import is_interactive
from syncline.consent.resubscribe import RefusedError, Wish, ask
from syncline.consent.resubscriptions import Ground, State


def register(app: typer.Typer) -> None:
    app.command("resubscribe")(resubscribe)


def resubscribe(
    email: Annotated[
        str, typer.Argument(metavar="EMAIL", help="The address, in any case.", show_default=False)
    ],
    account_name: Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Name or id.")],
    ground: Annotated[Ground, typer.Option(help="How the person asked to come back.")],
    evidence: Annotated[str, typer.Option(help="Who asked, when and how. It is kept as the proof.")],
    list_name: Annotated[
        str | None,
        typer.Option("--list", metavar="LIST", help="The one list that they left, by name or id."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask: the person did ask for it themselves.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Have Dotdigital ask somebody whether they want e-mails again. They are back once they confirm it."""
    output = Output(as_json)
    account = find_account(account_name)
    listed = find_list(account, list_name) if list_name is not None else None
    address = email.strip().lower()
    if not yes:
        _confirm(address, output)
    try:
        wish = Wish(
            address,
            ground,
            evidence,
            OPERATOR,
            list_id=listed.pk if listed else None,
            book_id=listed.address_book_id if listed else None,
        )
        answer = ask(account, wish, partial(dotdigital_for_somebody_waiting, account))
    except RefusedError as refused:
        raise Stop(refused.message, refused.remedy) from refused
    output.result({"address": address, "account": account.name, "list": listed.name if listed else "",
                   "state": answer.state.value, "words": answer.words})  # fmt: skip
    output.say(answer.words)
    if answer.state not in {State.ADDED, State.CHALLENGED}:
        raise typer.Exit(ExitCode.FAILED if answer.state is State.REFUSED else ExitCode.LATER)


def _confirm(address: str, output: Output) -> None:
    if not is_interactive() or output.as_json:
        raise Stop("Nobody is there to confirm that the person asked for it.", "Give --yes.", ExitCode.USAGE)
    if not typer.confirm(f"Did {address} ask for it themselves, and can you prove it?"):
        raise Stop("Nobody was asked.")
