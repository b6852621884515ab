"""Scores of contacts (v2): everybody's, changed since, one person's, and of a list or segment.

A contact that was not scored yet is in no page, and asking for its score is ERROR_CONTACT_NOT_FOUND; whether
the vendor's answers so or with zeros is not public.
"""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from syncline_sandbox.dotdigital import lists
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import V2Error, json_response
from syncline_sandbox.dotdigital.moments import iso
from syncline_sandbox.dotdigital.paging import Pager, Source
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routes.v2_contacts import CONTACT_NOT_FOUND, ONE, PATH, contact_from
from syncline_sandbox.dotdigital.routes.v2_lists import MEMBERS, list_from
from syncline_sandbox.dotdigital.routing import Route, Services, v2_page, v2_since

_ROWS = "SELECT s.*, c.email FROM scores s JOIN contacts c ON c.id = s.id WHERE c.email IS NOT NULL AND s.id"
_EVERYBODY = "EXISTS (SELECT 1 FROM contacts WHERE contacts.id = scores.id AND email IS NOT NULL)"


def routes(services: Services) -> Iterator[Route]:
    account = services.account
    pager = Pager(account)

    def page(request: web.Request, condition: str, parameters: tuple[int, ...]) -> web.Response:
        source = Source("scores", condition, parameters, "moment")
        found = _in_order(account, pager.ids(source, *v2_page(request)))
        request["rows"] = len(found)
        return json_response(found)

    async def get_all(request: web.Request) -> web.Response:
        _check_feature(account)
        return page(request, _EVERYBODY, ())

    async def modified_since(request: web.Request) -> web.Response:
        _check_feature(account)
        return page(request, f"{_EVERYBODY} AND moment >= ?", (v2_since(request),))

    async def of_list(request: web.Request) -> web.Response:
        _check_feature(account)
        members, parameters = lists.membership_condition(list_from(services, request, segments=True).id)
        on_list = f"EXISTS (SELECT 1 FROM contacts WHERE contacts.id = scores.id AND {members})"
        return page(request, f"{_EVERYBODY} AND {on_list}", parameters)

    async def of_one(request: web.Request) -> web.Response:
        _check_feature(account)
        row = account.connection.execute(f"{_ROWS} = ?", (contact_from(account, request).id,)).fetchone()
        if row is None:
            raise V2Error(CONTACT_NOT_FOUND)
        return json_response(_shown(row))

    yield Route("GET", PATH + "/score", Tier.LOW, get_all)
    yield Route("GET", PATH + "/score/modified-since/{date}", Tier.LOW, modified_since)
    yield Route("GET", ONE + "/score", Tier.HIGH, of_one)
    yield Route("GET", MEMBERS + "/score", Tier.LOW, of_list)


def _check_feature(account: Account) -> None:
    """Scoring is an add-on. The code is documented; the status is that of other features that are off."""
    if not account.settings.scoring:
        raise V2Error("ERROR_FEATURENOTACTIVE", 403)


def _in_order(account: Account, ids: list[int]) -> list[dict[str, Any]]:
    marks = ",".join("?" * len(ids))
    rows = {row["id"]: row for row in account.connection.execute(f"{_ROWS} IN ({marks})", ids)}
    return [_shown(rows[number]) for number in ids]


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "contactId": row["id"],
        "email": row["email"],
        "dateModified": iso(row["moment"]),
        "scoreLabel": row["label"],
        "score": row["score"],
        "engagement": row["engagement"],
        "suitability": row["suitability"],
    }
