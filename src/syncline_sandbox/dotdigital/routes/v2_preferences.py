"""Marketing preferences (v2)."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import lists, preferences
from syncline_sandbox.dotdigital.contacts import COLUMNS, Contact, from_row
from syncline_sandbox.dotdigital.errors import json_response
from syncline_sandbox.dotdigital.moments import iso
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routes.v2_contacts import contact_from
from syncline_sandbox.dotdigital.routes.v2_lists import list_from
from syncline_sandbox.dotdigital.routing import (
    Route,
    Services,
    v2_body,
    v2_id,
    v2_number,
    v2_object,
    v2_since,
)
from syncline_sandbox.dotdigital.storage import Transaction
from syncline_sandbox.dotdigital.v2_answers import contact_v2
from syncline_sandbox.dotdigital.v2_bodies import choices_of
from syncline_sandbox.dotdigital.vocabulary import PREFERENCE_LOOKUP_ROWS
from syncline_sandbox.dotdigital.writing import Writer

PATH = "/v2/preferences"
NOT_FOUND = "ERROR_PREFERENCE_NOT_FOUND"


def routes(services: Services) -> Iterator[Route]:
    yield from _definitions(services)
    yield from _of_contact(services)
    yield from _look_ups(services)


def _definitions(services: Services) -> Iterator[Route]:
    account = services.account

    async def get_all(request: web.Request) -> web.Response:
        return json_response(preferences.tree(account))

    async def changed_since(request: web.Request) -> web.Response:
        return json_response(preferences.changed_since(account, v2_since(request)))

    async def create(request: web.Request) -> web.Response:
        body = await v2_object(request)
        with Transaction(account.connection):
            created = preferences.create(account, body)
        return json_response(created)

    async def change(request: web.Request) -> web.Response:
        preference_id = v2_id(request, "id", NOT_FOUND)
        return json_response(preferences.change(account, preference_id, await v2_object(request)))

    async def delete(request: web.Request) -> web.Response:
        with Transaction(account.connection):
            preferences.delete(account, v2_id(request, "id", NOT_FOUND))
        return web.Response(status=200)

    yield Route("GET", PATH, Tier.LOW, get_all)
    yield Route("POST", PATH, Tier.MEDIUM, create)
    yield Route("GET", PATH + "/modified-since/{date}", Tier.LOW, changed_since)
    yield Route("PUT", PATH + "/{id}", Tier.MEDIUM, change)
    yield Route("DELETE", PATH + "/{id}", Tier.MEDIUM, delete)


def _of_contact(services: Services) -> Iterator[Route]:
    account = services.account

    async def get_tree(request: web.Request) -> web.Response:
        return json_response(preferences.tree_for(account, contact_from(account, request).id))

    async def put_choices(request: web.Request) -> web.Response:
        contact = contact_from(account, request)
        choices = choices_of(account, await v2_body(request))
        with Transaction(account.connection):
            writer = Writer(account, account.now_ms())
            writer.opt_in(contact.id, choices)
            writer.flush()
        return json_response(preferences.tree_for(account, contact.id))

    async def subscriptions(request: web.Request) -> web.Response:
        return json_response(_opt_ins(services, contact_from(account, request), None))

    # The definition has the second spelling as an alias.
    for base in ("/v2/contacts/{who}", "/v2/contact/{who}"):
        yield Route("GET", base + "/preferences", Tier.HIGH, get_tree)
        yield Route("PUT", base + "/preferences", Tier.MEDIUM, put_choices)
    yield Route("GET", "/v2/contacts/{who}/subscriptions", Tier.HIGH, subscriptions)


def _look_ups(services: Services) -> Iterator[Route]:
    account = services.account

    def found(request: web.Request, condition: str, *parameters: Any) -> list[Contact]:
        """Contacts from minContactId on with a choice that fits, and on the list if the path names one."""
        preference_id = v2_id(request, "preferenceId", NOT_FOUND)
        preferences.exists(account, preference_id)
        on_list: str = "1"
        list_parameters: tuple[int, ...] = ()
        if "id" in request.match_info:
            target = list_from(services, request)
            on_list, list_parameters = lists.membership_condition(target.id)
        columns = ", ".join(f"contacts.{column}" for column in COLUMNS.split(", "))
        rows = account.connection.execute(
            f"SELECT {columns} FROM contacts JOIN opt_ins o ON o.contact_id = contacts.id "
            f"WHERE o.preference_id = ? AND contacts.id >= ? AND email IS NOT NULL AND {condition} "
            f"AND {on_list} ORDER BY contacts.id LIMIT {PREFERENCE_LOOKUP_ROWS}",
            (preference_id, v2_number(request, "minContactId", 0), *parameters, *list_parameters),
        )
        contacts = [from_row(tuple(row)) for row in rows]
        request["rows"] = len(contacts)
        return contacts

    async def opted_in(request: web.Request) -> web.Response:
        contacts = found(request, "o.opted_in = 1")
        return json_response([{"id": contact.id, "email": contact.email} for contact in contacts])

    async def changed_since(request: web.Request) -> web.Response:
        since = v2_since(request)
        contacts = found(request, "o.modified >= ?", since)
        preference_id = int(request.match_info["preferenceId"])
        return json_response([_opt_ins(services, contact, preference_id) for contact in contacts])

    for base in ("/v2/contacts", "/v2/address-books/{id}/contacts"):
        path = base + "/with-preference/{preferenceId}"
        yield Route("GET", path, Tier.LOW, opted_in)
        yield Route("GET", path + "/opt-ins-since/{date}", Tier.LOW, changed_since)


def _opt_ins(services: Services, contact: Contact, preference_id: int | None) -> dict[str, Any]:
    """The contact with its choices; one spelling in the answer is the vendor's."""
    rows = services.account.connection.execute(
        "SELECT preference_id, opted_in, modified FROM opt_ins "
        "WHERE contact_id = ? AND (? IS NULL OR preference_id = ?) ORDER BY preference_id",
        (contact.id, preference_id, preference_id),
    )
    stored = store.by_id(services.account.connection, contact.id) or contact
    return {
        "contact": contact_v2(stored, None),
        "marketingPreferenceOptIns": [
            {
                "marketingPreferenceId": row["preference_id"],
                "addressBookId": 0,
                "isOptedIn": bool(row["opted_in"]),
                "dateModifed": iso(row["modified"]),
            }
            for row in rows
        ],
    }
