"""`syncline behaviour ACCOUNT`: where an account's web behaviour is, and what its records call things."""

from __future__ import annotations

from typing import Annotated

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.web_behaviour.models import WebVisit
from syncline.web_behaviour.naming import ASSUMED, NamingRefusedError, names_of, save_naming, settings_of


def register(app: typer.Typer) -> None:
    app.command("behaviour")(behaviour)


def behaviour(
    account_name: AccountName,
    collection: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The collection of insight data to read. Empty: the one that Dotdigital's tracking script "
            "fills.",
        ),
    ] = None,
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            metavar="MEANING=NAME",
            help=f"What its records call a value: {', '.join(ASSUMED)}. An empty name: as is assumed. May be "
            "repeated.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show where the web behaviour of an account is read, or change that.

    After a change the next sync reads everything again.
    """
    output = Output(as_json)
    account = find_account(account_name)
    if collection is not None or fields:
        try:
            save_naming(account, collection, dict(_named(one) for one in fields or []), OPERATOR)
        except NamingRefusedError as refusal:
            raise Stop(str(refusal), code=ExitCode.USAGE) from refusal
    settings = settings_of(account)
    names = names_of(settings)
    visits = WebVisit.objects.filter(account_id=account.pk).count()
    output.result({"collection": settings.collection, "fields": names, "visits": visits})
    output.say(f"Collection: {settings.collection or 'the one that the tracking script fills'}")
    output.table(
        ("Value", "Field", "Assumed"),
        ((one, names[one], names[one] == name) for one, name in ASSUMED.items()),
    )
    output.say(f"{visits:,} visits are known here.")


def _named(text: str) -> tuple[str, str]:
    meaning, sign, name = text.partition("=")
    if not sign:
        raise Stop(f"{text} does not say what is called what.", "For example: url=PageUrl.", ExitCode.USAGE)
    return meaning.strip(), name
