"""One email campaign on the command line: what it is, what it came to, and how much of it is synced."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from syncline.accounts.models import EmailAccount
from syncline.campaigns.models import Campaign
from syncline.campaigns.totals import Rate, rates_of, totals_of
from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import Output, Stop
from syncline.syncs.campaigns.states import State, states_of

WORDS: Final = {
    State.OFF: "not at this level",
    State.WAITING: "waits for the next run",
    State.IN_STEP: "carried over",
    State.FAILED: "failed",
}


def show_campaign(account: EmailAccount, number: int, output: Output) -> None:
    row = Campaign.objects.filter(account=account, campaign_id=number).select_related("account").first()
    if row is None:
        raise Stop(
            f"No campaign is known with the number {number}.",
            "`syncline campaigns ACCOUNT` shows the numbers of those that are.",
            ExitCode.NOT_FOUND,
        )
    sets = states_of(row)
    if output.as_json:
        output.result(facts_of(row) | {"data_sets": [asdict(one) for one in sets]})
        return
    output.facts(
        {
            "Campaign": row.name,
            "Number": row.campaign_id,
            "Subject": row.header.get("syncline_subject"),
            "Level": f"{row.level_in_force.label}, {'its own' if row.level else 'by the account'}",
            "First sent": row.sent_at,
            "Synced": row.synced_at,
            "Deleted in Dotdigital": row.deleted,
            "Problem": row.problem,
        }
    )
    if totals := totals_of(row.totals):
        output.facts({name.replace("_", " ").capitalize(): found for name, found in asdict(totals).items()})
        rates = rates_of(totals)
        told = [(one.name, in_words(one), f"{one.number:,} of {one.of:,}", one.meaning) for one in rates]
        output.table(("Rate", "", "", "What it means"), told)
    output.table(
        ("Set of data", "State", "Carried over to", "Rows in Dynamics", "Problem"),
        [(one.name, WORDS[one.state], one.read_to, f"{one.rows:,}", one.why) for one in sets],
    )


def facts_of(row: Campaign) -> dict[str, object]:
    """For programs."""
    totals = totals_of(row.totals)
    return {
        "campaign": row.campaign_id,
        "name": row.name,
        "level": row.level_in_force,
        "own_level": row.level or None,
        "sent_at": row.sent_at,
        "synced_at": row.synced_at,
        "deleted": row.deleted,
        "problem": row.problem,
        "totals": asdict(totals) if totals else None,
        "rates": {rate.code: rate.percent for rate in rates_of(totals)} if totals else {},
    }


def in_words(rate: Rate) -> str:
    return "" if rate.percent is None else f"{rate.percent:.1f} %"
