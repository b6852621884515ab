"""Accounts and marketing lists as people name them."""

from __future__ import annotations

from typing import Annotated

import typer

from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import Stop
from syncline.lists.models import MarketingList

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


def find_list(account: EmailAccount, text: str) -> MarketingList:
    """By name ignoring case, or by id. Raises Stop where there is none, or more than one."""
    lists = MarketingList.objects.filter(account=account, active=True)
    found = list(lists.filter(name__iexact=text.strip())) or list(lists.filter(list_id=text.strip().lower()))
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(one.list_id for one in found)
        raise Stop(
            f"{len(found)} lists are called {text}.",
            f"Give the id of the one you mean: {ids}.",
            ExitCode.USAGE,
        )
    names = ", ".join(lists.values_list("name", flat=True)[:20])
    raise Stop(
        f"{account.name} has no active marketing list called {text}.",
        f"The lists are: {names}." if names else "Make one in Dynamics first.",
        ExitCode.NOT_FOUND,
    )
