"""Account information and the server's time."""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web

from syncline_sandbox.dotdigital.errors import json_response
from syncline_sandbox.dotdigital.moments import iso
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routing import Route, Services
from syncline_sandbox.dotdigital.vocabulary import CURRENCY

ACCOUNT_ID = 4711


def routes(services: Services) -> Iterator[Route]:
    account, rates = services.account, services.rates

    async def account_info(request: web.Request) -> web.Response:
        endpoint = account.settings.api_endpoint or services.address() + "/"
        values = (
            ("Name", "String", "Northwind Outdoor"),
            ("MainMobilePhoneNumber", "String", "447700900123"),
            ("MainEmail", "String", "marketing@northwind-outdoor.example"),
            ("AvailableEmailSendsCredits", "Int", str(account.settings.send_credits)),
            ("AvailableSmsSendsCredits", "Int", "1000"),
            ("PremiumWalletBalance", "Decimal", "100.01"),
            ("ApiCallsInLastHour", "Int", str(rates.calls_in_last_hour())),
            ("ApiCallsRemaining", "Int", str(rates.calls_remaining())),
            ("ApiEndpoint", "String", endpoint),
            ("ListManagedUsers", "String", "olga@northwind-outdoor.example,piet@northwind-outdoor.example"),
            ("APILocale", "String", "en-GB"),
            ("CurrencyCode", "String", CURRENCY),
            ("TimeZoneIana", "String", "Europe/London"),
            ("CampaignEmailMtaPool", "String", "Default"),
            ("ShowClock", "Boolean", "False"),
        )
        properties = [{"name": name, "type": type_, "value": value} for name, type_, value in values]
        return json_response({"id": ACCOUNT_ID, "properties": properties})

    async def server_time(request: web.Request) -> web.Response:
        return json_response(iso(account.now_ms()))

    yield Route("GET", "/v2/account-info", Tier.HIGH, account_info)
    yield Route("GET", "/v2/server-time", Tier.HIGH, server_time)
