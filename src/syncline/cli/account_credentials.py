"""`syncline account credentials`: a new secret, before the old one expires or after it did."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.certificates import UnusableCertificateError, read_certificate
from syncline.accounts.changing import replace_credentials, set_credentials
from syncline.accounts.clients import new_dataverse_client, new_dotdigital_client
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.live_checks import FEW_TRIES, look_over_briefly
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.secrets_entry import (
    CLIENT_SECRET,
    DOTDIGITAL_PASSWORD,
    FromStdin,
    enter,
    read_certificate_file,
)


def register(group: typer.Typer) -> None:
    group.command("credentials")(credentials)


def credentials(
    account_name: AccountName,
    client_id: Annotated[str, typer.Option(help="Another application (client) id.")] = "",
    client_certificate: Annotated[
        Path | None, typer.Option(help="PEM file with certificate and key, in place of the secret.")
    ] = None,
    dotdigital_user: Annotated[str, typer.Option(help="Another API user.")] = "",
    secrets_from_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Replace credentials of an account, after checking the new ones live.

    Secrets come as for `account add`; one that is not given stays as it is.
    """
    output = Output(as_json)
    account = find_account(account_name)
    wanted = [DOTDIGITAL_PASSWORD] if client_certificate else [CLIENT_SECRET, DOTDIGITAL_PASSWORD]
    given = {
        **enter(wanted, from_stdin=secrets_from_stdin, optional=True),
        "client_id": client_id.strip(),
        "client_certificate": _certificate(client_certificate),
        "dotdigital_user": dotdigital_user.strip(),
    }
    if not any(given.values()):
        raise Stop("No new credential was given.", "Give one; see --help.", ExitCode.USAGE)
    draft = EmailAccount.objects.get(pk=account.pk)
    replaced = set_credentials(draft, **given)
    _check(draft, output)
    replace_credentials(account, by=OPERATOR, **given)
    output.result({"account": account.name, "replaced": replaced})
    output.say(f"[green]✓[/green] Stored for [bold]{escape(account.name)}[/bold]: {', '.join(replaced)}.")


def _certificate(path: Path | None) -> str:
    pem = read_certificate_file(path)
    if pem:
        try:
            read_certificate(pem)
        except UnusableCertificateError as problem:
            raise Stop(str(problem), code=ExitCode.USAGE) from problem
    return pem


def _check(draft: EmailAccount, output: Output) -> None:
    output.say(f"Checking [bold]{escape(draft.name)}[/bold] on both sides …")
    with ExitStack() as clients:
        dataverse = clients.enter_context(closing(new_dataverse_client(draft, patience=FEW_TRIES)))
        dotdigital = clients.enter_context(closing(new_dotdigital_client(draft, patience=FEW_TRIES)))
        found = look_over_briefly(dataverse, dotdigital, output)
    if failed := [check for check in found if check.state == "fail"]:
        raise Stop(f"Nothing was stored: {failed[0].name}: {failed[0].detail}", failed[0].remedy)
