"""`syncline account`: the e-mail accounts of this installation."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from django.conf import settings
from django.db import transaction
from rich.markup import escape

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.changing import (
    change_consent_in_dynamics,
    change_general,
    change_sync_of_inactive,
    make_default,
    set_campaign_level,
    set_disabled,
    set_record_priority,
)
from syncline.accounts.models import EmailAccount
from syncline.cli import account_add, account_credentials
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.cli.secrets_entry import is_interactive
from syncline.onboarding.leaving import RunsUnderWayError, leave
from syncline.onboarding.rotating import rotate_keys

group = typer.Typer(no_args_is_help=True, help="Add, look at, change and remove e-mail accounts.")


def register(app: typer.Typer) -> None:
    account_add.register(group)
    account_credentials.register(group)
    app.add_typer(group, name="account")


def facts_of(account: EmailAccount) -> dict[str, Any]:
    """An account for programs. No secret, and nothing that helps to guess one."""
    return {
        "id": account.pk,
        "name": account.name,
        "description": account.description,
        "owner": account.owner,
        "connector_key": account.connector_key,
        "default": account.is_default,
        "disabled": account.disabled,
        "time_zone": account.time_zone,
        "dynamics": account.dataverse_url,
        "tenant_id": account.tenant_id,
        "client_id": account.client_id,
        "signs_in_with": "certificate" if account.client_certificate_encrypted else "secret",
        "dotdigital": account.dotdigital_url,
        "dotdigital_user": account.dotdigital_user,
        "provisioned": account.provisioned,
        "mark_do_not_bulk_email": account.mark_do_not_bulk_email,
        "keep_crm_suppression_list": account.keep_crm_suppression_list,
        "only_open_and_active": account.only_open_and_active,
        "readmit_inactive": account.readmit_inactive,
        "record_priority": account.record_priority,
        "campaign_level": account.campaign_level,
        "added": account.created_at,
    }


@group.command("list")
def list_accounts(as_json: AsJson = False) -> None:
    """All accounts."""
    output = Output(as_json)
    accounts = list(EmailAccount.objects.all())
    for account in accounts:
        output.result(facts_of(account))
    if not accounts:
        output.say("There are no accounts yet. Add the first with [bold]syncline account add[/bold].")
        return
    output.table(
        ("Id", "Account", "Dynamics", "Dotdigital", "State"),
        (
            (account.pk, account.name, account.dataverse_url, account.dotdigital_url, _state(account))
            for account in accounts
        ),
        right=["Id"],
    )


def _state(account: EmailAccount) -> str:
    words = ["default"] if account.is_default else []
    return ", ".join([*words, "disabled" if account.disabled else "active"])


@group.command("show")
def show(account_name: AccountName, as_json: AsJson = False) -> None:
    """One account with all that is known about it, but for its secrets."""
    output = Output(as_json)
    account = find_account(account_name)
    output.result(facts_of(account))
    output.say(f"[bold]{escape(account.name)}[/bold]")
    output.facts(
        {
            "Description": account.description,
            "State": _state(account),
            "Owner": account.owner,
            "Time zone": account.time_zone,
            "Dynamics": account.dataverse_url,
            "Tenant": account.tenant_id,
            "App registration": account.client_id,
            "Signs in with": "a certificate" if account.client_certificate_encrypted else "a client secret",
            "Provisioned": account.provisioned,
            "Dotdigital": account.dotdigital_url,
            "API user": account.dotdigital_user,
            "Connector key": account.connector_key,
            "Sets Do Not Bulk Email": account.mark_do_not_bulk_email,
            "Keeps the CRM suppression list": account.keep_crm_suppression_list,
            "Only open leads and active contacts": account.only_open_and_active,
            "Readmits inactive ones": account.readmit_inactive,
            "Record priority": account.record_priority,
            "Email campaigns": account.campaign_level,
            "Added": account.created_at,
        }
    )


@group.command("change")
def change(
    account_name: AccountName,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    description: Annotated[str | None, typer.Option(help="A new description; '' for none.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA name, such as Europe/London.")] = None,
    default: Annotated[bool, typer.Option("--make-default", help="Make it the default account.")] = False,
    disable: Annotated[
        bool | None, typer.Option("--disable/--enable", help="Stop or allow its syncs.")
    ] = None,
    priority: Annotated[
        str | None,
        typer.Option(
            metavar="TABLES",
            help="Which record decides where several share an address, such as lead,contact,account.",
        ),
    ] = None,
    only_active: Annotated[
        bool | None,
        typer.Option(
            "--only-active/--also-inactive", help="Sync only open leads and active contacts, or all."
        ),
    ] = None,
    readmit: Annotated[
        bool | None,
        typer.Option(
            "--readmit-inactive/--keep-inactive-out",
            help="Whether records that are not active may come back into a list through Dotdigital.",
        ),
    ] = None,
    bulk_email: Annotated[
        bool | None,
        typer.Option(
            "--mark-bulk-email/--leave-bulk-email",
            help="Whether a suppression sets Do Not Bulk Email on contacts and leads in Dynamics.",
        ),
    ] = None,
    crm_list: Annotated[
        bool | None,
        typer.Option(
            "--crm-suppression-list/--no-crm-suppression-list",
            help="Whether the suppression lists of Dynamics and Dotdigital are kept in step.",
        ),
    ] = None,
    campaigns: Annotated[
        CampaignLevel | None,
        typer.Option(help="How much is synced of email campaigns that have no level of their own."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Rename or describe an account, make it the default, disable or enable it, say whose records count and
    what opt-outs do.
    """
    output = Output(as_json)
    account = find_account(account_name)
    # All of it or nothing: what is refused at last leaves what came before it undone too.
    with transaction.atomic():
        change_general(account, by=OPERATOR, name=name, description=description, time_zone=time_zone)
        if default:
            make_default(account, by=OPERATOR)
        if disable is not None:
            set_disabled(account, disable, by=OPERATOR)
        if priority is not None:
            set_record_priority(account, priority.split(","), by=OPERATOR)
        if only_active is not None or readmit is not None:
            change_sync_of_inactive(
                account, by=OPERATOR, only_open_and_active=only_active, readmit_inactive=readmit
            )
        if bulk_email is not None or crm_list is not None:
            change_consent_in_dynamics(
                account, by=OPERATOR, mark_do_not_bulk_email=bulk_email, keep_crm_suppression_list=crm_list
            )
        if campaigns is not None:
            set_campaign_level(account, campaigns, by=OPERATOR)
    output.result(facts_of(account))
    output.say(f"Saved. [bold]{escape(account.name)}[/bold] is {_state(account)}.")


