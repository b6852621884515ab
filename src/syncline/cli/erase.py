"""`syncline erase EMAIL`: taking a person out of everything that Syncline keeps."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from syncline.accounts.admin_log import OPERATOR
from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.secrets_entry import is_interactive
from syncline.onboarding.erasing import Erased
from syncline.onboarding.erasing import erase as take_out
from syncline.onboarding.leaving import RunsUnderWayError


def register(app: typer.Typer) -> None:
    app.command("erase")(erase)


def erase(
    email: Annotated[
        str, typer.Argument(metavar="EMAIL", help="The address, in any case.", show_default=False)
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a person out of everything that Syncline keeps, in all accounts. It cannot be undone.

    What stays is the history of their consent without the address, and a digest by which somebody who had
    opted out is known again and stays out. Dynamics and Dotdigital are not touched: erase there first.
    """
    output = Output(as_json)
    if "@" not in email.strip().strip("@"):
        raise Stop(f"{email!r} is no e-mail address.", "Give the whole address.", ExitCode.USAGE)
    if not yes:
        _confirm(email, output)
    try:
        told = take_out(email, by=OPERATOR)
    except RunsUnderWayError as error:
        raise Stop(
            f"{error}, so nothing was erased.",
            "Try again when it has ended; `syncline runs` shows what is under way.",
            ExitCode.LATER,
        ) from None
    output.result({**asdict(told), "found": told.found_anything})
    _tell(told, output)


def _confirm(email: str, output: Output) -> None:
    if not is_interactive() or output.as_json:
        raise Stop("Nobody is there to confirm the erasure.", "Give --yes.", ExitCode.USAGE)
    output.say(
        f"This takes [bold]{escape(email)}[/bold] out of everything that Syncline keeps, in all accounts.\n"
        "Dynamics and Dotdigital stay as they are. It cannot be undone."
    )
    if typer.prompt("Type the address to go on").strip().casefold() != email.strip().casefold():
        raise Stop("That is not the address. Nothing was erased.")


def _tell(told: Erased, output: Output) -> None:
    if not told.found_anything:
        output.say("Syncline keeps nothing about this address.")
    else:
        output.say("[bold]Taken out[/bold]")
        output.table(("What", "Rows"), [(words, f"{rows:,}") for words, rows in told.removed.items()])
    if told.opted_out_in:
        names = escape(", ".join(told.opted_out_in))
        output.say(
            f"\nThey had opted out, and stay out of {names}: the address is known again by its digest."
        )
    output.say("\n[bold]Left to be done by hand[/bold]")
    for sentence in told.by_hand:
        output.paragraph(escape(sentence), mark="·", indent=2)
