"""`syncline campaigns ACCOUNT`: the campaigns of an account, and how much of each is synced."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Final

import typer
from django.db.models import F

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.models import EmailAccount
from syncline.campaigns.levels import UnknownCampaignsError, set_levels
from syncline.campaigns.models import Campaign
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop

AS_ACCOUNT: Final = "account"
LEVELS: Final = (*CampaignLevel.values, AS_ACCOUNT)


def register(app: typer.Typer) -> None:
    app.command("campaigns")(campaigns)


def campaigns(
    account_name: AccountName,
    numbers: Annotated[
        list[int] | None,
        typer.Option("--campaign", metavar="NUMBER", help="With --level: which one. May be repeated."),
    ] = None,
    level: Annotated[
        str, typer.Option(help=f"How much is synced of them: {', '.join(LEVELS[:-1])} or {LEVELS[-1]}.")
    ] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="How many to show.")] = 40,
    as_json: AsJson = False,
) -> None:
    """Show the email campaigns of an account, newest first, or say how much is synced of some."""
    output = Output(as_json)
    account = find_account(account_name)
    if bool(level) != bool(numbers) or (level and level not in LEVELS):
        raise Stop(
            "To set a level, name it and the campaigns.",
            f"Give --level {'|'.join(LEVELS)} and --campaign NUMBER. The account's own level is set by "
            "`syncline account change --campaigns`.",
            ExitCode.USAGE,
        )
    if numbers:
        _set(account, numbers, level, output)
    else:
        _show(account, most, output)


def _set(account: EmailAccount, numbers: list[int], level: str, output: Output) -> None:
    own = None if level == AS_ACCOUNT else CampaignLevel(level)
    try:
        changed = set_levels(account, numbers, own, by=OPERATOR)
    except UnknownCampaignsError as error:
        raise Stop(str(error), error.what_to_do, ExitCode.NOT_FOUND) from error
    output.result({"changed": changed, "level": level})
    output.say(f"Saved: {changed} campaigns changed. The next sync of campaigns goes by it.")


def _show(account: EmailAccount, most: int, output: Output) -> None:
    """All of them for programs, one by one; the first few for people."""
    newest_first = (F("sent_at").desc(nulls_last=True), "-pk")
    found = Campaign.objects.filter(account=account).order_by(*newest_first).select_related("account")
    if output.as_json:
        for row in found.iterator():
            output.result({"campaign": row.campaign_id, "name": row.name, "level": row.level_in_force,
                           "own_level": row.level or None, "sent_at": row.sent_at, "synced_at": row.synced_at,
                           "deleted": row.deleted, "problem": row.problem})  # fmt: skip
        return
    rows = [
        (
            row.campaign_id,
            row.name,
            row.level_in_force.label,
            row.sent_at or "",
            row.synced_at or "",
            row.problem,
        )
        for row in islice(found.iterator(), most)
    ]
    if not rows:
        output.say("No campaign is known yet. The Email campaigns sync reads them from Dotdigital.")
        return
    output.table(("Number", "Campaign", "Level", "First sent", "Synced", "Problem"), rows)
    if len(rows) == most:
        output.say("[dim]--most shows more.[/dim]")