@group.command("remove")
def remove(
    account_name: AccountName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove an account and all that Syncline keeps for it. Dynamics and Dotdigital stay as they are."""
    output = Output(as_json)
    account = find_account(account_name)
    facts = facts_of(account)
    if not yes:
        _confirm_removal(account, output)
    try:
        leave(account, by=OPERATOR)
    except RunsUnderWayError as error:
        raise Stop(
            f"{facts['name']} cannot be removed now. {error}.",
            f"Disable it first (`syncline account change {facts['id']} --disable`), and try again when its "
            "runs have ended.",
        ) from error
    output.result({"removed": facts})
    output.say(
        f"Removed [bold]{escape(facts['name'])}[/bold]. Nothing was changed in Dynamics or Dotdigital."
    )


def _confirm_removal(account: EmailAccount, output: Output) -> None:
    if not is_interactive() or output.as_json:
        raise Stop("Nobody is there to confirm the removal.", "Give --yes.", ExitCode.USAGE)
    output.say(
        f"This removes [bold]{escape(account.name)}[/bold] with its mappings, timetable and history.\n"
        "Dynamics and Dotdigital stay as they are. It cannot be undone."
    )
    if typer.prompt("Type the account's name to go on").strip().casefold() != account.name.casefold():
        raise Stop("That is not its name. Nothing was removed.")


@group.command("rotate-keys")
def rotate(as_json: AsJson = False) -> None:
    """Encrypt all stored secrets with the newest key.

    Put the new key in front of the old one first, in SYNCLINE_ENCRYPTION_KEYS or in the file encryption.key.
    """
    output = Output(as_json)
    number = rotate_keys(by=OPERATOR)
    output.result({"accounts": number, "keys": len(settings.ENCRYPTION_KEYS)})
    output.say(f"The secrets of {number} accounts are encrypted with the newest key now.")
    if len(settings.ENCRYPTION_KEYS) > 1:
        output.say(
            "Once every process has been restarted with the new key in front, the old one can be taken away."
        )
    else:
        output.say("There is only one key, so nothing has changed in effect.")
