"""Suppressions, unsubscribes and resubscribes (v2)."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import suppressing
from syncline_sandbox.dotdigital.contacts import COLUMNS, from_row
from syncline_sandbox.dotdigital.errors import V2Error, json_response
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routes.v2_contacts import find_entry, shown_entry
from syncline_sandbox.dotdigital.routes.v2_lists import list_from
from syncline_sandbox.dotdigital.routing import Route, Services, v2_body, v2_object, v2_page, v2_since
from syncline_sandbox.dotdigital.statuses import SUPPRESSED, UNSUBSCRIBED
from syncline_sandbox.dotdigital.storage import Transaction
from syncline_sandbox.dotdigital.suppressing import resubscribe
from syncline_sandbox.dotdigital.v2_answers import contact_v2, suppression_v2
from syncline_sandbox.dotdigital.v2_bodies import read_email_v2, wish_v2
from syncline_sandbox.dotdigital.vocabulary import MEMBER_SUPPRESSED

CONTACTS = "/v2/contacts"
MEMBERS = "/v2/address-books/{id}/contacts"


def routes(services: Services) -> Iterator[Route]:
    yield from _since(services)
    yield from _leaving(services)
    yield from _coming_back(services)


def _since(services: Services) -> Iterator[Route]:
    account = services.account

    def page(request: web.Request, only: str) -> web.Response:
        select, skip = v2_page(request)
        found = store.select(
            account.connection,
            f"WHERE removed_on >= ? AND email IS NOT NULL{only} ORDER BY removed_on, id LIMIT ? OFFSET ?",
            (v2_since(request), select, skip),
        )
        request["rows"] = len(found)
        return json_response([suppression_v2(c, c.removed_on or 0, c.reason or "") for c in found])

    async def suppressed(request: web.Request) -> web.Response:
        return page(request, "")

    async def unsubscribed(request: web.Request) -> web.Response:
        return page(request, f" AND reason = '{UNSUBSCRIBED}'")

    async def left_list(request: web.Request) -> web.Response:
        # Somebody who unsubscribed from the whole account is not shown here.
        target = list_from(services, request)
        select, skip = v2_page(request)
        columns = ", ".join(f"c.{column}" for column in COLUMNS.split(", "))
        rows = account.connection.execute(
            f"SELECT {columns}, m.since FROM members m JOIN contacts c ON c.id = m.contact_id "
            "WHERE m.list_id = ? AND m.status = ? AND m.since >= ? AND c.removed_on IS NULL "
            "AND c.email IS NOT NULL ORDER BY m.since, c.id LIMIT ? OFFSET ?",
            (target.id, MEMBER_SUPPRESSED, v2_since(request), select, skip),
        )
        found = [suppression_v2(from_row(tuple(row)[:-1]), row["since"], UNSUBSCRIBED) for row in rows]
        request["rows"] = len(found)
        return json_response(found)

    yield Route("GET", CONTACTS + "/suppressed-since/{date}", Tier.LOW, suppressed)
    yield Route("GET", CONTACTS + "/unsubscribed-since/{date}", Tier.LOW, unsubscribed)
    yield Route("GET", MEMBERS + "/unsubscribed-since/{date}", Tier.LOW, left_list)


def _leaving(services: Services) -> Iterator[Route]:
    account = services.account

    async def unsubscribe(request: web.Request) -> web.Response:
        email = read_email_v2((await v2_object(request)).get("email"))
        contact = suppressing.suppress_address(account, email, UNSUBSCRIBED)
        return json_response(suppression_v2(contact, contact.removed_on or 0, contact.reason or ""))

    async def unsubscribe_from_list(request: web.Request) -> web.Response:
        target = list_from(services, request)
        email = read_email_v2((await v2_object(request)).get("email"))
        contact = store.by_email(account.connection, email)
        if contact is None:
            raise V2Error("ERROR_CONTACT_NOT_FOUND")
        since = suppressing.leave_list(account, contact, target.id)
        return json_response(suppression_v2(contact, since, UNSUBSCRIBED))

    async def suppress_many(request: web.Request) -> web.Response:
        entries = await v2_body(request)
        if not isinstance(entries, list):
            raise V2Error("ERROR_PARAMETER_INVALID")
        request["rows"] = len(entries)
        done: list[dict[str, Any]] = []
        missing: list[dict[str, Any]] = []
        with Transaction(account.connection):
            for entry in entries:
                contact = find_entry(account, entry)
                if contact is not None:
                    suppressing.suppress(account, contact, SUPPRESSED)
                (missing if contact is None else done).append(shown_entry(entry))
        return json_response({"suppressed": done, "notFound": missing})

    yield Route("POST", CONTACTS + "/unsubscribe", Tier.MEDIUM, unsubscribe)
    yield Route("POST", MEMBERS + "/unsubscribe", Tier.MEDIUM, unsubscribe_from_list)
    yield Route("PUT", CONTACTS + "/suppress-contacts", Tier.LOW, suppress_many)


def _coming_back(services: Services) -> Iterator[Route]:
    account = services.account

    async def answer(request: web.Request, *, challenge: bool, to_list: bool) -> web.Response:
        list_id = list_from(services, request).id if to_list else None
        body = await v2_object(request)
        person = body.get("unsubscribedcontact")
        if not isinstance(person, dict):
            raise V2Error("ERROR_CONTACT_RESUBSCRIPTION_INVALID")
        wish = wish_v2(account, person)
        contact, outcome = resubscribe(account, wish, challenge=challenge, list_id=list_id)
        shown = contact_v2(contact, account.fields.names())
        return json_response({"contact": shown, "status": outcome})

    async def challenged(request: web.Request) -> web.Response:
        return await answer(request, challenge=True, to_list=False)

    async def unchallenged(request: web.Request) -> web.Response:
        return await answer(request, challenge=False, to_list=False)

    async def challenged_to_list(request: web.Request) -> web.Response:
        return await answer(request, challenge=True, to_list=True)

    async def unchallenged_to_list(request: web.Request) -> web.Response:
        return await answer(request, challenge=False, to_list=True)

    yield Route("POST", CONTACTS + "/resubscribe", Tier.MEDIUM, challenged)
    yield Route("POST", CONTACTS + "/resubscribe-with-no-challenge", Tier.MEDIUM, unchallenged)
    yield Route("POST", MEMBERS + "/resubscribe", Tier.MEDIUM, challenged_to_list)
    yield Route("POST", MEMBERS + "/resubscribe-with-no-challenge", Tier.MEDIUM, unchallenged_to_list)
