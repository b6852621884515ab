"""From a vendor's sandbox to a listening server: middlewares, ports, the ready line, signals."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from syncline_sandbox.clock import SoftClock, iso_utc
from syncline_sandbox.control import (
    CONTROL_PREFIX,
    SandboxContext,
    VendorSandbox,
    add_control_routes,
    control_errors,
    is_control,
)
from syncline_sandbox.faults import ANSWER_KINDS, Fault, FaultBook
from syncline_sandbox.journal import Entry, Journal

HOST = "127.0.0.1"
# Idle keep-alive connections are closed at once on stop; a request under way gets this long to end.
SHUTDOWN_TIMEOUT_S = 2.0
# Dataverse takes URLs of 32,768 characters and answers longer ones itself; aiohttp's own limit is 8,190.
MAX_REQUEST_LINE = 70_000
GC_THRESHOLDS = (50_000, 20, 50)
# Written when the first seed is complete: a data directory with it is continued, never seeded again.
SEEDED_MARK = "seeded"

VendorFactory = Callable[[SandboxContext], VendorSandbox]


def build_application(vendor: VendorSandbox, context: SandboxContext) -> web.Application:
    """The aiohttp application: journal outermost, then faults, then the vendor's own middlewares."""
    middlewares: list[Middleware] = [
        control_errors,
        _journal_middleware(vendor, context),
        _fault_middleware(vendor, context),
        *(_not_for_control(middleware) for middleware in vendor.middlewares()),
    ]
    app = web.Application(middlewares=middlewares, client_max_size=vendor.max_body_bytes)
    add_control_routes(app, vendor, context)
    vendor.add_routes(app)
    return app


async def serve(
    factory: VendorFactory, data_dir: Path, *, port: int, tls_port: int | None, seed: str
) -> None:
    """Run one sandbox until SIGTERM or SIGINT. Port 0 picks a free one."""
    # Bodies of ten thousand rows make many short-lived objects and hardly any cycles: collect seldom.
    gc.set_threshold(*GC_THRESHOLDS)
    data_dir.mkdir(parents=True, exist_ok=True)
    context = SandboxContext(data_dir, SoftClock(data_dir / "clock.json"), FaultBook(), Journal())
    vendor = factory(context)
    try:
        mark = data_dir / SEEDED_MARK
        if not mark.exists():
            vendor.reset(seed)
            mark.write_text(seed + "\n")
        context.journal.clear()
        runner = web.AppRunner(
            build_application(vendor, context),
            access_log=None,
            shutdown_timeout=SHUTDOWN_TIMEOUT_S,
            # A client may keep its connection through a long quiet phase of a test.
            keepalive_timeout=300,
            max_line_size=MAX_REQUEST_LINE,
        )
        await runner.setup()
        try:
            base_url, tls_base_url = await _listen(runner, vendor, port, tls_port)
            # Before the ready line: whoever reads it may stop us at once.
            stopped = _stop_signals()
            _say_ready(vendor.ready_line(base_url, tls_base_url) | {"control_url": base_url + CONTROL_PREFIX})
            await stopped.wait()
        finally:
            await runner.cleanup()
    finally:
        vendor.close()


async def _listen(
    runner: web.AppRunner, vendor: VendorSandbox, port: int, tls_port: int | None
) -> tuple[str, str | None]:
    plain = web.TCPSite(runner, HOST, port)
    await plain.start()
    base_url = f"http://{HOST}:{_bound_port(plain)}"
    context = vendor.ssl_context()
    if context is None or tls_port is None:
        return base_url, None
    secure = web.TCPSite(runner, HOST, tls_port, ssl_context=context)
    await secure.start()
    return base_url, f"https://{HOST}:{_bound_port(secure)}"


def _bound_port(site: web.TCPSite) -> int:
    # aiohttp has no public way to ask a site for the port that the system picked.
    server = site._server
    assert isinstance(server, asyncio.Server)
    return int(server.sockets[0].getsockname()[1])


def _say_ready(line: dict[str, str]) -> None:
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()


def _stop_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _not_for_control(middleware: Middleware) -> Middleware:
    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_control(request):
            return await handler(request)
        return await middleware(request, handler)

    return guarded


def _journal_middleware(vendor: VendorSandbox, context: SandboxContext) -> Middleware:
    @web.middleware
    async def journal(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_control(request):
            return await handler(request)
        began = time.perf_counter()
        request["route_label"] = vendor.route_label(request)
        status, size = 500, 0
        try:
            response = await handler(request)
            status, size = response.status, _body_size(response)
            return response
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            cut = request.get("fault") in ("cut", "lost_answer")
            entry = Entry(
                at=iso_utc(context.clock.now()),
                label=request["route_label"],
                method=request.method,
                path=request.raw_path,
                status=0 if cut else status,
                rows=request.get("rows", 0),
                bytes_in=getattr(request.content, "total_bytes", 0),
                bytes_out=0 if cut else size,
                duration_s=round(time.perf_counter() - began, 6),
                fault=request.get("fault"),
            )
            context.journal.add(entry)

    return journal


def _body_size(response: web.StreamResponse) -> int:
    if isinstance(response, web.Response):
        return (
            len(response.body)
            if isinstance(response.body, bytes | bytearray)
            else response.content_length or 0
        )
    return response.body_length if response.prepared else response.content_length or 0


def _fault_middleware(vendor: VendorSandbox, context: SandboxContext) -> Middleware:
    book = context.faults

    async def strike(request: web.Request, kind: str) -> Fault | None:
        label = request["route_label"]
        candidates = book.active(kind, method=request.method, label=label)
        if not candidates:
            return None
        text = request.raw_path
        if any(fault.spec.match is not None for fault in candidates):
            text += "\n" + (await request.read()).decode(errors="replace")
        fault = book.take(kind, method=request.method, label=label, text=text)
        if fault is not None:
            request["fault"] = kind
        return fault

    async def before(request: web.Request) -> web.Response | None:
        """Faults that happen instead of the effect."""
        if (slow := await strike(request, "latency")) is not None:
            await asyncio.sleep(slow.spec.latency_s)
        if await strike(request, "cut") is not None:
            _abort(request)
            return web.Response()
        for kind in sorted(ANSWER_KINDS):
            if (fault := await strike(request, kind)) is not None:
                return _finish_answer(vendor.fault_response(request, fault), fault)
        return None

    @web.middleware
    async def faults(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not book or is_control(request):
            return await handler(request)
        instead = await before(request)
        if instead is not None:
            return instead
        response = await handler(request)
        if await strike(request, "lost_answer") is not None:
            _abort(request)
            return response
        if await strike(request, "torn_page") is not None:
            return await _send_half(request, response)
        return response

    return faults


def _finish_answer(response: web.Response, fault: Fault) -> web.Response:
    if fault.spec.body is not None:
        text = isinstance(fault.spec.body, str)
        response.body = fault.spec.body.encode() if text else msgspec.json.encode(fault.spec.body)
        response.content_type = "text/plain" if text else "application/json"
    if fault.spec.retry_after_s is not None:
        response.headers["Retry-After"] = f"{fault.spec.retry_after_s:g}"
    return response


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _send_half(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes | bytearray):
        _abort(request)
        return response
    body = bytes(response.body)
    torn = web.StreamResponse(status=response.status, headers=response.headers)
    torn.content_length = len(body)
    await torn.prepare(request)
    await torn.write(body[: len(body) // 2])
    # close() sends what is buffered and then ends the connection; abort() would throw the half page away.
    if request.transport is not None:
        request.transport.close()
    return torn
