"""Insight data: records of the account and of contacts, in pages and one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from syncline_sandbox.dotdigital import insight
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import (
    V3Error,
    bad_request,
    contact_not_found,
    json_response,
    unreadable,
)
from syncline_sandbox.dotdigital.identifiers import find_by_identifier
from syncline_sandbox.dotdigital.insight import ACCOUNT, CONTACT, NewRecord, Record
from syncline_sandbox.dotdigital.insight_shape import Misfit, fitted
from syncline_sandbox.dotdigital.moments import iso
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routes.v3_insight_collections import (
    PATH,
    check_feature,
    check_writable,
    start_emptying,
)
from syncline_sandbox.dotdigital.routes.v3_paging import links, marker_of
from syncline_sandbox.dotdigital.routing import Route, Services, v3_limit, v3_since
from syncline_sandbox.dotdigital.storage import Transaction
from syncline_sandbox.dotdigital.vocabulary import (
    MAX_DELETE_KEYS,
    MAX_INSIGHT_PAGE,
    MAX_RECORD_KEY_CHARACTERS,
)

NAME = "/{collectionName}"
RECORD = NAME + "/{recordId}"
OF_ACCOUNT = PATH + "/account"
CONTACTS = PATH + "/contacts"
OF_CONTACT = CONTACTS + "/{identifier}/{value}"


class Keys(msgspec.Struct):
    keys: list[str]


class Place(NamedTuple):
    """Where a call reads or writes: a collection, and the contact whose records of it are meant."""

    collection: insight.Collection
    owner: int | None


def routes(services: Services) -> Iterator[Route]:
    account = services.account

    async def page(request: web.Request) -> web.Response:
        place = _place(account, request)
        since = v3_since(request, "~modified") if "~modified" in request.query else 0
        limit = min(v3_limit(request), MAX_INSIGHT_PAGE)
        found = insight.records(
            account, place.collection.name, place.owner, since, marker_of(request), limit + 1
        )
        shown = found[:limit]
        request["rows"] = len(shown)
        next_after = shown[-1].number if len(found) > limit else None
        return json_response(
            {"_links": links(request, next_after), "_items": [_shown(record) for record in shown]}
        )

    async def of_contact(request: web.Request) -> web.Response:
        check_feature(account)
        return json_response(insight.summaries(account, CONTACT, _owner(account, request)))

    async def get_one(request: web.Request) -> web.Response:
        return json_response(_shown(_existing(account, request)))

    async def put(request: web.Request) -> web.Response:
        place, key = _place(account, request), request.match_info["recordId"]
        check_writable(place.collection.type)
        values = await _values(request)
        before = insight.record(account, place.collection.name, key)
        if len(key) > MAX_RECORD_KEY_CHARACTERS or (before is not None and before.owner != place.owner):
            raise V3Error("insightData:invalidId", f"The key '{key[:40]}' cannot be used here")
        try:
            shape = fitted(place.collection.shape, values)
        except Misfit as misfit:
            raise bad_request(misfit.detail, "json") from misfit
        insight.keep_shape(account, place.collection.name, shape)
        new = NewRecord(key, place.owner, values)
        made = insight.store(account, place.collection.name, new, account.now_ms())
        return web.Response(status=201 if made else 204)

    async def delete_one(request: web.Request) -> web.Response:
        record, place = _existing(account, request), _place(account, request)
        insight.delete(account, place.collection.name, record.key, record.owner)
        return web.Response(status=204)

    async def delete_many(request: web.Request) -> web.Response:
        place = _place(account, request)
        keys = await _keys(request)
        with Transaction(account.connection):
            unknown = [
                key for key in keys if not insight.delete(account, place.collection.name, key, place.owner)
            ]
        request["rows"] = len(keys)
        summary = {
            "totalRecords": len(keys),
            "totalDeleted": len(keys) - len(unknown),
            "totalNotFound": len(unknown),
        }
        # "failures" is required by the definition, which does not say what it holds.
        return json_response({"summary": summary, "notFound": unknown, "failures": []})

    async def empty(request: web.Request) -> web.Response:
        place = _place(account, request)
        assert place.owner is not None
        return start_emptying(services, place.collection.name, place.owner)

    yield Route("GET", OF_ACCOUNT + NAME, Tier.LOW, page)
    yield Route("GET", CONTACTS + NAME, Tier.LOW, page)
    yield Route("GET", OF_CONTACT, Tier.HIGH, of_contact)
    yield Route("GET", OF_CONTACT + NAME, Tier.LOW, page)
    # The definition writes "accounts" here alone.
    yield Route("DELETE", PATH + "/accounts" + NAME + "/deleteRecords", Tier.LOW, delete_many)
    yield Route("DELETE", OF_CONTACT + NAME + "/deleteRecords", Tier.LOW, delete_many)
    yield Route("DELETE", OF_CONTACT + NAME + "/empty", Tier.MEDIUM, empty)
    for path in (OF_ACCOUNT + RECORD, OF_CONTACT + RECORD):
        yield Route("GET", path, Tier.HIGH, get_one)
        yield Route("PUT", path, Tier.MEDIUM, put)
        yield Route("DELETE", path, Tier.MEDIUM, delete_one)


def _place(account: Account, request: web.Request) -> Place:
    check_feature(account)
    scope = CONTACT if request.path.startswith(CONTACTS + "/") else ACCOUNT
    owner = _owner(account, request) if "identifier" in request.match_info else None
    return Place(insight.find(account, request.match_info["collectionName"], scope), owner)


def _owner(account: Account, request: web.Request) -> int:
    identifier, value = request.match_info["identifier"], request.match_info["value"]
    contact = find_by_identifier(account, identifier, value)
    if contact is None:
        raise contact_not_found(identifier, value)
    return contact.id


def _existing(account: Account, request: web.Request) -> Record:
    place, key = _place(account, request), request.match_info["recordId"]
    record = insight.record(account, place.collection.name, key)
    if record is None or record.owner != place.owner:
        raise V3Error("insightData:recordNotFound", f"The record '{key[:40]}' could not be found", 404)
    return record


async def _values(request: web.Request) -> dict[str, Any]:
    raw = await request.read()
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise unreadable(raw, error) from error


async def _keys(request: web.Request) -> list[str]:
    raw = await request.read()
    try:
        keys = msgspec.json.decode(raw, type=Keys).keys
    except msgspec.DecodeError as error:
        raise unreadable(raw, error) from error
    if not keys:
        raise V3Error("insightData:noRecordsSpecified", "You must specify 1 or more records to be deleted")
    if len(keys) > MAX_DELETE_KEYS:
        raise bad_request(f"No more than {MAX_DELETE_KEYS} records can be deleted in one call", "keys")
    return keys


def _shown(record: Record) -> dict[str, Any]:
    shown = {
        "key": record.key,
        "json": msgspec.Raw(record.json.encode()),
        "created": iso(record.created),
        "updated": iso(record.updated),
    }
    return shown if record.owner is None else shown | {"ownerContactId": record.owner}
