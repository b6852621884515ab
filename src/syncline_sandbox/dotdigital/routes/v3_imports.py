"""v3 bulk import and bulk delete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web

from syncline_sandbox.dotdigital.errors import V3Error, bad_request, json_response, raw_json, unreadable
from syncline_sandbox.dotdigital.jobs import (
    FINISHED,
    IMPORT_FAULTS,
    IMPORT_KINDS,
    V3_DELETE,
    V3_IMPORT,
)
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routing import Route, Services
from syncline_sandbox.dotdigital.v3_bodies import ImportEnvelope
from syncline_sandbox.dotdigital.vocabulary import MAX_DELETE_IDENTIFIERS, V3_BODY_MERGE_OPTIONS
from syncline_sandbox.faults import Fault

PATH = "/contacts/v3/import"
DELETE_PATH = "/contacts/v3/delete"
GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_read_envelope = msgspec.json.Decoder(ImportEnvelope).decode


def take_import_fault(services: Services, request: web.Request) -> Fault | None:
    """A fault about how an import ends, when there is one for this route."""
    for kind in IMPORT_FAULTS:
        label = request["route_label"]
        if (fault := services.account.faults.take(kind, method=request.method, label=label)) is not None:
            return fault
    return None


def import_delay_s(services: Services, rows: int) -> float:
    settings = services.account.settings
    return settings.import_delay_s + settings.import_delay_per_row_s * rows


def routes(services: Services) -> Iterator[Route]:
    account, jobs = services.account, services.jobs

    async def start_import(request: web.Request) -> web.Response:
        raw = await request.read()
        try:
            envelope = _read_envelope(raw)
        except msgspec.DecodeError as error:
            raise unreadable(raw, error) from error
        if envelope.mergeOption not in V3_BODY_MERGE_OPTIONS:
            raise bad_request(f"'{envelope.mergeOption}' is not a merge option", "mergeOption")
        if len(jobs.active(*IMPORT_KINDS)) >= account.settings.max_active_imports:
            why = (
                "Your import request cannot be accepted as too many imports are being processed for you "
                "account. Please wait for an import to complete and then resubmit."
            )
            raise V3Error("contacts:tooManyActiveImports", why, 429)
        rows = request["rows"] = len(envelope.contacts)
        fault = take_import_fault(services, request)
        options = {"merge": envelope.mergeOption, "rows": rows}
        job = jobs.start(V3_IMPORT, raw, options, import_delay_s(services, rows), fault=fault)
        return json_response({"importId": job.id}, 202)

    async def import_status(request: web.Request) -> web.Response:
        import_id = request.match_info["importId"]
        if not GUID.fullmatch(import_id):
            raise V3Error("contacts:invalidId", f"The id value '{import_id}' is not an import id")
        job = jobs.find(import_id, V3_IMPORT)
        if job is None:
            raise V3Error(
                "contacts:importNotFound", f"The import request '{import_id}' could not be found!", 404
            )
        head = msgspec.json.encode({"importId": job.id, "status": job.status})
        report = jobs.report(job.id) if job.status == FINISHED else None
        if report is None:
            return raw_json(head)
        request["rows"] = job.options["rows"]
        # The report was stored as the rest of this object.
        return raw_json(head[:-1] + b"," + report[1:])

    async def start_delete(request: web.Request) -> web.Response:
        raw = await request.read()
        try:
            entries = msgspec.json.decode(raw)
        except msgspec.DecodeError as error:
            raise unreadable(raw, error) from error
        if not isinstance(entries, list):
            raise bad_request("The body is a list of contact identifiers")
        if not entries:
            raise V3Error(
                "contacts:noContactsSpecified", "You must specifiy 1 or more contacts to be deleted!"
            )
        if len(entries) > MAX_DELETE_IDENTIFIERS:
            raise bad_request(f"No more than {MAX_DELETE_IDENTIFIERS} contacts can be deleted in one call")
        if len(jobs.active(V3_DELETE)) >= account.settings.max_active_deletes:
            why = (
                "Your bulk delete request cannot be accepted as too many bulk delete jobs are being "
                "processed for you account. Please wait for a bulk delete job to complete and then resubmit."
            )
            raise V3Error("contacts:tooManyBulkDeleteJobs", why, 429)
        request["rows"] = len(entries)
        job = jobs.start(V3_DELETE, raw, {"rows": len(entries)}, account.settings.delete_delay_s)
        return json_response({"deleteId": job.id}, 202)

    async def delete_status(request: web.Request) -> web.Response:
        delete_id = request.match_info["deleteId"]
        if not GUID.fullmatch(delete_id):
            why = f"The id value '{delete_id}' is not a recognized deletion job identifier"
            raise V3Error("contacts:invalidDeleteId", why)
        job = jobs.find(delete_id, V3_DELETE)
        if job is None:
            why = f"The delete request '{delete_id}' could not be found!"
            raise V3Error("contacts:importNotFound", why, 404)
        answer: dict[str, Any] = {"deleteId": job.id, "status": job.status}
        report = jobs.report(job.id)
        return json_response(answer | (msgspec.json.decode(report) if report else {}))

    yield Route("PUT", PATH, Tier.LOW, start_import)
    yield Route("GET", PATH + "/{importId}", Tier.HIGH, import_status)
    yield Route("POST", DELETE_PATH, Tier.LOW, start_delete)
    yield Route("GET", DELETE_PATH + "/{deleteId}", Tier.HIGH, delete_status)
