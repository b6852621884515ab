"""Data fields (v2; v3 has no such calls)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from syncline_sandbox.dotdigital.errors import V2Error, json_response
from syncline_sandbox.dotdigital.fields import DataField
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routing import Route, Services, v2_object
from syncline_sandbox.dotdigital.storage import Transaction

# What a dependency's text "Used in program 12345" says, in the words of the definition's enumeration.
_DEPENDENCY = re.compile(r"(\w+):(\d+)")


def routes(services: Services) -> Iterator[Route]:
    account = services.account

    def shown(field: DataField) -> dict[str, Any]:
        default = field.default if account.settings.field_defaults_returned else None
        return {
            "name": field.name,
            "type": field.type,
            "visibility": field.visibility,
            "defaultValue": default,
        }

    async def get_all(request: web.Request) -> web.Response:
        fields = [shown(field) for field in account.fields.all()]
        request["rows"] = len(fields)
        return json_response(fields)

    async def create(request: web.Request) -> web.Response:
        body = await v2_object(request)
        field = account.fields.create(
            body.get("name"),
            body.get("type"),
            body.get("visibility"),
            body.get("defaultvalue"),
            account.settings,
        )
        return json_response(shown(field), 201)

    async def delete(request: web.Request) -> web.Response:
        field = account.fields.find(request.match_info["name"])
        if field is None:
            raise V2Error("ERROR_DATAFIELD_NOTFOUND", 404)
        if field.built_in:
            raise V2Error("ERROR_DATAFIELD_INVALID")
        if field.used_in is not None:
            return refused(field)
        with Transaction(account.connection):
            account.fields.delete(field)
        return json_response({"dependencies": None, "result": True})

    def refused(field: DataField) -> web.Response:
        if account.settings.field_in_use == "conflict":
            problem = {
                "type": "about:blank",
                "title": "Conflict",
                "status": 409,
                "detail": f"The data field {field.name} is in use: {field.used_in}",
            }
            return json_response(problem, 409)
        found = _DEPENDENCY.fullmatch(field.used_in or "")
        dependency: Any = field.used_in
        if found is not None:
            dependency = {"type": found[1], "objectId": int(found[2])}
        return json_response({"dependencies": [dependency], "result": False})

    yield Route("GET", "/v2/data-fields", Tier.LOW, get_all)
    yield Route("POST", "/v2/data-fields", Tier.MEDIUM, create)
    yield Route("DELETE", "/v2/data-fields/{name}", Tier.MEDIUM, delete)
