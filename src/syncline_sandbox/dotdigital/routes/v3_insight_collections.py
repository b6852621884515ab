"""Insight data: collections, their schema, the bulk import, and what ends later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web

from syncline_sandbox.dotdigital import insight
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import V3Error, bad_request, json_response, unreadable
from syncline_sandbox.dotdigital.insight_import import ImportEnvelope
from syncline_sandbox.dotdigital.insight_shape import listed
from syncline_sandbox.dotdigital.jobs import FINISHED, INSIGHT_EMPTYING, INSIGHT_IMPORT, NOT_FINISHED, Job
from syncline_sandbox.dotdigital.rates import Tier
from syncline_sandbox.dotdigital.routes.v3_imports import GUID, import_delay_s
from syncline_sandbox.dotdigital.routing import Route, Services

PATH = "/insightData/v3"
COLLECTIONS = PATH + "/collections"
ONE = COLLECTIONS + "/{collectionName}"
# The faults about an import that this service has words for.
_FAULTS = ("import_stuck", "import_failed")
_read_envelope = msgspec.json.Decoder(ImportEnvelope).decode


def routes(services: Services) -> Iterator[Route]:
    account, jobs = services.account, services.jobs

    async def all_collections(request: web.Request) -> web.Response:
        del request
        check_feature(account)
        return json_response(insight.summaries(account))

    async def of_account(request: web.Request) -> web.Response:
        del request
        check_feature(account)
        return json_response(insight.summaries(account, insight.ACCOUNT))

    async def make(request: web.Request) -> web.Response:
        check_feature(account)
        name = request.match_info["collectionName"]
        scope, type_ = request.query.get("collectionScope", ""), request.query.get("collectionType", "")
        insight.checked_name(name)
        insight.checked_words(scope, type_)
        return web.Response(status=201 if insight.make(account, name, scope, type_) else 200)

    async def schema(request: web.Request) -> web.Response:
        check_feature(account)
        found = insight.find(account, request.match_info["collectionName"])
        fields = listed(found.shape)
        as_object = account.settings.insight_schema_as == "object"
        return json_response(
            {
                "collectionName": found.name,
                "collectionType": found.type,
                "schema": {"fields": fields} if as_object else fields,
            }
        )

    async def empty(request: web.Request) -> web.Response:
        return _start_emptying(services, {"collection": _named(account, request).name})

    async def drop(request: web.Request) -> web.Response:
        return _start_emptying(services, {"collection": _named(account, request).name, "drop": True})

    async def start_import(request: web.Request) -> web.Response:
        check_feature(account)
        raw = await request.read()
        try:
            envelope = _read_envelope(raw)
        except msgspec.DecodeError as error:
            raise unreadable(raw, error) from error
        _check_import(account, envelope)
        count = request["rows"] = len(envelope.records)
        label = request["route_label"]
        taken = (account.faults.take(kind, method="PUT", label=label) for kind in _FAULTS)
        fault = next((fault for fault in taken if fault is not None), None)
        insight.make(account, envelope.collectionName, envelope.collectionScope, envelope.collectionType)
        options = {"collection": envelope.collectionName, "rows": count}
        job = jobs.start(INSIGHT_IMPORT, raw, options, import_delay_s(services, count), fault=fault)
        return json_response({"importId": job.id}, 202)

    async def import_status(request: web.Request) -> web.Response:
        job = _job(services, request.match_info["importId"], INSIGHT_IMPORT, "importNotFound")
        word = job.status
        if word == NOT_FINISHED:
            word = "Processing"
        elif word == FINISHED:
            word = account.settings.insight_done_word
        told = {"importId": job.id, "status": word, "collectionName": job.options["collection"]}
        return json_response(told | _report(services, job))

    async def job_status(request: web.Request) -> web.Response:
        job = _job(services, request.match_info["jobId"], INSIGHT_EMPTYING, "asyncJobNotFound")
        return json_response({"jobId": job.id, "status": job.status} | _report(services, job))

    yield Route("GET", COLLECTIONS, Tier.HIGH, all_collections)
    yield Route("GET", PATH + "/account", Tier.HIGH, of_account)
    yield Route("POST", ONE, Tier.MEDIUM, make)
    yield Route("DELETE", ONE, Tier.MEDIUM, drop)
    yield Route("DELETE", ONE + "/empty", Tier.MEDIUM, empty)
    yield Route("GET", ONE + "/schema", Tier.HIGH, schema)
    yield Route("PUT", PATH + "/import", Tier.LOW, start_import)
    yield Route("GET", PATH + "/import/{importId}", Tier.HIGH, import_status)
    yield Route("GET", PATH + "/async/{jobId}", Tier.HIGH, job_status)


def check_feature(account: Account) -> None:
    """Status and code are assumed: v3 documents none for a feature that is not part of the contract."""
    if not account.settings.insight_data:
        raise V3Error("insightData:featureNotActive", "The feature is not active for your account", 403)


def check_writable(type_: str) -> None:
    """Web behaviour comes from the vendor's script alone."""
    if type_ == insight.WEB_INSIGHT:
        raise bad_request(f"Collections of the type {type_} cannot be written to", "collectionType")


def start_emptying(services: Services, collection: str, owner: int) -> web.Response:
    """Remove one contact's records of a collection."""
    return _start_emptying(services, {"collection": collection, "owner": owner})


def _start_emptying(services: Services, options: dict[str, Any]) -> web.Response:
    delay_s = services.account.settings.delete_delay_s
    job = services.jobs.start(INSIGHT_EMPTYING, b"", options, delay_s)
    return json_response({"jobId": job.id}, 202)


def _named(account: Account, request: web.Request) -> insight.Collection:
    check_feature(account)
    return insight.find(account, request.match_info["collectionName"])


def _check_import(account: Account, envelope: ImportEnvelope) -> None:
    insight.checked_name(envelope.collectionName)
    insight.checked_words(envelope.collectionScope, envelope.collectionType)
    if not envelope.records:
        raise V3Error("insightData:noRecordsSpecified", "You must specify 1 or more records to be imported")
    known = insight.look_up(account, envelope.collectionName)
    if known is not None and (known.scope, known.type) != (envelope.collectionScope, envelope.collectionType):
        why = f"The collection '{known.name}' is of the scope {known.scope} and the type {known.type}"
        raise bad_request(why, "collectionName")
    check_writable(envelope.collectionType)


def _job(services: Services, job_id: str, kind: str, unknown: str) -> Job:
    check_feature(services.account)
    if not GUID.fullmatch(job_id):
        raise V3Error("insightData:invalidId", f"The id value '{job_id}' is not an id")
    job = services.jobs.find(job_id, kind)
    if job is None:
        raise V3Error(f"insightData:{unknown}", f"The request '{job_id}' could not be found", 404)
    return job


def _report(services: Services, job: Job) -> dict[str, Any]:
    report = services.jobs.report(job.id)
    return {} if report is None else dict(msgspec.json.decode(report))
