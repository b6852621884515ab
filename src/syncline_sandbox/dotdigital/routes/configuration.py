"""Custom identifiers (v3)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web

from syncline_sandbox.dotdigital.addresses import is_custom_name
from syncline_sandbox.dotdigital.errors import V3Error, json_response
from syncline_sandbox.dotdigital.identifiers import BUILT_IN
from syncline_sandbox.dotdigital.moments import iso
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routing import Route, Services
from syncline_sandbox.dotdigital.storage import Transaction

PATH = "/configuration/v3/customIdentifiers"


def routes(services: Services) -> Iterator[Route]:
    account = services.account
    connection = account.connection

    def find(name: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = connection.execute(
            "SELECT name, created, updated FROM custom_identifiers WHERE name = ?", (name,)
        ).fetchone()
        return row

    def shown(row: sqlite3.Row) -> dict[str, Any]:
        return {"name": row["name"], "created": iso(row["created"]), "updated": iso(row["updated"])}

    async def get_all(request: web.Request) -> web.Response:
        rows = connection.execute("SELECT name, created, updated FROM custom_identifiers ORDER BY name")
        return json_response([shown(row) for row in rows])

    async def create(request: web.Request) -> web.Response:
        try:
            body = msgspec.json.decode(await request.read())
        except msgspec.DecodeError as error:
            raise V3Error("configuration:badJson", "The request JSON is badly formed") from error
        name = body.get("name") if isinstance(body, dict) else None
        reserved = [word.lower() for word in BUILT_IN]
        if not isinstance(name, str) or not is_custom_name(name) or name.lower() in reserved:
            raise V3Error("configuration:badRequest", "The name is not one of a custom identifier")
        if find(name) is not None:
            raise V3Error("configuration:customIdentifierAlreadyExists", f"'{name}' exists already", 409)
        count = connection.execute("SELECT count(*) FROM custom_identifiers").fetchone()[0]
        if count >= account.settings.custom_identifier_limit:
            return web.Response(status=412)
        now = account.now_ms()
        connection.execute("INSERT INTO custom_identifiers VALUES (?, ?, ?)", (name, now, now))
        row = find(name)
        assert row is not None
        return json_response(shown(row), 201)

    async def delete(request: web.Request) -> web.Response:
        row = find(request.match_info["name"])
        if row is None:
            why = f"There is no custom identifier '{request.match_info['name']}'"
            raise V3Error("configuration:customIdentifierNotFound", why, 404)
        with Transaction(connection):
            connection.execute("DELETE FROM custom_values WHERE name = ?", (row["name"],))
            connection.execute("DELETE FROM custom_identifiers WHERE name = ?", (row["name"],))
        return web.Response(status=204)

    yield Route("GET", PATH, Tier.HIGH, get_all)
    yield Route("POST", PATH, Tier.MEDIUM, create)
    yield Route("DELETE", PATH + "/{name}", Tier.MEDIUM, delete)
