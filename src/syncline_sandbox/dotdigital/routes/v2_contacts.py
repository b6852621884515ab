"""Contacts v2: single, with consent and preferences, and the lists of contacts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from aiohttp import web

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import lists
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.errors import V2Error, json_response
from syncline_sandbox.dotdigital.moments import iso
from syncline_sandbox.dotdigital.preferences import tree_for
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routing import (
    Route,
    Services,
    v2_flag,
    v2_id,
    v2_object,
    v2_page,
    v2_since,
)
from syncline_sandbox.dotdigital.storage import Transaction
from syncline_sandbox.dotdigital.v2_answers import consents_v2, contact_v2, contacts_v2, list_v2
from syncline_sandbox.dotdigital.v2_bodies import choices_of, consents_of, wish_v2
from syncline_sandbox.dotdigital.v2_single import create_or_update, update
from syncline_sandbox.dotdigital.vocabulary import ALL_CONTACTS_LIST_ID

PATH = "/v2/contacts"
ONE = PATH + "/{who}"
CONTACT_NOT_FOUND = "ERROR_CONTACT_NOT_FOUND"

# v2 knows no contact without an address.
_HAS_EMAIL = "email IS NOT NULL"


def order_by(account: Account) -> str:
    """Last change first, so that a row changed between two pages moves and another is passed over."""
    return "updated DESC, id DESC" if account.settings.v2_order == "changed" else "id"


def contact_page(
    account: Account, request: web.Request, condition: str, parameters: Sequence[Any] = ()
) -> web.Response:
    """One page of the contacts that the condition selects."""
    select, skip = v2_page(request)
    full = v2_flag(request, "withFullData")
    tail = f"WHERE {_HAS_EMAIL} AND {condition} ORDER BY {order_by(account)} LIMIT ? OFFSET ?"
    found = store.select(account.connection, tail, (*parameters, select, skip))
    request["rows"] = len(found)
    return json_response(contacts_v2(account, found, full=full))


def contact_from(account: Account, request: web.Request, name: str = "who") -> Contact:
    """The contact that an id or an address in the path names. Raises ERROR_CONTACT_NOT_FOUND."""
    contact = store.by_id_or_email(account.connection, request.match_info[name])
    if contact is None or contact.email is None:
        raise V2Error(CONTACT_NOT_FOUND)
    return contact


def routes(services: Services) -> Iterator[Route]:
    yield from _pages(services)
    yield from _single(services)
    yield from _with_consent(services)


def _pages(services: Services) -> Iterator[Route]:
    account = services.account

    async def get_all(request: web.Request) -> web.Response:
        return contact_page(account, request, "1")

    async def created_since(request: web.Request) -> web.Response:
        return contact_page(account, request, "created >= ?", (v2_since(request),))

    async def modified_since(request: web.Request) -> web.Response:
        return contact_page(account, request, "updated >= ?", (v2_since(request),))

    async def count(request: web.Request) -> web.Response:
        return json_response(account.count_contacts())

    async def retrieve(request: web.Request) -> web.Response:
        body = await v2_object(request)
        fields = account.fields.names() if body.get("withfulldata") else None
        found, missing = [], []
        for entry in body.get("contacts") or []:
            contact = find_entry(account, entry)
            if contact is None or contact.email is None:
                missing.append(shown_entry(entry))
            else:
                found.append({**contact_v2(contact, fields), "created": iso(contact.created)})
        request["rows"] = len(found)
        return json_response({"contacts": found, "notFound": missing})

    yield Route("GET", PATH, Tier.LOW, get_all)
    yield Route("GET", PATH + "/count", Tier.HIGH, count)
    yield Route("GET", PATH + "/retrieve-collection", Tier.LOW, retrieve)
    yield Route("GET", PATH + "/created-since/{date}", Tier.LOW, created_since)
    yield Route("GET", PATH + "/modified-since/{date}", Tier.LOW, modified_since)


def _single(services: Services) -> Iterator[Route]:
    account = services.account

    def shown(contact: Contact) -> dict[str, Any]:
        return contact_v2(contact, account.fields.names())

    async def create(request: web.Request) -> web.Response:
        wish = wish_v2(account, await v2_object(request))
        return json_response(shown(create_or_update(account, wish)), 201)

    async def get_one(request: web.Request) -> web.Response:
        return json_response(shown(contact_from(account, request)))

    async def change(request: web.Request) -> web.Response:
        contact_id = v2_id(request, "who", CONTACT_NOT_FOUND)
        wish = wish_v2(account, await v2_object(request))
        return json_response(shown(update(account, contact_id, wish)))

    async def delete(request: web.Request) -> web.Response:
        contact = store.by_id(account.connection, v2_id(request, "who", CONTACT_NOT_FOUND))
        if contact is None:
            raise V2Error(CONTACT_NOT_FOUND)
        with Transaction(account.connection):
            store.delete(account.connection, [contact.id])
        return web.Response(status=204)

    async def lists_of(request: web.Request) -> web.Response:
        contact = contact_from(account, request)
        select, skip = v2_page(request)
        ids = [list_id for list_id, status in lists.lists_of(account, contact.id) if status != "suppressed"]
        if not contact.suppressed:
            ids.insert(0, ALL_CONTACTS_LIST_ID)
        counts = lists.counts(account)
        found = [lists.find(account, list_id) for list_id in ids[skip : skip + select]]
        request["rows"] = len(found)
        return json_response([list_v2(entry, counts.get(entry.id, 0)) for entry in found])

    yield Route("POST", PATH, Tier.MEDIUM, create)
    yield Route("GET", ONE, Tier.HIGH, get_one)
    yield Route("PUT", ONE, Tier.MEDIUM, change)
    yield Route("DELETE", ONE, Tier.MEDIUM, delete)
    yield Route("GET", ONE + "/address-books", Tier.MEDIUM, lists_of)


def _with_consent(services: Services) -> Iterator[Route]:
    account = services.account

    def shown(contact: Contact, *, preferences: bool) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "contact": contact_v2(contact, account.fields.names()),
            "consentFields": consents_v2(account, contact.id),
        }
        if preferences:
            answer["preferences"] = tree_for(account, contact.id)
        return answer

    async def write(request: web.Request, contact_id: int | None, *, preferences: bool) -> Contact:
        body = await v2_object(request)
        wish = wish_v2(account, body.get("contact"))
        wish.consents = consents_of(body.get("consentfields"))
        if preferences:
            wish.preferences = choices_of(account, body.get("preferences"))
        if contact_id is None:
            return create_or_update(account, wish)
        return update(account, contact_id, wish)

    async def get_one(request: web.Request) -> web.Response:
        return json_response(shown(contact_from(account, request), preferences=False))

    async def create(request: web.Request) -> web.Response:
        return json_response(shown(await write(request, None, preferences=False), preferences=False), 201)

    async def change(request: web.Request) -> web.Response:
        contact_id = v2_id(request, "who", CONTACT_NOT_FOUND)
        return json_response(shown(await write(request, contact_id, preferences=False), preferences=False))

    async def create_both(request: web.Request) -> web.Response:
        return json_response(shown(await write(request, None, preferences=True), preferences=True), 201)

    async def change_both(request: web.Request) -> web.Response:
        contact_id = v2_id(request, "who", CONTACT_NOT_FOUND)
        return json_response(shown(await write(request, contact_id, preferences=True), preferences=True))

    both = "/with-consent-and-preferences"
    yield Route("POST", PATH + "/with-consent", Tier.MEDIUM, create)
    yield Route("POST", PATH + both, Tier.MEDIUM, create_both)
    yield Route("GET", ONE + "/with-consent", Tier.HIGH, get_one)
    yield Route("PUT", ONE + "/with-consent", Tier.MEDIUM, change)
    yield Route("PUT", ONE + both, Tier.MEDIUM, change_both)


def find_entry(account: Account, entry: Any) -> Contact | None:
    """Who is meant by ``{"id":…, "email":…}``, one of which is given."""
    if not isinstance(entry, dict):
        raise V2Error("ERROR_PARAMETER_INVALID")
    contact_id, email = entry.get("id"), entry.get("email")
    if isinstance(contact_id, int) and contact_id:
        return store.by_id(account.connection, contact_id)
    if isinstance(email, str) and email:
        return store.by_email(account.connection, email)
    return None


def shown_entry(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry as it was given: an id not given comes back as 0, an address as null."""
    return {"id": entry.get("id") or 0, "email": entry.get("email")}
