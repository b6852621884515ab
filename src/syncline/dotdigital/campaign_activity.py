"""What people did with one campaign, in the five sets of data that Dotdigital tells it in (v2; contract §6).

None of these rows has an id of its own, and the totals in a send's summary are those of its life, however
late one asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from syncline.dotdigital import dates
from syncline.dotdigital.campaigns import BEFORE_EVERYTHING, OVERLAP, OffsetPage
from syncline.dotdigital.offset_pages import offset_pages
from syncline.dotdigital.session import OnSession

Row = TypeVar("Row")


class SendSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One send of the campaign to one contact, and what came of it since. Moments that never were are
    None.
    """

    contact_id: int
    email: str
    sent_on: datetime | None
    first_opened_on: datetime | None
    last_opened_on: datetime | None
    first_open_ip: str
    opens: int
    clicks: int
    page_views: int
    forwards: int
    estimated_forwards: int
    replies: int
    unsubscribed: bool
    soft_bounced: bool
    hard_bounced: bool


class Click(msgspec.Struct, frozen=True, kw_only=True):
    contact_id: int
    email: str
    url: str
    keyword: str
    ip_address: str
    user_agent: str
    clicked_on: datetime | None


class BookmarkViews(msgspec.Struct, frozen=True, kw_only=True):
    """How often one contact's share on one social network was looked at. It has no date."""

    contact_id: int
    email: str
    bookmark: str
    views: int


class RoiDetail(msgspec.Struct, frozen=True, kw_only=True):
    """`data_type`: String, Numeric, Date or Boolean; `value` is its text whatever the type."""

    contact_id: int
    email: str
    marker: str
    data_type: str
    value: str
    entered_on: datetime | None


class PageView(msgspec.Struct, frozen=True, kw_only=True):
    contact_id: int
    email: str
    url: str
    viewed_on: datetime | None


class CampaignActivity(OnSession):
    """`since` None: all there is. Each raises `NotFound` for a campaign that was deleted."""

    def send_summaries(
        self, campaign_id: int, since: datetime | None, *, skip: int = 0
    ) -> Iterator[OffsetPage[SendSummary]]:
        """Sends to contacts who did anything at or after `since`, being sent it included."""
        return self._activity_pages(campaign_id, "activities", since, _send_summary, skip)

    def campaign_clicks(
        self, campaign_id: int, since: datetime | None, *, skip: int = 0
    ) -> Iterator[OffsetPage[Click]]:
        return self._activity_pages(campaign_id, "clicks", since, _click, skip)

    def bookmark_views(self, campaign_id: int, *, skip: int = 0) -> Iterator[OffsetPage[BookmarkViews]]:
        """All of them: these cannot be asked for by date."""
        return self._activity_pages(campaign_id, "social-bookmark-views", None, _bookmark_views, skip)

    def roi_details(
        self, campaign_id: int, since: datetime | None, *, skip: int = 0
    ) -> Iterator[OffsetPage[RoiDetail]]:
        when = since or BEFORE_EVERYTHING
        return self._activity_pages(campaign_id, "roi-details", when, _roi_detail, skip)

    def page_views(
        self, campaign_id: int, since: datetime | None, *, skip: int = 0
    ) -> Iterator[OffsetPage[PageView]]:
        when = since or BEFORE_EVERYTHING
        return self._activity_pages(campaign_id, "page-views", when, _page_view, skip)

    def _activity_pages(
        self,
        campaign_id: int,
        kind: str,
        since: datetime | None,
        make: Callable[[dict[str, Any]], Row],
        skip: int,
    ) -> Iterator[OffsetPage[Row]]:
        dated = "" if since is None else f"/since-date/{dates.for_path(since)}"
        path = f"/v2/campaigns/{campaign_id}/{kind}{dated}"
        route = f"/v2/campaigns/{{id}}/{kind}{'/since-date/{date}' if dated else ''}"
        for rows, next_skip in offset_pages(
            self._session, path, route=route, identity=msgspec.json.encode, skip=skip, overlap=OVERLAP
        ):
            yield OffsetPage([make(row) for row in rows], next_skip)


def _send_summary(row: dict[str, Any]) -> SendSummary:
    return SendSummary(
        **_who(row),
        sent_on=dates.parsed(row.get("datesent")),
        first_opened_on=dates.parsed(row.get("datefirstopened")),
        last_opened_on=dates.parsed(row.get("datelastopened")),
        first_open_ip=_text(row, "firstopenip"),
        opens=_number(row, "numopens"),
        clicks=_number(row, "numclicks"),
        page_views=_number(row, "numpageviews"),
        forwards=_number(row, "numforwards"),
        estimated_forwards=_number(row, "numestimatedforwards"),
        replies=_number(row, "numreplies"),
        unsubscribed=bool(row.get("unsubscribed")),
        soft_bounced=bool(row.get("softbounced")),
        hard_bounced=bool(row.get("hardbounced")),
    )


def _click(row: dict[str, Any]) -> Click:
    return Click(
        **_who(row),
        url=_text(row, "url"),
        keyword=_text(row, "keyword"),
        ip_address=_text(row, "ipaddress"),
        user_agent=_text(row, "useragent"),
        clicked_on=dates.parsed(row.get("dateclicked")),
    )


def _bookmark_views(row: dict[str, Any]) -> BookmarkViews:
    return BookmarkViews(**_who(row), bookmark=_text(row, "bookmarkname"), views=_number(row, "numviews"))


def _roi_detail(row: dict[str, Any]) -> RoiDetail:
    return RoiDetail(
        **_who(row),
        marker=_text(row, "markername"),
        data_type=_text(row, "datatype"),
        value=_value(row.get("value")),
        entered_on=dates.parsed(row.get("dateentered")),
    )


def _page_view(row: dict[str, Any]) -> PageView:
    return PageView(**_who(row), url=_text(row, "url"), viewed_on=dates.parsed(row.get("dateviewed")))


def _who(row: dict[str, Any]) -> dict[str, Any]:
    return {"contact_id": _number(row, "contactid"), "email": _text(row, "email").strip().lower()}


def _text(row: dict[str, Any], name: str) -> str:
    return str(row.get(name) or "")


def _number(row: dict[str, Any], name: str) -> int:
    return int(row.get(name) or 0)


def _value(found: object) -> str:
    """A value of any type as text: true and false in small letters, whole numbers without a fraction."""
    if found is None or isinstance(found, str):
        return found or ""
    return msgspec.json.encode(found).decode()
