"""`syncline consent`: a person's history of consent as a signed file, and whether such a file is genuine."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import AsJson, Output, Stop
from syncline.syncs.consent_export import signed
from syncline.syncs.consent_export import verify as is_genuine
from syncline.syncs.consent_history import history

group = typer.Typer(no_args_is_help=True, help="What is kept of a person's consent, as a signed file.")


class Format(Enum):
    json = "json"
    csv = "csv"


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="consent")


@group.command("export")
def export(
    email: Annotated[
        str, typer.Argument(metavar="EMAIL", help="The address, in any case.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it.")],
    form: Annotated[Format, typer.Option("--format", help="What kind of file.")] = Format.json,
    as_json: AsJson = False,
) -> None:
    """Write the whole history of a person's consent, in all accounts, to a file that is signed.

    Somebody who was erased is found too: by the address, which is then in the file and nowhere else.
    """
    output = Output(as_json)
    found = history(email)
    if not found.entries:
        raise Stop(
            f"The consent ledger tells nothing of {found.address}.",
            "`syncline explain ACCOUNT EMAIL` tells how somebody stands whose consent has never changed.",
            ExitCode.NOT_FOUND,
        )
    try:
        out.write_bytes(signed(found, form.value))
    except OSError as error:
        raise Stop(f"{out} cannot be written: {error.strerror}.", "Choose another place.") from None
    output.result({"address": found.address, "events": len(found.entries), "file": str(out)})
    output.say(f"{len(found.entries)} events of {escape(found.address)} are in {escape(str(out))}, signed.")


@group.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that was exported.")],
    as_json: AsJson = False,
) -> None:
    """Tell whether an exported file is as this installation signed it, to the byte.

    Ends with 1 where it is not, and with 3 where it is intact but another installation's.
    """
    output = Output(as_json)
    try:
        verdict = is_genuine(file.read_bytes())
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror}.", "", ExitCode.USAGE) from None
    if not verdict.is_intact:
        raise Stop(
            f"{file} is not as it was signed, or was never signed.", "Take the file as it was exported."
        )
    output.result({"intact": True, "ours": verdict.is_ours, "public_key": verdict.public_key})
    if verdict.is_ours:
        output.say(f"[green]✓[/green] {escape(str(file))} is as this installation signed it.")
        return
    output.say(
        f"{escape(str(file))} is as it was signed, but not by this installation. Its key is "
        f"{escape(verdict.public_key)}: ask whoever you have it from."
    )
    raise typer.Exit(ExitCode.ATTENTION)
