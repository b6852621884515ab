"""Campaigns (v2): what there is, their figures, and deleting one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from aiohttp import web

from syncline_sandbox.dotdigital import campaigns, lists
from syncline_sandbox.dotdigital.campaign_answers import (
    campaign_v2,
    conversion_rate,
    details_v2,
    filtered_v2,
    metrics_v2,
    moment,
    summary_v2,
)
from syncline_sandbox.dotdigital.campaigns import Campaign
from syncline_sandbox.dotdigital.errors import V2Error, json_response
from syncline_sandbox.dotdigital.figures import FigureBook
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routing import (
    Route,
    Services,
    v2_id,
    v2_moment,
    v2_page,
    v2_since,
    v2_words,
)
from syncline_sandbox.dotdigital.storage import Transaction
from syncline_sandbox.dotdigital.v2_answers import list_v2
from syncline_sandbox.dotdigital.vocabulary import CAMPAIGN_STATUSES, CAMPAIGN_TYPES, CURRENCY, CURRENCY_SIGN

PATH = "/v2/campaigns"
ONE = PATH + "/{campaignId}"
CAMPAIGN_NOT_FOUND = "ERROR_CAMPAIGN_NOT_FOUND"

Shown = Callable[[Campaign, dict[int, str]], dict[str, Any]]


def campaign_from(services: Services, request: web.Request) -> Campaign:
    """The campaign that the path names. Raises ERROR_CAMPAIGN_NOT_FOUND."""
    return campaigns.find(services.account, v2_id(request, "campaignId", CAMPAIGN_NOT_FOUND))


def routes(services: Services) -> Iterator[Route]:
    yield from _pages(services)
    yield from _figures(services)
    yield from _single(services)


def _pages(services: Services) -> Iterator[Route]:
    account = services.account

    def answer(
        request: web.Request, shown: Shown, condition: str, parameters: Sequence[Any] = ()
    ) -> web.Response:
        select, skip = v2_page(request)
        tail = f"WHERE {condition} ORDER BY {campaigns.order_by(account)} LIMIT ? OFFSET ?"
        found = campaigns.select(account, tail, (*parameters, select, skip))
        addresses = campaigns.from_addresses(account)
        request["rows"] = len(found)
        return json_response([shown(campaign, addresses) for campaign in found])

    async def get_all(request: web.Request) -> web.Response:
        return answer(request, _with_type, "1")

    async def get_filtered(request: web.Request) -> web.Response:
        condition, parameters = _filter(request)
        return answer(request, filtered_v2, condition, parameters)

    async def get_with_details(request: web.Request) -> web.Response:
        return answer(request, lambda found, known: details_v2(found, known, content=False), "1")

    async def active_since(request: web.Request) -> web.Response:
        condition = "first_sent IS NOT NULL AND last_activity >= ?"
        return answer(request, _plain, condition, (v2_since(request),))

    async def of_list(request: web.Request) -> web.Response:
        target = lists.find(account, v2_id(request, "bookId", "ERROR_ADDRESSBOOK_NOT_FOUND"), segments=True)
        condition = "id IN (SELECT campaign_id FROM campaign_lists WHERE list_id = ?)"
        return answer(request, _plain, condition, (target.id,))

    async def addresses(request: web.Request) -> web.Response:
        select, skip = v2_page(request)
        found = list(campaigns.from_addresses(account).items())[skip : skip + select]
        request["rows"] = len(found)
        return json_response([{"id": number, "email": email} for number, email in found])

    yield Route("GET", PATH, Tier.LOW, get_all)
    yield Route("GET", PATH + "/filtered", Tier.LOW, get_filtered)
    yield Route("GET", PATH + "/with-details", Tier.LOW, get_with_details)
    yield Route("GET", PATH + "/with-activity-since/{date}", Tier.LOW, active_since)
    yield Route("GET", "/v2/address-books/{bookId}/campaigns", Tier.LOW, of_list)
    yield Route("GET", "/v2/custom-from-addresses", Tier.MEDIUM, addresses)


def _figures(services: Services) -> Iterator[Route]:
    account = services.account
    book = FigureBook(account)

    async def metrics(request: web.Request) -> web.Response:
        start, end = v2_moment(request, "startDate"), v2_moment(request, "endDate")
        if start is None or end is None or end < start:
            raise V2Error("ERROR_PARAMETER_INVALID")
        select, skip = v2_page(request)
        found = campaigns.select(
            account,
            f"WHERE {_ACTIVE_BETWEEN} ORDER BY {campaigns.order_by(account)} LIMIT ? OFFSET ?",
            (end, start, end, start, end, start, end, select, skip),
        )
        known = campaigns.from_addresses(account)
        in_window = account.settings.metrics_count == "window"
        request["rows"] = len(found)
        return json_response(
            [
                metrics_v2(c, book.between(c, start, end) if in_window else book.for_life(c), known)
                for c in found
            ]
        )

    async def summary(request: web.Request) -> web.Response:
        campaign = campaign_from(services, request)
        return json_response(summary_v2(campaign, book.for_life(campaign), CURRENCY_SIGN))

    async def revenue(request: web.Request) -> web.Response:
        campaign = campaign_from(services, request)
        since, contact_id = 0, None
        if "contactId" in request.match_info:
            contact_id = v2_id(request, "contactId", "ERROR_CONTACT_NOT_FOUND")
        else:
            since = v2_since(request)
        orders, earned, _, _ = book.orders(campaign.id, since, contact_id=contact_id)
        clicked = book.for_life(campaign).total.unique_clicks
        return json_response(
            {
                "campaignID": campaign.id,
                "dateLastSent": moment(campaign.last_sent),
                "currency": CURRENCY,
                "revenue": earned,
                "numOrders": orders,
                "conversionRate": conversion_rate(orders, clicked),
            }
        )

    yield Route("GET", PATH + "/metrics", Tier.LOW, metrics)
    yield Route("GET", ONE + "/summary", Tier.MEDIUM, summary)
    yield Route("GET", ONE + "/revenue/since-date/{date}", Tier.MEDIUM, revenue)
    yield Route("GET", ONE + "/activities/{contactId}/revenue", Tier.MEDIUM, revenue)


def _single(services: Services) -> Iterator[Route]:
    account = services.account

    async def get_one(request: web.Request) -> web.Response:
        campaign = campaign_from(services, request)
        return json_response(campaign_v2(campaign, campaigns.from_addresses(account), content=True))

    async def get_details(request: web.Request) -> web.Response:
        campaign = campaign_from(services, request)
        return json_response(details_v2(campaign, campaigns.from_addresses(account), content=True))

    async def split_test(request: web.Request) -> web.Response:
        campaign = campaign_from(services, request)
        if campaign.split_test is None:
            raise V2Error("ERROR_CAMPAIGN_INVALID")
        split = msgspec.json.decode(campaign.split_test)
        return json_response({"versions": split["versions"], "splitTestWinnerMetric": split["metric"]})

    async def address_books(request: web.Request) -> web.Response:
        campaign = campaign_from(services, request)
        select, skip = v2_page(request)
        ids = campaigns.lists_of(account, campaign.id)[skip : skip + select]
        counts = lists.counts(account)
        request["rows"] = len(ids)
        found = [lists.find(account, list_id, segments=True) for list_id in ids]
        return json_response([list_v2(entry, counts.get(entry.id, 0)) for entry in found])

    async def delete(request: web.Request) -> web.Response:
        campaign = campaign_from(services, request)
        with Transaction(account.connection):
            campaigns.delete(account, campaign.id)
        return web.Response(status=204)

    yield Route("GET", ONE, Tier.HIGH, get_one)
    yield Route("GET", ONE + "/with-details", Tier.HIGH, get_details)
    yield Route("GET", ONE + "/split-test", Tier.MEDIUM, split_test)
    yield Route("GET", ONE + "/address-books", Tier.MEDIUM, address_books)
    yield Route("DELETE", ONE, Tier.MEDIUM, delete)


# A campaign was active between two moments when it was sent then, or somebody did something with it then.
_ACTIVE_BETWEEN = (
    "first_sent <= ? AND last_activity >= ? AND (last_activity <= ? "
    "OR EXISTS (SELECT 1 FROM sends s WHERE s.campaign_id = campaigns.id AND s.sent BETWEEN ? AND ?) "
    "OR EXISTS (SELECT 1 FROM activity a WHERE a.campaign_id = campaigns.id AND a.at BETWEEN ? AND ?))"
)


def _plain(campaign: Campaign, addresses: dict[int, str]) -> dict[str, Any]:
    return campaign_v2(campaign, addresses, content=False)


def _with_type(campaign: Campaign, addresses: dict[int, str]) -> dict[str, Any]:
    return campaign_v2(campaign, addresses, content=False) | {"type": campaign.type}


def _filter(request: web.Request) -> tuple[str, tuple[Any, ...]]:
    """SQL condition of GET campaigns/filtered. Raises ERROR_PARAMETER_INVALID."""
    conditions, parameters = ["1"], list[Any]()
    for name, column, words in (
        ("~type", "type", CAMPAIGN_TYPES),
        ("~statuses", "status", CAMPAIGN_STATUSES),
    ):
        wanted = [_known(word, words) for word in v2_words(request, name)]
        if wanted:
            conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            parameters.extend(wanted)
    for tag in v2_words(request, "~tags"):
        conditions.append("EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ? COLLATE NOCASE)")
        parameters.append(tag)
    for name, condition in (
        ("~sentDate", "last_sent >= ?"),
        ("~scheduledDateFrom", "scheduled >= ?"),
        ("~scheduledDateTo", "scheduled <= ?"),
    ):
        at = v2_moment(request, name)
        if at is not None:
            conditions.append(condition)
            parameters.append(at)
    return " AND ".join(conditions), tuple(parameters)


def _known(word: str, words: Sequence[str]) -> str:
    for known in words:
        if known.lower() == word.lower():
            return known
    raise V2Error("ERROR_PARAMETER_INVALID")
