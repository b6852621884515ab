"""`syncline account add`: the one way in for an account, real or sandbox."""

from __future__ import annotations

import shlex
import zoneinfo
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from rich.markup import escape

from syncline import provisioning
from syncline.accounts.adding import check_details, unsaved_account
from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import new_dataverse_client, new_dotdigital_client
from syncline.accounts.details import AccountDetails
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.live_checks import FEW_TRIES, look_over_briefly
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.secrets_entry import (
    CLIENT_SECRET,
    DOTDIGITAL_PASSWORD,
    FromStdin,
    enter,
    is_interactive,
    read_certificate_file,
)
from syncline.dataverse import Dataverse
from syncline.onboarding.joining import join
from syncline.remote import RemoteError


def register(group: typer.Typer) -> None:
    group.command("add")(add)


def add(
    name: Annotated[str, typer.Option(help="What the account is to be called.")] = "",
    dynamics: Annotated[
        str, typer.Option("--dynamics-url", help="The environment's address, https://….dynamics.com.")
    ] = "",
    tenant_id: Annotated[str, typer.Option(help="Directory (tenant) id of the app registration.")] = "",
    client_id: Annotated[str, typer.Option(help="Application (client) id of the app registration.")] = "",
    client_certificate: Annotated[
        Path | None, typer.Option(help="PEM file with certificate and key, in place of the secret.")
    ] = None,
    dotdigital: Annotated[
        str, typer.Option("--dotdigital", help="Region (r1, r2, r3) or address of the Dotdigital API.")
    ] = "",
    dotdigital_user: Annotated[str, typer.Option(help="The API user, …@apiconnector.com.")] = "",
    description: Annotated[str, typer.Option(help="Shown beside the name.")] = "",
    time_zone: Annotated[
        str, typer.Option(help="IANA name, such as Europe/London. Without it: the Dotdigital account's.")
    ] = "",
    authority: Annotated[str, typer.Option(help="Sandbox only: its token authority.")] = "",
    ca_file: Annotated[str, typer.Option(help="Sandbox only: the certificate of its TLS address.")] = "",
    secrets_from_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Add an account, after checking that both sides can be entered.

    What is not given is asked for. The secrets are never taken from the command line: they come from
    SYNCLINE_CLIENT_SECRET and SYNCLINE_DOTDIGITAL_PASSWORD, from stdin as {"client_secret": …,
    "dotdigital_password": …}, or are typed in without being shown. They are stored encrypted.
    """
    output = Output(as_json)
    asked = {
        "name": _given("Account name", name, "--name"),
        "dataverse_url": _given("Dynamics environment (https://….dynamics.com)", dynamics, "--dynamics-url"),
        "tenant_id": _given("Directory (tenant) id", tenant_id, "--tenant-id"),
        "client_id": _given("Application (client) id", client_id, "--client-id"),
        "dotdigital_url": _given("Dotdigital region (r1, r2, r3)", dotdigital, "--dotdigital"),
        "dotdigital_user": _given("Dotdigital API user", dotdigital_user, "--dotdigital-user"),
    }
    wanted = [DOTDIGITAL_PASSWORD] if client_certificate else [CLIENT_SECRET, DOTDIGITAL_PASSWORD]
    details = AccountDetails(
        **asked,
        **enter(wanted, from_stdin=secrets_from_stdin),
        client_certificate=read_certificate_file(client_certificate),
        description=description,
        time_zone=time_zone or "UTC",
        dataverse_authority=authority,
        dataverse_ca_file=ca_file,
    )
    account = _check_and_store(details, output, own_time_zone=not time_zone)
    _tell(account, output)


def _given(question: str, value: str, option: str) -> str:
    if value.strip():
        return value
    if not is_interactive():
        raise Stop(f"{question}: not given.", f"Give {option}.", ExitCode.USAGE)
    return str(typer.prompt(question))


def _check_and_store(details: AccountDetails, output: Output, *, own_time_zone: bool) -> EmailAccount:
    """Nothing is stored unless both sides let us in."""
    allow_loopback = settings.ENVIRONMENT.allow_loopback
    details = check_details(details, allow_loopback=allow_loopback)
    draft = unsaved_account(details)
    output.say(f"Checking [bold]{escape(details.name)}[/bold] on both sides …")
    with (
        closing(new_dataverse_client(draft, patience=FEW_TRIES)) as dataverse,
        closing(new_dotdigital_client(draft, patience=FEW_TRIES)) as dotdigital,
    ):
        found = look_over_briefly(dataverse, dotdigital, output)
        if failed := [check for check in found if check.state == "fail"]:
            raise Stop(
                f"{details.name} was not added: {failed[0].name}: {failed[0].detail}", failed[0].remedy
            )
        info = dotdigital.account_info()
        details = replace(details, owner=info.main_email)
        if own_time_zone and info.time_zone in zoneinfo.available_timezones():
            details = replace(details, time_zone=info.time_zone)
        provisioned = _is_provisioned(dataverse)
    return join(details, by=OPERATOR, allow_loopback=allow_loopback, provisioned=provisioned)


def _is_provisioned(dataverse: Dataverse) -> bool:
    try:
        return provisioning.plan(dataverse).is_provisioned
    except RemoteError:
        return False  # An app that may not read solutions syncs all the same, with settings kept here.


def _tell(account: EmailAccount, output: Output) -> None:
    output.result(
        {
            "added": account.name,
            "id": account.pk,
            "default": account.is_default,
            "owner": account.owner,
            "time_zone": account.time_zone,
            "provisioned": account.provisioned,
        }
    )
    name = escape(account.name)
    output.say(
        f"[green]✓[/green] Added [bold]{name}[/bold]"
        + (", the default account." if account.is_default else ".")
    )
    output.say("  Names and postcode of contacts and leads are mapped; its timetable is in the console.")
    output.say("\nNext:")
    output.facts(_next_steps(account))


def _next_steps(account: EmailAccount) -> dict[str, str]:
    name = shlex.quote(account.name)
    steps = {
        f"  syncline sync {name} crm_metadata": "read the columns that can be mapped",
        f"  syncline sync {name} labels": "read the data fields of Dotdigital",
        f"  syncline lists {name}": "choose the marketing lists to sync",
    }
    if account.provisioned:
        return steps
    optional = "see what Syncline would add to Dynamics (optional)"
    return {f"  syncline provision {name} --plan": optional, **steps}
