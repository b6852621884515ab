"""Builds campaigns as a sync leaves them; for the tests of the API and of the browser too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Final

from syncline.accounts.models import EmailAccount
from syncline.campaigns import days
from syncline.campaigns.models import Campaign, DataSetCursor, DayKind
from syncline.syncs.campaigns.data_sets import DATA_SETS

SENT_AT: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOTALS: Final = {
    "syncline_sent": 12_000,
    "syncline_delivered": 11_800,
    "syncline_opens": 6_100,
    "syncline_uniqueopens": 4_130,
    "syncline_clicks": 900,
    "syncline_uniqueclicks": 590,
    "syncline_replies": 4,
    "syncline_forwards": 11,
    "syncline_pageviews": 1_812,
    "syncline_unsubscribes": 59,
    "syncline_hardbounces": 60,
    "syncline_softbounces": 120,
    "syncline_mailblocks": 20,
    "syncline_complaints": 2,
    "syncline_orders": 41,
    "syncline_assistedorders": 9,
    "syncline_revenue": 2310.5,
    "syncline_assistedrevenue": 402.0,
    "syncline_percentagedelivered": 98.33,
    "syncline_senton": "2026-03-02T09:00:00Z",
    "syncline_lastsenton": "2026-03-02T09:00:00Z",
}
_numbers = count(41)


def make_campaign(account: EmailAccount, name: str, **more: Any) -> Campaign:
    """One that was sent and synced, unless something else is said."""
    fields: dict[str, Any] = {
        "campaign_id": next(_numbers),
        "header": {
            "syncline_name": name,
            "syncline_subject": f"All about {name}",
            "syncline_fromname": "Contoso",
            "syncline_fromaddress": "news@contoso.example",
            "syncline_campaigntype": "Standard",
            "syncline_campaignstatus": "Sent",
            "syncline_tags": "Newsletter",
            "syncline_splittest": False,
        },
        "totals": TOTALS,
        "sent_at": SENT_AT,
        "active_at": SENT_AT,
        "synced_at": SENT_AT,
        "digest": "told",
        "told_digest": "told",
    }
    return Campaign.objects.create(account=account, name=name, **(fields | more))


def make_draft(account: EmailAccount, name: str, **more: Any) -> Campaign:
    unsent: dict[str, Any] = {
        "totals": {},
        "sent_at": None,
        "active_at": None,
        "synced_at": None,
        "told_digest": "",
    }
    return make_campaign(account, name, **(unsent | more))


def make_sets(campaign: Campaign, **problems: str) -> None:
    """All five sets of data carried over up to the campaign's last activity, but for those with a problem."""
    for place, one in enumerate(DATA_SETS):
        problem = problems.get(one.name, "")
        DataSetCursor.objects.create(
            campaign=campaign,
            data_set=one.name,
            read_to=None if problem else campaign.active_at,
            problem=problem,
            rows=0 if problem else 12_000 // 7**place,
        )


def make_days(campaign: Campaign, first: date, opened: Sequence[int], clicked: Sequence[int]) -> None:
    """What happened from the first day on, day by day."""
    days.add(campaign, {(first, DayKind.SENT): 12_000})
    for kind, numbers in ((DayKind.OPENED, opened), (DayKind.CLICKED, clicked)):
        days.add(
            campaign,
            {(first + timedelta(days=n), kind): number for n, number in enumerate(numbers) if number},
        )


def make_campaigns(account: EmailAccount, now: datetime) -> tuple[Campaign, Campaign, Campaign]:
    """One of each kind that the Email Campaigns page knows; of these one that has everything, one of which a
    set of data failed, and a draft.
    """
    lately: dict[str, Any] = {"active_at": now - timedelta(hours=3), "synced_at": now - timedelta(hours=2)}
    spring = make_campaign(
        account, "Spring collection", level="detailed", sent_at=now - timedelta(days=9), **lately
    )
    make_sets(spring)
    make_days(spring, (now - timedelta(days=9)).date(), (2204, 1010, 420, 180, 122, 94, 51, 30, 12, 7),
              (350, 140, 52, 20, 12, 9, 4, 2, 0, 1))  # fmt: skip
    failed = make_campaign(
        account,
        "Loyalty members: early access to everything, with a name that goes on and on",
        sent_at=now - timedelta(days=16),
        problem="EmailClicks: Dynamics has no table syncline_emailclick. Let an operator run `syncline "
        "provision` for this account.",
        level="detailed",
        **lately,
    )
    make_sets(failed, EmailClicks=failed.problem.removeprefix("EmailClicks: "))
    make_campaign(account, "Christmas 2019", deleted=True, level="none", sent_at=now - timedelta(days=2200))
    nobody = {name: 0 if isinstance(value, int) else value for name, value in TOTALS.items()}
    make_campaign(account, "Sent to nobody", totals=nobody, sent_at=now - timedelta(days=30))
    return spring, failed, make_draft(account, "Last orders (draft)")
