"""What the Email Campaigns page shows of each campaign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.campaigns.models import Campaign
from syncline.campaigns.totals import Rate, Totals, rates_of, totals_of

IN_THE_LIST: Final = ("opened", "clicked", "unsubscribed", "bounced")
"""The rates for which the list has room."""

AS_ACCOUNT: Final = "account"
"""The choice that gives a campaign back to the account's level."""

WHAT_IT_BRINGS: Final = {
    CampaignLevel.NONE: "Nothing of the campaign.",
    CampaignLevel.SUMMARY: "The campaign itself and its totals.",
    CampaignLevel.DETAILED: "Also what each person did with it: sends and opens, clicks, shares, orders and "
    "page views, each on the contact or lead.",
}


@dataclass(frozen=True)
class CampaignRow:
    """One line of the table."""

    campaign: Campaign
    totals: Totals | None
    """None before it was first sent."""
    rates: list[Rate]
    """Those of the list, in its order; empty before it was first sent."""

    @property
    def level(self) -> CampaignLevel:
        return self.campaign.level_in_force

    @property
    def subject(self) -> str:
        return str(self.campaign.header.get("syncline_subject") or "")


def campaign_row(campaign: Campaign) -> CampaignRow:
    totals = totals_of(campaign.totals)
    rates = {one.code: one for one in rates_of(totals)} if totals else {}
    return CampaignRow(campaign, totals, [rates[code] for code in IN_THE_LIST if code in rates])
