"""Starting v2 imports and asking how they went."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import msgspec
from aiohttp import web
from aiohttp.web_request import FileField

from syncline_sandbox.dotdigital import lists, v2_import
from syncline_sandbox.dotdigital.errors import V2Error, json_response, raw_json
from syncline_sandbox.dotdigital.jobs import IMPORT_KINDS, NOT_FINISHED, V2_IMPORT, Job
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routes.v2_lists import list_from
from syncline_sandbox.dotdigital.routes.v3_imports import import_delay_s, take_import_fault
from syncline_sandbox.dotdigital.routing import Route, Services, v2_object
from syncline_sandbox.dotdigital.sheets import SUPPORTED, BrokenFile, read_table
from syncline_sandbox.dotdigital.v2_bodies import merge_option
from syncline_sandbox.dotdigital.v2_import import Batch
from syncline_sandbox.dotdigital.vocabulary import FAULT_REPORT_DAYS, TEST_LIST_ID

PATH = "/v2/contacts/import"
DAY_MS = 86_400_000
INVALID_FILE = "InvalidFileFormat"


def routes(services: Services) -> Iterator[Route]:
    yield from _starts(services)
    yield from _reports(services)


def _starts(services: Services) -> Iterator[Route]:
    account, jobs = services.account, services.jobs

    def start(request: web.Request, batch: Batch | None, merge: str, list_ids: list[int]) -> web.Response:
        """Start an import; without a batch the file could not be read, and that is how it ends."""
        if len(jobs.active(*IMPORT_KINDS)) >= account.settings.max_active_imports:
            raise V2Error("ERROR_IMPORT_TOOMANYACTIVEIMPORTS")
        if TEST_LIST_ID in list_ids:
            raise V2Error("ERROR_ADDRESSBOOK_NOTWRITABLE")
        rows = request["rows"] = len(batch.rows) if batch else 0
        options = {"merge": merge, "rows": rows, "lists": list_ids}
        if batch is None:
            options["outcome"] = INVALID_FILE
        fault = take_import_fault(services, request)
        payload = msgspec.json.encode(batch)
        job = jobs.start(V2_IMPORT, payload, options, import_delay_s(services, rows), fault=fault)
        return json_response({"id": job.id, "status": NOT_FINISHED}, 202)

    async def collection(request: web.Request) -> web.Response:
        body = await v2_object(request)
        list_ids = body.get("addressbookids") or []
        if not isinstance(list_ids, list) or not all(type(list_id) is int for list_id in list_ids):
            raise V2Error("ERROR_PARAMETER_INVALID")
        for list_id in list_ids:
            lists.find(account, list_id)
        batch = v2_import.read_collection(account, body.get("contacts"))
        return start(request, batch, merge_option(body.get("mergeoption")), list_ids)

    async def file(request: web.Request) -> web.Response:
        list_ids = [list_from(services, request).id] if "id" in request.match_info else []
        merge = merge_option(request.match_info.get("mergeOption"))
        name, data = await _read_file(request)
        if not name.lower().endswith(SUPPORTED):
            raise V2Error("ERROR_IMPORT_UNSUPPORTED_FORMAT")
        try:
            batch = v2_import.read_rows(account, read_table(name, data))
        except BrokenFile:
            return start(request, None, merge, list_ids)
        return start(request, batch, merge, list_ids)

    jobs.register(V2_IMPORT, lambda job, payload: v2_import.carry_out(account, job, payload))
    yield Route("POST", PATH + "-collection", Tier.LOW, collection)
    for base in (PATH, "/v2/address-books/{id}/contacts/import"):
        yield Route("POST", base, Tier.LOW, file)
        yield Route("POST", base + "/with-merge-option/{mergeOption}", Tier.LOW, file)


def _reports(services: Services) -> Iterator[Route]:
    account, jobs = services.account, services.jobs

    def find(request: web.Request) -> Job:
        job = jobs.find(request.match_info["guid"], V2_IMPORT)
        if job is None:
            raise V2Error("ERROR_IMPORT_NOT_FOUND")
        return job

    async def status(request: web.Request) -> web.Response:
        job = find(request)
        return json_response({"id": job.id, "status": job.status})

    async def report(request: web.Request) -> web.Response:
        job = find(request)
        body = jobs.report(job.id)
        if job.status == NOT_FINISHED:
            raise V2Error("ERROR_IMPORT_REPORT_NOT_FOUND")
        return raw_json(body or msgspec.json.encode(v2_import.Report()))

    async def faults(request: web.Request) -> web.Response:
        job = find(request)
        body = jobs.faults(job.id)
        if body is None or account.now_ms() - job.created > FAULT_REPORT_DAYS * DAY_MS:
            raise V2Error("ERROR_IMPORT_REPORT_NOT_FOUND")
        return web.Response(body=body, content_type="text/csv", charset="utf-8")

    yield Route("GET", PATH + "/{guid}", Tier.HIGH, status)
    yield Route("GET", PATH + "/{guid}/report", Tier.HIGH, report)
    yield Route("GET", PATH + "/{guid}/report-faults", Tier.LOW, faults)


async def _read_file(request: web.Request) -> tuple[str, bytes]:
    """File name and content, from multipart or from JSON with base64."""
    if request.content_type.startswith("multipart/"):
        for value in (await request.post()).values():
            if isinstance(value, FileField) and value.filename:
                return value.filename, value.file.read()
        raise V2Error("file must be valid")
    body = await v2_object(request)
    name, data = body.get("filename"), body.get("data")
    if not isinstance(name, str) or not name or not isinstance(data, str):
        raise V2Error("ERROR_PARAMETER_INVALID")
    try:
        return name, base64.b64decode(data, validate=True)
    except ValueError as error:
        raise V2Error("ERROR_PARAMETER_INVALID") from error
