"""Campaigns, what people do with them, and what Dynamics holds of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from syncline.campaigns.models import Campaign
from syncline.ledger.models import Run, RunPart
from syncline.syncs.running import advance
from tests.syncs.world import World

NOW: Final = "2026-03-05T12:00:00Z"
MONDAY: Final = "2026-03-02T09:00:00Z"
ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@example.com"

SETS: Final = {
    "EmailSendSummaries": "syncline_emailsends",
    "EmailClicks": "syncline_emailclicks",
    "SocialNetworkBookmarks": "syncline_socialbookmarks",
    "RoiDetails": "syncline_roidetails",
    "PageViews": "syncline_campaignpageviews",
}
"""Set of data → set of Dynamics."""

ROUTES: Final = {
    "EmailSendSummaries": "GET /v2/campaigns/*/activities",
    "EmailClicks": "GET /v2/campaigns/*/clicks",
    "SocialNetworkBookmarks": "GET /v2/campaigns/*/social-bookmark-views",
    "RoiDetails": "GET /v2/campaigns/*/roi-details/since-date/*",
    "PageViews": "GET /v2/campaigns/*/page-views/since-date/*",
}


def did(email: str, kind: str, at: str = "2026-03-03T10:00:00Z", **details: Any) -> dict[str, Any]:
    return {"email": email, "kind": kind, "at": at, **details}


def of_every_kind(email: str) -> list[dict[str, Any]]:
    """One of each of what the five sets of data tell."""
    return [
        did(email, "click", url="https://shop.example/?a=1&b=2", keyword="shoes"),
        did(email, "pageView", url="https://shop.example/shoes"),
        did(email, "roi", markerName="Basket", dataType="Numeric", value=19.5),
        did(email, "bookmark", bookmarkName="Twitter"),
    ]


@dataclass
class Scene:
    world: World

    def send(
        self,
        name: str,
        to: Sequence[str] = (ALICE, BOB),
        activity: Sequence[dict[str, Any]] = (),
        *,
        sent: str = MONDAY,
        **about: Any,
    ) -> int:
        """A campaign that went out; Dotdigital's id of it."""
        control = self.world.sandbox_dotdigital.control
        control.seed(contacts=[{"email": email} for email in to])
        campaign = {"name": name, "sends": [{"to": list(to), "sent": sent}], "activity": list(activity)}
        return int(control.seed(campaigns=[{**campaign, **about}])["campaigns"][0])

    def happens(self, campaign_id: int, *activity: dict[str, Any]) -> None:
        self.world.sandbox_dotdigital.control.seed(
            campaigns=[{"id": campaign_id, "activity": list(activity)}]
        )

    def delete(self, campaign_id: int) -> None:
        self.world.sandbox_dotdigital.control.call("DELETE", f"campaigns/{campaign_id}")

    def sync(self) -> Run:
        return self.world.sync("campaigns")

    def advance(self, run: Run) -> None:
        """One piece of it."""
        advance(str(run.key))

    def known(self, name: str) -> Campaign:
        return Campaign.objects.get(account=self.world.account, name=name)

    def part(self, run: Run, name: str) -> RunPart:
        return RunPart.objects.get(run=run, name=name)

    def rows(self, set_: str, *columns: str) -> list[dict[str, Any]]:
        return [row for page in self.world.crm.pages(set_, select=columns) for row in page.rows]

    def campaigns(self) -> dict[str, dict[str, Any]]:
        columns = ("syncline_name", "syncline_sent", "syncline_clicks", "syncline_revenue", "syncline_senton")
        rows = self.rows("syncline_emailcampaigns", *columns, "syncline_deleted", "syncline_subject")
        return {row["syncline_name"]: row for row in rows}

    def addresses(self, data_set: str) -> list[str]:
        return sorted(row["syncline_email"] for row in self.rows(SETS[data_set], "syncline_email"))

    def links(self, data_set: str) -> dict[str, tuple[str | None, str | None]]:
        """Address → (contact, lead) that its row is linked to."""
        rows = self.rows(SETS[data_set], "syncline_email", "_syncline_contact_value", "_syncline_lead_value")
        return {
            row["syncline_email"]: (row["_syncline_contact_value"], row["_syncline_lead_value"])
            for row in rows
        }

    def calls(self) -> dict[str, int]:
        """Calls to Dotdigital by route, since the journal was cleared."""
        routes = self.world.sandbox_dotdigital.control.journal()["routes"]
        return {route: numbers["calls"] for route, numbers in routes.items() if "/campaigns" in route}
