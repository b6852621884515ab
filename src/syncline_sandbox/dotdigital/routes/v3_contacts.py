"""Contacts v3, one at a time and in pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import lists
from syncline_sandbox.dotdigital.errors import (
    V2Error,
    V3Error,
    bad_request,
    contact_not_found,
    json_response,
    unreadable,
)
from syncline_sandbox.dotdigital.identifiers import find_by_identifier
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routes.v3_paging import links, marker_of
from syncline_sandbox.dotdigital.routing import Route, Services, v3_limit, v3_piped, v3_since
from syncline_sandbox.dotdigital.single import SingleWrites
from syncline_sandbox.dotdigital.v3_answers import BLOCKS, contacts_v3, full_contact_v3, wanted_fields
from syncline_sandbox.dotdigital.v3_bodies import ContactBody
from syncline_sandbox.dotdigital.vocabulary import V3_QUERY_MERGE_OPTIONS

PATH = "/contacts/v3"
ONE = PATH + "/{identifier}/{value}"


def routes(services: Services) -> Iterator[Route]:
    account = services.account
    writes = SingleWrites(account)

    async def get_page(request: web.Request) -> web.Response:
        limit = v3_limit(request)
        after = marker_of(request)
        include = v3_piped(request, "include")
        if any(block not in BLOCKS for block in include):
            raise bad_request(f"include takes {', '.join(BLOCKS)}", "include")
        condition, parameters = _filter(services, request)
        found = store.select(
            account.connection,
            f"WHERE id > ? AND {condition} ORDER BY id LIMIT ?",
            (after, *parameters, limit + 1),
        )
        page = found[:limit]
        names = v3_piped(request, "data-fields")
        fields = wanted_fields(account, names) if names else None
        request["rows"] = len(page)
        next_after = page[-1].id if len(found) > limit else None
        items = contacts_v3(account, page, include, fields)
        return json_response({"_links": links(request, next_after), "_items": items})

    async def get_one(request: web.Request) -> web.Response:
        return json_response(full_contact_v3(account, _existing(services, request)))

    async def create(request: web.Request) -> web.Response:
        body = await read_body(request)
        if not body.identifiers:
            raise bad_request("The Identifiers field is required", "Identifiers")
        return json_response(full_contact_v3(account, writes.create(body)), 201)

    async def patch(request: web.Request) -> web.Response:
        option = request.query.get("merge-option", "overwrite")
        merge = V3_QUERY_MERGE_OPTIONS.get(option)
        if merge is None:
            raise bad_request(f"'{option}' is not a merge option", "merge-option")
        body = await read_body(request)
        identifier, value = request.match_info["identifier"], request.match_info["value"]
        contact = find_by_identifier(account, identifier, value)
        if contact is None:
            created = writes.create(body, (identifier, value))
            return json_response(full_contact_v3(account, created), 201)
        return json_response(full_contact_v3(account, writes.update(contact, body, merge)))

    async def replace(request: web.Request) -> web.Response:
        body = await read_body(request)
        if not body.identifiers:
            raise bad_request("The Identifiers field is required", "Identifiers")
        contact = _existing(services, request)
        return json_response(full_contact_v3(account, writes.replace(contact, body)))

    async def delete(request: web.Request) -> web.Response:
        contact = _existing(services, request)
        writes.delete(contact)
        return json_response({"contactId": contact.id})

    yield Route("GET", PATH, Tier.LOW, get_page)
    yield Route("POST", PATH, Tier.MEDIUM, create)
    yield Route("GET", ONE, Tier.HIGH, get_one)
    yield Route("PATCH", ONE, Tier.MEDIUM, patch)
    yield Route("PUT", ONE, Tier.MEDIUM, replace)
    yield Route("DELETE", ONE, Tier.MEDIUM, delete)


async def read_body(request: web.Request) -> ContactBody:
    """The body of a single write. Raises contacts:badJson and contacts:badRequest."""
    raw = await request.read()
    try:
        return msgspec.json.decode(raw, type=ContactBody)
    except msgspec.DecodeError as error:
        raise unreadable(raw, error) from error


def _existing(services: Services, request: web.Request) -> store.Contact:
    identifier, value = request.match_info["identifier"], request.match_info["value"]
    contact = find_by_identifier(services.account, identifier, value)
    if contact is None:
        raise contact_not_found(identifier, value)
    return contact


def _filter(services: Services, request: web.Request) -> tuple[str, tuple[Any, ...]]:
    query = request.query
    if "~created" in query and "~modified" in query:
        raise bad_request("~created cannot be used together with ~modified", "~created")
    if "~listId" in query and "~segmentId" in query:
        raise bad_request("~listId cannot be used together with ~segmentId", "~listId")
    conditions, parameters = ["1"], []
    for name, column in (("~created", "created"), ("~modified", "updated")):
        if name in query:
            since = v3_since(request, name)
            conditions.append(f"{column} >= ?")
            parameters.append(since)
    for name, kind in (("~listId", lists.LIST), ("~segmentId", lists.SEGMENT)):
        if name in query:
            condition, more = _membership(services, query[name], name, kind)
            conditions.append(condition)
            parameters.extend(more)
    return " AND ".join(conditions), tuple(parameters)


def _membership(services: Services, text: str, name: str, kind: str) -> tuple[str, tuple[int, ...]]:
    if not (text.isascii() and text.isdecimal()):
        raise V3Error("contacts:invalidFilter", f"The filter value '{text}' is invalid")
    try:
        target = lists.find(services.account, int(text), segments=True)
    except V2Error:
        target = None
    if target is None or target.kind != kind:
        # An unknown list is an invalid filter rather than an empty one, so that a wrong id is noticed.
        raise V3Error("contacts:invalidFilter", f"The filter value '{text}' of {name} is unknown")
    return lists.membership_condition(target.id)
