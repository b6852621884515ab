"""Lists (address books), their members, and segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import lists
from syncline_sandbox.dotdigital.errors import V2Error, json_response
from syncline_sandbox.dotdigital.jobs import (
    IMPORT_KINDS,
    LIST_DELETE,
    SEGMENT_REFRESH,
    V3_IMPORT,
    Job,
    Outcome,
)
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routes.v2_contacts import contact_page
from syncline_sandbox.dotdigital.routing import (
    Route,
    Services,
    v2_body,
    v2_id,
    v2_object,
    v2_page,
    v2_since,
)
from syncline_sandbox.dotdigital.storage import Transaction
from syncline_sandbox.dotdigital.v2_answers import contact_v2, list_v2
from syncline_sandbox.dotdigital.v2_bodies import wish_v2
from syncline_sandbox.dotdigital.v2_single import create_or_update
from syncline_sandbox.dotdigital.v3_bodies import ImportEnvelope
from syncline_sandbox.dotdigital.vocabulary import ALL_CONTACTS_LIST_ID, TEST_LIST_ID

PATH = "/v2/address-books"
ONE = PATH + "/{id}"
MEMBERS = ONE + "/contacts"
LIST_NOT_FOUND = "ERROR_ADDRESSBOOK_NOT_FOUND"

# How a bulk removal stands, in v2's words.
_DELETION_STATES = {"NotFinished": "Started", "Finished": "Completed", "Failed": "Failed"}


def list_from(
    services: Services, request: web.Request, *, segments: bool = False, name: str = "id"
) -> lists.ContactList:
    """The list that the path names. Raises ERROR_ADDRESSBOOK_NOT_FOUND."""
    return lists.find(services.account, v2_id(request, name, LIST_NOT_FOUND), segments=segments)


def routes(services: Services) -> Iterator[Route]:
    yield from _headers(services)
    yield from _members(services)
    yield from _removals(services)
    yield from _segments(services)


def _headers(services: Services) -> Iterator[Route]:
    account = services.account

    def page(request: web.Request, visibility: str | None) -> web.Response:
        select, skip = v2_page(request)
        every = [entry for entry in lists.every(account) if visibility in (None, entry.visibility)]
        counts = lists.counts(account)
        shown = [list_v2(entry, counts.get(entry.id, 0)) for entry in every[skip : skip + select]]
        request["rows"] = len(shown)
        return json_response(shown)

    async def get_all(request: web.Request) -> web.Response:
        return page(request, None)

    async def get_private(request: web.Request) -> web.Response:
        return page(request, "Private")

    async def get_public(request: web.Request) -> web.Response:
        return page(request, "Public")

    async def get_one(request: web.Request) -> web.Response:
        target = list_from(services, request)
        return json_response(list_v2(target, lists.count(account, target.id)))

    async def create(request: web.Request) -> web.Response:
        body = await v2_object(request)
        with Transaction(account.connection):
            created = lists.create(account, body.get("name"), body.get("visibility"))
        return json_response(list_v2(created, 0), 201)

    async def change(request: web.Request) -> web.Response:
        target = list_from(services, request)
        body = await v2_object(request)
        changed = lists.change(account, target, body.get("name"), body.get("visibility"))
        return json_response(list_v2(changed, lists.count(account, changed.id)))

    async def delete(request: web.Request) -> web.Response:
        target = list_from(services, request)
        if not target.reserved and _busy(services, target.id):
            raise V2Error("ERROR_ADDRESSBOOK_IN_USE")
        with Transaction(account.connection):
            lists.delete(account, target)
        return web.Response(status=200)

    yield Route("GET", PATH, Tier.LOW, get_all)
    yield Route("POST", PATH, Tier.MEDIUM, create)
    yield Route("GET", PATH + "/private", Tier.LOW, get_private)
    yield Route("GET", PATH + "/public", Tier.LOW, get_public)
    yield Route("GET", ONE, Tier.HIGH, get_one)
    yield Route("PUT", ONE, Tier.MEDIUM, change)
    yield Route("DELETE", ONE, Tier.MEDIUM, delete)


def _members(services: Services) -> Iterator[Route]:
    account = services.account

    async def get_members(request: web.Request) -> web.Response:
        target = list_from(services, request, segments=True)
        condition, parameters = lists.membership_condition(target.id)
        return contact_page(account, request, condition, parameters)

    async def get_modified(request: web.Request) -> web.Response:
        target = list_from(services, request, segments=True)
        condition, parameters = lists.membership_condition(target.id)
        since = v2_since(request)
        return contact_page(account, request, f"{condition} AND updated >= ?", (*parameters, since))

    async def add(request: web.Request) -> web.Response:
        target = list_from(services, request)
        contact = create_or_update(account, wish_v2(account, await v2_object(request)), target)
        return json_response(contact_v2(contact, account.fields.names()))

    yield Route("GET", MEMBERS, Tier.LOW, get_members)
    yield Route("POST", MEMBERS, Tier.MEDIUM, add)
    yield Route("GET", MEMBERS + "/modified-since/{date}", Tier.LOW, get_modified)


def _removals(services: Services) -> Iterator[Route]:
    account, jobs = services.account, services.jobs

    def writable(request: web.Request) -> lists.ContactList:
        target = list_from(services, request)
        if target.id == TEST_LIST_ID or target.id == ALL_CONTACTS_LIST_ID:
            # Leaving All contacts would mean leaving the account, which has calls of its own.
            raise V2Error("ERROR_ADDRESSBOOK_NOTWRITABLE")
        return target

    async def remove_one(request: web.Request) -> web.Response:
        target = writable(request)
        contact_id = v2_id(request, "contactId", "ERROR_CONTACT_NOT_FOUND")
        if store.by_id(account.connection, contact_id) is None:
            raise V2Error("ERROR_CONTACT_NOT_FOUND")
        # Somebody who is not on the list leaves it silently.
        lists.remove_members(account, target.id, [contact_id])
        return web.Response(status=204)

    async def empty(request: web.Request) -> web.Response:
        target = writable(request)
        with Transaction(account.connection):
            lists.remove_all_members(account, target.id)
        return web.Response(status=204)

    def start(target: lists.ContactList, ids: list[int] | None) -> web.Response:
        options: dict[str, Any] = {"list": target.id}
        job = jobs.start(LIST_DELETE, msgspec.json.encode(ids), options, account.settings.delete_delay_s)
        return json_response({"id": job.id, "status": "Started"}, 202)

    async def remove_many(request: web.Request) -> web.Response:
        target = writable(request)
        ids = await v2_body(request)
        if not isinstance(ids, list) or not all(type(contact_id) is int for contact_id in ids):
            raise V2Error("ERROR_PARAMETER_INVALID")
        request["rows"] = len(ids)
        return start(target, ids)

    async def remove_all(request: web.Request) -> web.Response:
        return start(writable(request), None)

    async def progress(request: web.Request) -> web.Response:
        job = jobs.find(request.match_info["guid"], LIST_DELETE)
        if job is None:
            raise V2Error("ERROR_NOT_FOUND")
        return json_response({"id": job.id, "status": _DELETION_STATES[job.status]})

    def carry_out(job: Job, payload: bytes) -> Outcome:
        list_id, ids = job.options["list"], msgspec.json.decode(payload)
        if ids is None:
            lists.remove_all_members(account, list_id)
        else:
            lists.remove_members(account, list_id, ids)
        return Outcome("Finished")

    jobs.register(LIST_DELETE, carry_out)
    yield Route("DELETE", MEMBERS + "/{contactId}", Tier.MEDIUM, remove_one)
    yield Route("DELETE", MEMBERS, Tier.MEDIUM, empty)
    yield Route("POST", MEMBERS + "/delete", Tier.LOW, remove_many)
    yield Route("POST", MEMBERS + "/delete-all", Tier.LOW, remove_all)
    yield Route("GET", "/v2/contacts/deletion/{guid}", Tier.UNLIMITED, progress)


def _segments(services: Services) -> Iterator[Route]:
    account, jobs = services.account, services.jobs

    async def get_all(request: web.Request) -> web.Response:
        select, skip = v2_page(request)
        counts = lists.counts(account)
        shown = [
            {"id": entry.id, "name": entry.name, "contacts": counts.get(entry.id, 0)}
            for entry in lists.every(account, lists.SEGMENT)[skip : skip + select]
        ]
        request["rows"] = len(shown)
        return json_response(shown)

    def segment(request: web.Request) -> lists.ContactList:
        list_id = v2_id(request, "id", "ERROR_SEGMENT_NOT_FOUND")
        found = next((entry for entry in lists.every(account, lists.SEGMENT) if entry.id == list_id), None)
        if found is None:
            raise V2Error("ERROR_SEGMENT_NOT_FOUND")
        return found

    def latest(segment_id: int) -> str:
        row = account.connection.execute(
            "SELECT status FROM jobs WHERE kind = ? AND json_extract(options, '$.segment') = ? "
            "ORDER BY created DESC, rowid DESC",
            (SEGMENT_REFRESH, segment_id),
        ).fetchone()
        return "NotStarted" if row is None else str(row[0])

    async def refresh(request: web.Request) -> web.Response:
        found = segment(request)
        jobs.start(SEGMENT_REFRESH, b"", {"segment": found.id}, account.settings.segment_refresh_delay_s)
        return json_response({"id": found.id, "status": latest(found.id)}, 202)

    async def state(request: web.Request) -> web.Response:
        found = segment(request)
        return json_response({"id": found.id, "status": latest(found.id)})

    def carry_out(job: Job, payload: bytes) -> Outcome:
        lists.refresh_segment(account, lists.find(account, job.options["segment"], segments=True))
        return Outcome("Finished")

    jobs.register(SEGMENT_REFRESH, carry_out)
    yield Route("GET", "/v2/segments", Tier.LOW, get_all)
    yield Route("POST", "/v2/segments/refresh/{id}", Tier.LOW, refresh)
    yield Route("GET", "/v2/segments/refresh/{id}", Tier.HIGH, state)


def _busy(services: Services, list_id: int) -> bool:
    """Whether an import into this list or a removal from it is under way."""
    jobs = services.jobs
    if any(job.options["list"] == list_id for job in jobs.active(LIST_DELETE)):
        return True
    for job in jobs.active(*IMPORT_KINDS):
        if job.kind != V3_IMPORT:
            if list_id in job.options["lists"]:
                return True
            continue
        for raw in msgspec.json.decode(jobs.payload(job.id) or b"{}", type=ImportEnvelope).contacts:
            row = msgspec.json.decode(raw)
            if isinstance(row, dict) and list_id in (row.get("lists") or ()):
                return True
    return False
