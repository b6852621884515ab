"""The Dataverse sandbox as the shared server part runs it."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import Any
from uuid import uuid4

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from syncline_sandbox import snapshots
from syncline_sandbox.control import (
    CONTROL_PREFIX,
    ControlError,
    SandboxContext,
    json_answer,
    json_body,
)
from syncline_sandbox.dataverse import certificate, errors
from syncline_sandbox.dataverse import settings as switches
from syncline_sandbox.dataverse.entra import Entra, EntraError, InvalidToken
from syncline_sandbox.dataverse.errors import DataverseError
from syncline_sandbox.dataverse.http import Headers, Reply, Request, error_reply
from syncline_sandbox.dataverse.labels import API_PREFIX, label_of
from syncline_sandbox.dataverse.limits import ServiceProtection
from syncline_sandbox.dataverse.openid import instance_discovery, openid_configuration
from syncline_sandbox.dataverse.organisation import (
    CLIENT_ID,
    CLIENT_SECRET,
    TENANT_ID,
    Organisation,
    new_id,
)
from syncline_sandbox.dataverse.security import require_active_user
from syncline_sandbox.dataverse.seeding import bulk, demo, platform
from syncline_sandbox.dataverse.service import WebApi
from syncline_sandbox.faults import Fault

VERSIONS = frozenset({"v9.0", "v9.1", "v9.2"})
# Messages of more than 116.85 MB are refused by the service.
MAX_BODY_BYTES = 122_527_744
_THROTTLED = {
    "0x80072322": "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
    "0x80072321": (
        "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time "
        "window of 300 seconds. Decrease number of concurrent requests or reduce the duration of requests "
        "and try again later."
    ),
    "0x80072326": "Number of concurrent requests exceeded the limit of 52.",
}


class DataverseSandbox:
    """Implements the protocol of :class:`syncline_sandbox.control.VendorSandbox`."""

    max_body_bytes = MAX_BODY_BYTES
    fault_kinds = frozenset({"expired_delta_token", "reject_record", "hide_action"})

    def __init__(self, context: SandboxContext) -> None:
        self._context = context
        self._organisation = Organisation(context.data_dir, context.clock, context.faults)
        self._api = WebApi(self._organisation)
        self._entra = Entra(self._organisation)
        self._limits = ServiceProtection(self._organisation)
        self._snapshots = context.data_dir / "snapshots"

    # Routes

    def middlewares(self) -> list[Middleware]:
        return []

    def add_routes(self, app: web.Application) -> None:
        router = app.router
        router.add_route("*", API_PREFIX + "{version}", self._web_api)
        router.add_route("*", API_PREFIX + "{version}/{path:.*}", self._web_api)
        router.add_post("/{tenant}/oauth2/v2.0/token", self._token_v2)
        router.add_post("/{tenant}/oauth2/token", self._token_v1)
        router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", self._openid)
        router.add_get("/{tenant}/.well-known/openid-configuration", self._openid)
        router.add_get("/{tenant}/discovery/v2.0/keys", self._keys)
        router.add_get("/common/discovery/instance", self._discovery)

    def add_control_routes(self, app: web.Application) -> None:
        app.router.add_post(f"{CONTROL_PREFIX}/tokens", self._revoke)
        app.router.add_post(f"{CONTROL_PREFIX}/applications", self._register)

    def route_label(self, request: web.Request) -> str:
        return label_of(request.method, request.raw_path)

    def fault_response(self, request: web.Request, fault: Fault) -> web.Response:
        headers: dict[str, str] = {}
        if fault.kind == "rate_limit":
            code = fault.spec.code or "0x80072322"
            if fault.spec.retry_after_s is None:
                headers["Retry-After"] = "1"
            error = DataverseError(429, code, _THROTTLED.get(code, "Too many requests."), headers)
        elif fault.kind == "expired_token":
            error = self._unauthorized("The token has expired.", request)
        else:
            code = fault.spec.code or "0x80040216"
            error = DataverseError(fault.spec.status, code, "An unexpected error occurred.")
        return _response(error_reply(error))

    async def _web_api(self, request: web.Request) -> web.Response:
        """Authentication, limits, then the Web API itself, which runs without a break."""
        try:
            reply = await self._answer(request, await request.read())
        except web.HTTPRequestEntityTooLarge:
            reply = error_reply(DataverseError(413, "0x80060888", "The request body is too large."))
        reply.headers.setdefault("OData-Version", "4.0")
        request_id = str(uuid4())
        reply.headers["REQ_ID"] = request_id
        reply.headers["x-ms-service-request-id"] = request_id
        return _response(reply)

    async def _answer(self, request: web.Request, body: bytes) -> Reply:
        version = request.match_info["version"]
        if version not in VERSIONS:
            return error_reply(errors.unknown_route(str(request.url)))
        try:
            identity = self._entra.identify(request.headers.get("Authorization"))
        except InvalidToken as error:
            return error_reply(self._unauthorized(str(error), request))
        try:
            self._limits.enter(identity.user_id)
        except DataverseError as error:
            return error_reply(error)
        began = time.perf_counter()
        reply = error_reply(DataverseError(500, "0x80040216", "An unexpected error occurred."))
        try:
            pause_s = self._organisation.settings.service_time_ms / 1000
            if pause_s:
                await asyncio.sleep(pause_s)
            reply = self._run(request, body, version, identity.user_id)
        finally:
            elapsed_ms = (time.perf_counter() - began) * 1000
            reply.headers |= self._limits.leave(identity.user_id, elapsed_ms)
        return reply

    def _run(self, request: web.Request, body: bytes, version: str, user_id: str) -> Reply:
        raw_path, _, raw_query = request.raw_path.partition("?")
        asked = Request(
            method=request.method,
            path=raw_path[len(API_PREFIX) :].partition("/")[2],
            raw_query=raw_query,
            headers=Headers(list(request.headers.items())),
            body=body,
            base_url=f"{request.scheme}://{request.host}{API_PREFIX}{version}",
            user_id=user_id,
            label=request["route_label"],
        )
        try:
            require_active_user(self._organisation, user_id)
            self._impersonate(asked)
        except DataverseError as error:
            return error_reply(error)
        reply = self._api.answer(asked)
        request["rows"] = asked.rows
        return reply

    def _impersonate(self, request: Request) -> None:
        """``MSCRMCallerID`` and ``CallerObjectId``: the application user acts for somebody else."""
        object_id, caller_id = request.headers.get("CallerObjectId"), request.headers.get("MSCRMCallerID")
        if not object_id and not caller_id:
            return
        if "prvActOnBehalfOfAnotherUser" in self._organisation.settings.denied:
            raise DataverseError(
                403,
                "0x80040220",
                f"Principal user (Id={request.user_id}, type=8) is missing prvActOnBehalfOfAnotherUser "
                "privilege.",
            )
        column = "azureactivedirectoryobjectid" if object_id else "systemuserid"
        found = self._organisation.database.value(
            f"SELECT systemuserid FROM systemuser WHERE {column} = ?",
            ((object_id or caller_id or "").strip().lower(),),
        )
        if found is None:
            raise DataverseError(403, "0x80072560", "The user is not a member of the organization.")
        request.delegate_id, request.user_id = request.user_id, found

    def _unauthorized(self, message: str, request: web.Request) -> DataverseError:
        origin = f"{request.scheme}://{request.host}"
        challenge = f"Bearer authorization_uri={origin}/{TENANT_ID}/oauth2/authorize, resource_id={origin}/"
        return errors.unauthorized(message, challenge)

    # Tokens

    async def _token_v2(self, request: web.Request) -> web.Response:
        return await self._token(request, version=2)

    async def _token_v1(self, request: web.Request) -> web.Response:
        return await self._token(request, version=1)

    async def _token(self, request: web.Request, *, version: int) -> web.Response:
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        try:
            answer = self._entra.issue(
                request.match_info["tenant"], form, request.headers.get("Authorization"), version=version
            )
        except EntraError as error:
            return json_answer(error.body(self._organisation.stamp()), status=error.status)
        response = json_answer(answer)
        response.headers["Cache-Control"] = "no-store, no-cache"
        return response

    async def _openid(self, request: web.Request) -> web.Response:
        origin = f"{request.scheme}://{request.host}"
        return json_answer(openid_configuration(origin, request.match_info["tenant"]))

    async def _keys(self, request: web.Request) -> web.Response:
        return json_answer({"keys": []})

    async def _discovery(self, request: web.Request) -> web.Response:
        return json_answer(instance_discovery(f"{request.scheme}://{request.host}", request.host))

    # Control

    async def _revoke(self, request: web.Request) -> web.Response:
        self._entra.revoke_all()
        return json_answer({"revoked": True})

    async def _register(self, request: web.Request) -> web.Response:
        """A further application with a user of its own; ``{"name": …}``."""
        body = await json_body(request)
        client_id, secret = str(body.get("client_id") or new_id()), str(body.get("client_secret") or new_id())
        user_id = platform.add_application_user(
            self._organisation, str(body.get("name") or "Another application"), client_id
        )
        self._entra.register(client_id, secret, user_id)
        return json_answer({"client_id": client_id, "client_secret": secret, "user_id": user_id})

    def ssl_context(self) -> ssl.SSLContext | None:
        return certificate.server_context(self._context.data_dir)

    def ready_line(self, base_url: str, tls_base_url: str | None) -> dict[str, str]:
        assert tls_base_url is not None
        return {
            "base_url": base_url,
            "tls_base_url": tls_base_url,
            "token_url": f"{base_url}/{TENANT_ID}/oauth2/v2.0/token",
            "authority": f"{tls_base_url}/{TENANT_ID}",
            "tenant_id": TENANT_ID,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "ca_file": str((self._context.data_dir / certificate.CERTIFICATE_FILE).resolve()),
        }

    def reset(self, seed: str) -> None:
        self._organisation.begin_again(platform.install)
        self._limits.clear()
        if seed == "demo":
            demo.install(self._organisation)

    def seed(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return bulk.load(self._organisation, body)
        except DataverseError as error:
            raise ControlError(error.message) from error

    def snapshot(self, name: str) -> None:
        snapshots.save(self._organisation.database.connection, self._snapshots, name)

    def restore(self, name: str) -> None:
        snapshots.load(self._organisation.database.connection, self._snapshots, name)
        self._organisation.reload()
        self._limits.clear()

    def settings(self) -> dict[str, Any]:
        return dict(msgspec.to_builtins(self._organisation.settings))

    def change_settings(self, changes: dict[str, Any]) -> None:
        try:
            changed = switches.changed(self._organisation.settings, changes)
        except msgspec.ValidationError as error:
            raise ControlError(str(error)) from error
        self._organisation.change_settings(changed)
        platform.refresh_messages(self._organisation)

    def close(self) -> None:
        self._organisation.close()


def _response(reply: Reply) -> web.Response:
    response = web.Response(status=reply.status, body=reply.body or None, headers=reply.headers)
    if reply.body:
        response.headers["Content-Type"] = reply.content_type
    return response
