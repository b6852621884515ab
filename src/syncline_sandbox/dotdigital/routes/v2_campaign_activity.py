"""What people did with a campaign (v2): rows of all its people, since a date, and of one person."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web

from syncline_sandbox.dotdigital import activity
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.campaign_answers import moment
from syncline_sandbox.dotdigital.errors import V2Error, json_response
from syncline_sandbox.dotdigital.moments import iso
from syncline_sandbox.dotdigital.paging import Pager, Source
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routes.v2_campaigns import ONE, campaign_from
from syncline_sandbox.dotdigital.routes.v2_contacts import contact_page
from syncline_sandbox.dotdigital.routing import Route, Services, v2_id, v2_page, v2_since

PERSON = ONE + "/activities/{contactId}"

# For each kind of act: the word in the path, what the moment is called, and details that the call leaves out.
_CALLS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "clicks": (activity.CLICK, "dateClicked", ("groups",)),
    "clicks-with-groups": (activity.CLICK, "dateClicked", ()),
    "opens": (activity.OPEN, "dateOpened", ()),
    "page-views": (activity.PAGE_VIEW, "dateViewed", ()),
    "roi-details": (activity.ROI, "dateEntered", ()),
    "replies": (activity.REPLY, "dateReplied", ()),
}
# Which of them can be asked for all people at once, and which of those without a date.
_FOR_ALL = ("clicks", "clicks-with-groups", "opens", "page-views", "roi-details")
_WITHOUT_DATE = ("clicks", "clicks-with-groups", "opens")

_SENDS = (
    "SELECT id, contact_id, email, opens, page_views, clicks, forwards, estimated_forwards, replies, sent, "
    "first_opened, last_opened, first_open_ip, unsubscribed, soft_bounced, hard_bounced FROM sends "
)
_ACTS = (
    "SELECT id, at, detail, contact_id, email FROM "
    "(SELECT a.id, a.at, a.detail, s.contact_id, s.email FROM activity a JOIN sends s ON s.id = a.send_id) "
)
# The plus keeps SQLite from reading all acts of the campaign for the few of one person.
_OF_ONE = "+campaign_id = ?1 AND send_id IN (SELECT id FROM sends WHERE campaign_id = ?1 AND contact_id = ?2)"


def routes(services: Services) -> Iterator[Route]:
    pager = Pager(services.account)
    yield from _summaries(services, pager)
    yield from _bookmarks(services)
    for word in _CALLS:
        yield from _acts(services, pager, word)


def _summaries(services: Services, pager: Pager) -> Iterator[Route]:
    account = services.account

    def page(request: web.Request, since: int) -> web.Response:
        campaign = campaign_from(services, request)
        condition = "campaign_id = ? AND last_activity >= ?"
        source = Source("sends", condition, (campaign.id, since), "last_activity")
        found = [_summary_of(row) for row in _in_order(account, _SENDS, pager.ids(source, *v2_page(request)))]
        request["rows"] = len(found)
        return json_response(found)

    async def get_all(request: web.Request) -> web.Response:
        return page(request, 0)

    async def since_date(request: web.Request) -> web.Response:
        return page(request, v2_since(request))

    async def of_one(request: web.Request) -> web.Response:
        campaign = campaign_from(services, request)
        row = account.connection.execute(
            f"{_SENDS} WHERE campaign_id = ? AND contact_id = ? ORDER BY sent DESC, id DESC LIMIT 1",
            (campaign.id, _person(request)),
        ).fetchone()
        if row is None:
            raise V2Error("ERROR_CONTACT_NOT_FOUND")
        return json_response(_summary_of(row))

    async def hard_bouncing(request: web.Request) -> web.Response:
        campaign = campaign_from(services, request)
        condition = "id IN (SELECT contact_id FROM sends WHERE campaign_id = ? AND hard_bounced)"
        return contact_page(account, request, condition, (campaign.id,))

    yield Route("GET", ONE + "/activities", Tier.LOW, get_all)
    yield Route("GET", ONE + "/activities/since-date/{date}", Tier.LOW, since_date)
    yield Route("GET", PERSON, Tier.HIGH, of_one)
    yield Route("GET", ONE + "/hard-bouncing-contacts", Tier.LOW, hard_bouncing)


def _bookmarks(services: Services) -> Iterator[Route]:
    account = services.account

    def page(request: web.Request, contact_id: int | None) -> web.Response:
        campaign = campaign_from(services, request)
        select, skip = v2_page(request)
        order = "max(a.at) DESC, max(a.id) DESC" if account.settings.v2_order == "changed" else "min(a.id)"
        condition, parameters = "campaign_id = ?", tuple[int, ...]([campaign.id])
        if contact_id is not None:
            condition, parameters = _OF_ONE, (campaign.id, contact_id)
        rows = account.connection.execute(
            "SELECT s.contact_id AS contactId, s.email, json_extract(a.detail, '$.bookmarkName') AS "
            "bookmarkName, count(*) AS numViews FROM "
            f"(SELECT id, at, send_id, detail FROM activity WHERE {condition} AND kind = ?) a "
            f"JOIN sends s ON s.id = a.send_id GROUP BY 1, 2, 3 ORDER BY {order} LIMIT ? OFFSET ?",
            (*parameters, activity.BOOKMARK, select, skip),
        )
        found = [dict(row) for row in rows]
        request["rows"] = len(found)
        return json_response(found)

    async def get_all(request: web.Request) -> web.Response:
        return page(request, None)

    async def of_one(request: web.Request) -> web.Response:
        return page(request, _person(request))

    yield Route("GET", ONE + "/social-bookmark-views", Tier.LOW, get_all)
    yield Route("GET", PERSON + "/social-bookmark-views", Tier.MEDIUM, of_one)


def _acts(services: Services, pager: Pager, word: str) -> Iterator[Route]:
    account = services.account
    kind, date_name, left_out = _CALLS[word]

    def shown(row: sqlite3.Row) -> dict[str, Any]:
        detail = msgspec.json.decode(row["detail"])
        for name in left_out:
            del detail[name]
        if kind == activity.REPLY:
            detail["fromAddress"] = row["email"]
        return {"contactId": row["contact_id"], "email": row["email"], **detail, date_name: iso(row["at"])}

    def page(request: web.Request, condition: str, *parameters: int) -> web.Response:
        campaign = campaign_from(services, request)
        source = Source("activity", f"{condition} AND kind = ?", (campaign.id, *parameters, kind), "at")
        found = _in_order(account, _ACTS, pager.ids(source, *v2_page(request)))
        request["rows"] = len(found)
        return json_response([shown(row) for row in found])

    async def get_all(request: web.Request) -> web.Response:
        return page(request, "campaign_id = ?")

    async def since_date(request: web.Request) -> web.Response:
        return page(request, "campaign_id = ? AND at >= ?", v2_since(request))

    async def of_one(request: web.Request) -> web.Response:
        return page(request, _OF_ONE, _person(request))

    if word in _WITHOUT_DATE:
        yield Route("GET", f"{ONE}/{word}", Tier.LOW, get_all)
    if word in _FOR_ALL:
        yield Route("GET", f"{ONE}/{word}/since-date/{{date}}", Tier.LOW, since_date)
    yield Route("GET", f"{PERSON}/{word}", Tier.MEDIUM, of_one)


def _in_order(account: Account, query: str, ids: list[int]) -> list[sqlite3.Row]:
    """The rows with these ids, in this order; the query's first column is the id."""
    marks = ",".join("?" * len(ids))
    rows = {row[0]: row for row in account.connection.execute(f"{query} WHERE id IN ({marks})", ids)}
    return [rows[number] for number in ids]


def _person(request: web.Request) -> int:
    return v2_id(request, "contactId", "ERROR_CONTACT_NOT_FOUND")


def _summary_of(row: sqlite3.Row) -> dict[str, Any]:
    # Taken apart by place: by name takes twice as long, and pages hold a thousand.
    (_, contact_id, email, opens, page_views, clicks, forwards, estimated_forwards, replies, sent,
     first_opened, last_opened, first_open_ip, unsubscribed, soft_bounced, hard_bounced) = row  # fmt: skip
    return {
        "contactId": contact_id,
        "email": email,
        "numOpens": opens,
        "numPageViews": page_views,
        "numClicks": clicks,
        "numForwards": forwards,
        "numEstimatedForwards": estimated_forwards,
        "numReplies": replies,
        "dateSent": iso(sent),
        "dateFirstOpened": moment(first_opened),
        "dateLastOpened": moment(last_opened),
        "firstOpenIp": first_open_ip,
        "unsubscribed": bool(unsubscribed),
        "softBounced": bool(soft_bounced),
        "hardBounced": bool(hard_bounced),
    }
