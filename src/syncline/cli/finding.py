"""Accounts as people name them."""

from __future__ import annotations

from typing import Annotated

import typer

from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import Stop

AccountName = Annotated[
    str,
    typer.Argument(
        metavar="ACCOUNT", help="Name of the account (in any case), or its id.", show_default=False
    ),
]


def find_account(text: str) -> EmailAccount:
    """By name ignoring case, else by id. Raises Stop with the names there are."""
    wanted = text.strip()
    found = EmailAccount.objects.filter(name__iexact=wanted).first()
    if found is None and wanted.isdecimal():
        found = EmailAccount.objects.filter(pk=int(wanted)).first()
    if found is None:
        raise Stop(f"There is no account called {wanted}.", _names_there_are(), ExitCode.NOT_FOUND)
    return found


def _names_there_are() -> str:
    names = list(EmailAccount.objects.values_list("name", flat=True)[:20])
    if not names:
        return "Add one with `syncline account add`."
    return f"The accounts are: {', '.join(names)}."
