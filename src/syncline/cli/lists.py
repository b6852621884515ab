"""`syncline lists`: which marketing lists go to Dotdigital, in what order, and how."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Annotated, Any

import typer
from django.utils import timezone
from rich.markup import escape

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import dataverse_client
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account, find_list
from syncline.cli.output import AsJson, Output, Stop
from syncline.lists.changing import change_list, settings_of
from syncline.lists.in_dynamics import refresh_lists
from syncline.lists.models import MarketingList, MembershipAction

Names = list[str] | None


def register(app: typer.Typer) -> None:
    app.command("lists")(lists)


def lists(
    account_name: AccountName,
    activate: Annotated[
        Names, typer.Option(metavar="LIST", help="Activate for email. May be repeated.")
    ] = None,
    deactivate: Annotated[
        Names, typer.Option(metavar="LIST", help="Take out of the sync. May be repeated.")
    ] = None,
    only: Annotated[
        Names, typer.Option("--list", metavar="LIST", help="The list to give --order or --membership to.")
    ] = None,
    order: Annotated[int | None, typer.Option(min=0, help="Synchronisation order; lower goes first.")] = None,
    membership: Annotated[
        MembershipAction | None,
        typer.Option(help="What to do with people who are in the Dotdigital list only (static lists)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the marketing lists of an account, or change their settings.

    A list goes by its name or its id in Dynamics. The settings are kept in Dynamics where the environment is
    provisioned, and in Syncline where it is not. --order and --membership apply to the lists of --list and
    --activate.
    """
    output = Output(as_json)
    account = find_account(account_name)
    client = dataverse_client(account)
    refresh_lists(client, account)
    if (order is not None or membership is not None) and not (activate or only):
        raise Stop("Which list is that for?", "Name it with --list.", ExitCode.USAGE)
    to_activate = [find_list(account, text) for text in activate or []]
    to_deactivate = [find_list(account, text) for text in deactivate or []]
    for one in to_activate:
        _change(account, one, activated=True, sync_order=order, membership_action=membership)
    for one in to_deactivate:
        _change(account, one, activated=False)
    for one in [find_list(account, text) for text in only or []]:
        _change(account, one, sync_order=order, membership_action=membership)
    _show(account, output)


def _change(account: EmailAccount, one: MarketingList, **changes: Any) -> None:
    """None leaves a setting as it is."""
    given = {name: value for name, value in changes.items() if value is not None}
    wanted = replace(settings_of(one), **given)
    change_list(dataverse_client(account), account, one, wanted, by=OPERATOR, now=timezone.now())


def _show(account: EmailAccount, output: Output) -> None:
    rows = list(MarketingList.objects.filter(account=account, active=True))
    for one in rows:
        output.result(_facts(one))
    if not rows:
        output.say("There are no active marketing lists in Dynamics.")
        return
    output.table(
        ("Marketing list", "Members", "Kind", "Activated", "Order", "Only in Dotdigital", "Last result"),
        (
            (
                one.name,
                f"{one.get_entity_display()}s",
                "dynamic" if one.dynamic else "static",
                one.activated,
                one.sync_order,
                "removed there" if one.dynamic else one.get_membership_action_display(),
                one.problem or one.last_result,
            )
            for one in rows
        ),
        right=["Order"],
    )
    where = "in Dynamics, as columns of the list" if account.provisioned else "in Syncline"
    output.say(f"[dim]These settings are kept {where}.[/dim]")
    if not any(one.activated for one in rows):
        command = escape(f"syncline lists {shlex.quote(account.name)} --activate NAME")
        output.say(f"No list is activated yet: [bold]{command}[/bold]")


def _facts(one: MarketingList) -> dict[str, Any]:
    return {
        "list_id": one.list_id,
        "name": one.name,
        "members": one.entity,
        "kind": "dynamic" if one.dynamic else "static",
        "activated": one.activated,
        "order": one.sync_order,
        "membership": one.membership_action,
        "dotdigital_list": one.address_book_id,
        "last_synced": one.last_synced_at,
        "last_result": one.last_result,
        "problem": one.problem,
    }
