"""`syncline campaigns ACCOUNT`: the campaigns of an account, and how much of each is synced."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Final

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.models import EmailAccount
from syncline.campaigns.finding import CampaignSearch, Which, campaigns_of
from syncline.campaigns.levels import UnknownCampaignsError, set_levels
from syncline.campaigns.models import Campaign
from syncline.campaigns.totals import rates_of, totals_of
from syncline.cli.campaign_facts import facts_of, in_words, show_campaign
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop

AS_ACCOUNT: Final = "account"
COLUMNS: Final = (
    *("Number", "Campaign", "Level", "First sent", "Sent", "Opened", "Clicked", "Left", "Synced", "Problem"),
)
IN_THE_LIST: Final = ("opened", "clicked", "unsubscribed")
LARGEST: Final = 2**63 - 1
"""No number of Dotdigital's is larger."""
LEVELS: Final = (*CampaignLevel.values, AS_ACCOUNT)


def register(app: typer.Typer) -> None:
    app.command("campaigns")(campaigns)


def campaigns(
    account_name: AccountName,
    numbers: Annotated[
        list[int] | None,
        typer.Option(
            "--campaign",
            metavar="NUMBER",
            min=1,
            max=LARGEST,
            help="With --level: which one. May be repeated.",
        ),
    ] = None,
    level: Annotated[
        str, typer.Option(help=f"How much is synced of them: {', '.join(LEVELS[:-1])} or {LEVELS[-1]}.")
    ] = "",
    one: Annotated[
        int | None,
        typer.Option("--show", metavar="NUMBER", min=1, max=LARGEST, help="What is known of this campaign."),
    ] = None,
    name: Annotated[str, typer.Option(help="Only those with this in their name or subject.")] = "",
    problems: Annotated[bool, typer.Option("--problems", help="Only those that have a problem.")] = False,
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
    elif one is not None:
        show_campaign(account, one, output)
    else:
        which = Which.PROBLEM if problems else Which.ALL
        _show(account, CampaignSearch(which, name.strip()), most, output)


def _set(account: EmailAccount, numbers: list[int], level: str, output: Output) -> None:
    own = None if level == AS_ACCOUNT else CampaignLevel(level)
    try:
        changed = set_levels(account, numbers, own, by=OPERATOR)
    except UnknownCampaignsError as error:
        raise Stop(str(error), error.what_to_do, ExitCode.NOT_FOUND) from error
    output.result({"changed": changed, "level": level})
    output.say(f"Saved: {changed} campaigns changed. The next sync of campaigns goes by it.")


def _show(account: EmailAccount, search: CampaignSearch, most: int, output: Output) -> None:
    """All of them for programs, one by one; the first few for people."""
    found = campaigns_of(account, search).iterator()
    if output.as_json:
        for row in found:
            output.result(facts_of(row))
        return
    rows = [_cells(row) for row in islice(found, most)]
    if not rows and search == CampaignSearch():
        output.say("No campaign is known yet. The Email campaigns sync reads them from Dotdigital.")
    elif not rows:
        output.say("No campaign matches.")
    else:
        output.table(COLUMNS, rows)
    if len(rows) == most:
        output.say("[dim]--most shows more.[/dim]")


def _cells(row: Campaign) -> tuple[object, ...]:
    totals = totals_of(row.totals)
    rates = {rate.code: in_words(rate) for rate in rates_of(totals)} if totals else {}
    return (
        row.campaign_id,
        row.name,
        row.level_in_force.label,
        row.sent_at or "",
        totals.sent if totals else "",
        *(rates.get(code, "") for code in IN_THE_LIST),
        row.synced_at or "",
        row.problem,
    )
