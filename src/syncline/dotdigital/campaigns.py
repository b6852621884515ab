"""Email campaigns: what they are, and their totals (v2; contract §6.1, §6.2)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Generic, TypeVar

import msgspec

from syncline.dotdigital import dates
from syncline.dotdigital.limits import HIGH
from syncline.dotdigital.offset_pages import offset_pages
from syncline.dotdigital.session import OnSession, call_to
from syncline.dotdigital.words import folded

Row = TypeVar("Row")

BEFORE_EVERYTHING: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""No campaign is older: where a call demands a date, this one asks for all there is."""

OVERLAP: Final = 50
"""Rows of the page before that are read again. Campaigns have many pages, so that every row of it counts."""


class OffsetPage(msgspec.Struct, Generic[Row], frozen=True):
    """`next_skip` may be stored; None says that nothing follows (such a page is empty)."""

    rows: list[Row]
    next_skip: int | None


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as a list of campaigns tells it.

    `type`: Standard, Triggered, or empty where the call does not tell. `status`: Unsent, Sending, Sent,
    Paused, Cancelled, Triggered, or one that waits for an approval.
    """

    id: int
    name: str
    subject: str
    from_name: str
    from_address: str
    status: str
    is_split_test: bool
    type: str = ""
    tags: tuple[str, ...] = ()
    sent_on: datetime | None = None


class CampaignMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign that was sent, and its totals.

    Percentages are 0 to 100. Money is in the currency of the Dotdigital account.
    """

    campaign_id: int
    name: str
    type: str
    subject: str
    from_name: str
    from_address: str
    is_split_test: bool
    tags: tuple[str, ...]
    sent_on: datetime | None
    last_sent_on: datetime | None
    """None where the answer tells only one date."""
    sent: int
    delivered: int
    opens: int
    unique_opens: int
    clicks: int
    unique_clicks: int
    replies: int
    forwards: int
    page_views: int
    unsubscribes: int
    hard_bounces: int
    soft_bounces: int
    mail_blocks: int
    complaints: int
    orders: int
    assisted_orders: int
    revenue: Decimal
    assisted_revenue: Decimal
    percentage_delivered: Decimal
    percentage_unique_opens: Decimal
    percentage_unique_clicks: Decimal
    percentage_unique_clicks_to_opens: Decimal
    percentage_unsubscribes: Decimal
    percentage_hard_bounces: Decimal
    percentage_soft_bounces: Decimal
    conversion_rate: Decimal


class Campaigns(OnSession):
    """Rows move between pages (contract §1.6), so one may come twice; none comes not at all for good."""

    def campaigns(self, *, skip: int = 0) -> Iterator[OffsetPage[Campaign]]:
        """Every campaign of the account, sent or not."""
        path = "/v2/campaigns/filtered"
        return self._campaign_pages(path, path, _campaign, _id, skip)

    def campaigns_active_since(self, when: datetime, *, skip: int = 0) -> Iterator[OffsetPage[Campaign]]:
        """Sent campaigns about which anything happened at or after `when`: a send, an open, a click…"""
        path = f"/v2/campaigns/with-activity-since/{dates.for_path(when)}"
        return self._campaign_pages(path, "/v2/campaigns/with-activity-since/{date}", _campaign, _id, skip)

    def campaign_metrics(
        self, start: datetime, end: datetime, *, skip: int = 0
    ) -> Iterator[OffsetPage[CampaignMetrics]]:
        """One row for each campaign that was sent in this stretch of time.

        Whether the totals cover the stretch or the campaign's life is not documented (contract §6.2): ask
        from `BEFORE_EVERYTHING` on, and both are the same.
        """
        path = "/v2/campaigns/metrics"
        for rows, next_skip in offset_pages(
            self._session,
            path,
            route=path,
            identity=lambda row: row.get("campaignid"),
            skip=skip,
            overlap=OVERLAP,
            params={"startDate": dates.for_path(start), "endDate": dates.for_path(end)},
        ):
            yield OffsetPage([_metrics(row) for row in rows], next_skip)

    def get_campaign(self, campaign_id: int) -> Campaign:
        """Raises `NotFound`."""
        call = call_to("GET", f"/v2/campaigns/{campaign_id}", route="/v2/campaigns/{id}", tier=HIGH)
        return _campaign(folded(self._session.json(call)))

    def _campaign_pages(
        self,
        path: str,
        route: str,
        make: Callable[[dict[str, Any]], Row],
        identity: Callable[[dict[str, Any]], Hashable],
        skip: int,
    ) -> Iterator[OffsetPage[Row]]:
        for rows, next_skip in offset_pages(
            self._session, path, route=route, identity=identity, skip=skip, overlap=OVERLAP
        ):
            yield OffsetPage([make(row) for row in rows], next_skip)


def _id(row: dict[str, Any]) -> Hashable:
    return row.get("id")


def _campaign(row: dict[str, Any]) -> Campaign:
    return Campaign(
        id=int(row["id"]),
        name=str(row.get("name") or ""),
        subject=str(row.get("subject") or ""),
        from_name=str(row.get("fromname") or ""),
        from_address=str(folded(row.get("fromaddress") or {}).get("email") or ""),
        status=str(row.get("status") or ""),
        is_split_test=bool(row.get("issplittest")),
        type=str(row.get("type") or ""),
        tags=_tags(row.get("tags")),
        sent_on=dates.parsed(row.get("sentdate")),
    )


def _metrics(row: dict[str, Any]) -> CampaignMetrics:
    return CampaignMetrics(
        campaign_id=int(row["campaignid"]),
        name=str(row.get("campaignname") or ""),
        type=str(row.get("campaigntype") or ""),
        subject=str(row.get("subjectline") or ""),
        from_name=str(row.get("fromname") or ""),
        from_address=str(row.get("fromaddress") or ""),
        is_split_test=bool(row.get("issplittest")),
        tags=_tags(row.get("tags")),
        sent_on=dates.parsed(row.get("datesent")),
        last_sent_on=dates.parsed(row.get("lastdatesent")),
        **_totals(row),
    )


_KINDS: Final = {
    field.name: field.type for field in msgspec.structs.fields(CampaignMetrics) if field.name != "campaign_id"
}
_NUMBERS: Final = tuple(name for name, kind in _KINDS.items() if kind is int)
_AMOUNTS: Final = tuple(name for name, kind in _KINDS.items() if kind is Decimal)


def _totals(row: dict[str, Any]) -> dict[str, Any]:
    numbers: dict[str, Any] = {name: int(row.get(name.replace("_", "")) or 0) for name in _NUMBERS}
    return numbers | {name: _amount(row.get(name.replace("_", ""))) for name in _AMOUNTS}


def _amount(found: object) -> Decimal:
    """A number that some calls give as a number and some as text (contract §6.1); 0 where there is none."""
    try:
        told = Decimal(str(found)) if found not in (None, "") else Decimal(0)
    except InvalidOperation:
        return Decimal(0)
    return told if told.is_finite() else Decimal(0)


def _tags(found: Any) -> tuple[str, ...]:
    """Tags come as texts, or as objects with a name."""
    entries = found if isinstance(found, list) else []
    return tuple(
        str(folded(entry).get("name") or "") if isinstance(entry, dict) else str(entry) for entry in entries
    )
