"""Forms, called surveys in v2: all, those that anything happened to, one, its fields and its responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from syncline_sandbox.dotdigital import forms
from syncline_sandbox.dotdigital.errors import V2Error, json_response
from syncline_sandbox.dotdigital.paging import Pager, Source
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routing import Route, Services, v2_id, v2_optional_flag, v2_page, v2_since

PATH = "/v2/surveys"
ONE = PATH + "/{id}"
MOST = 500


def routes(services: Services) -> Iterator[Route]:
    account = services.account
    pager = Pager(account)

    def check_feature() -> None:
        """The code is documented; that it is the one for forms, and the status, are assumed."""
        if not account.settings.forms:
            raise V2Error("ERROR_FEATURENOTACTIVE", 403)

    def form_id(request: web.Request) -> int:
        check_feature()
        number = v2_id(request, "id", forms.NOT_FOUND)
        forms.check(account, number)
        return number

    def answer(request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
        request["rows"] = len(rows)
        return json_response(rows)

    def page_of_forms(request: web.Request, condition: str, *parameters: int) -> web.Response:
        check_feature()
        assigned = v2_optional_flag(request, "assignedToAddressBookOnly")
        if assigned is not None:
            condition, parameters = f"{condition} AND assigned = ?", (*parameters, int(assigned))
        source = Source("surveys", condition, parameters, "activity")
        return answer(request, forms.in_order(account, pager.ids(source, *v2_page(request, MOST))))

    def page_of_responses(request: web.Request, condition: str, *parameters: int) -> web.Response:
        source = Source("survey_responses", f"survey_id = ?{condition}", parameters, "activity")
        return answer(request, forms.responses_in_order(account, pager.ids(source, *v2_page(request, MOST))))

    async def get_all(request: web.Request) -> web.Response:
        return page_of_forms(request, "1")

    async def with_activity_since(request: web.Request) -> web.Response:
        return page_of_forms(request, "activity >= ?", v2_since(request))

    async def get_one(request: web.Request) -> web.Response:
        return json_response(forms.in_order(account, [form_id(request)])[0])

    async def fields(request: web.Request) -> web.Response:
        return json_response(forms.pages_of(account, form_id(request)))

    async def responses(request: web.Request) -> web.Response:
        return page_of_responses(request, "", form_id(request))

    async def responses_since(request: web.Request) -> web.Response:
        return page_of_responses(request, " AND activity >= ?", form_id(request), v2_since(request))

    yield Route("GET", PATH, Tier.LOW, get_all)
    yield Route("GET", PATH + "/with-activity-since/{date}", Tier.LOW, with_activity_since)
    yield Route("GET", ONE, Tier.HIGH, get_one)
    yield Route("GET", ONE + "/fields", Tier.HIGH, fields)
    yield Route("GET", ONE + "/responses", Tier.LOW, responses)
    yield Route("GET", ONE + "/responses/with-activity-since/{date}", Tier.LOW, responses_since)
