"""The control address, and the protocol by which a vendor's sandbox is steered from it.

A vendor package exposes ``app.py`` with a class that is made from a :class:`SandboxContext` and implements
:class:`VendorSandbox`. All else (arguments, sockets, signals, faults, journal, control routes) is shared.

Control routes answer JSON, need no log-in, are never counted in the journal and never hit by faults. A wrong
request is answered with 400 and ``{"error": "<what is wrong>"}``; raise :class:`ControlError` for that.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from syncline_sandbox.clock import SoftClock, iso_utc, parse_utc
from syncline_sandbox.faults import SHARED_KINDS, Fault, FaultBook, FaultSpec
from syncline_sandbox.journal import Journal
from syncline_sandbox.snapshots import UnknownSnapshot

CONTROL_PREFIX = "/_control"
SEEDS = ("demo", "empty")


class ControlError(ValueError):
    """The control request cannot be carried out; the text says why."""


@dataclass(frozen=True)
class SandboxContext:
    """What the shared part hands to a vendor's sandbox."""

    data_dir: Path
    clock: SoftClock
    faults: FaultBook
    journal: Journal


class VendorSandbox(Protocol):
    """What the shared part needs from a vendor's sandbox."""

    @property
    def max_body_bytes(self) -> int:
        """Larger bodies are refused: ``request.read()`` raises ``web.HTTPRequestEntityTooLarge``."""
        ...

    @property
    def fault_kinds(self) -> frozenset[str]:
        """Fault kinds of this vendor beyond the shared ones."""
        ...

    def middlewares(self) -> list[Middleware]:
        """aiohttp new-style middlewares (``@web.middleware``), outermost first; not run for control routes.

        They also see requests for unknown routes (the handler then raises ``web.HTTPNotFound``).
        """
        ...

    def add_routes(self, app: web.Application) -> None:
        """Register the vendor's routes."""
        ...

    def add_control_routes(self, app: web.Application) -> None:
        """Register vendor-specific control routes under :data:`CONTROL_PREFIX`, if any."""
        ...

    def route_label(self, request: web.Request) -> str:
        """Label for journal and faults, ``"<METHOD> <path pattern>"``; called before the handler.

        :func:`canonical_label` suits a vendor with one aiohttp route per call. A handler may still correct it
        by setting ``request["route_label"]``; that reaches the journal only.
        """
        ...

    def fault_response(self, request: web.Request, fault: Fault) -> web.Response:
        """The vendor's own answer for a ``status``, ``rate_limit`` or ``expired_token`` fault.

        ``fault.spec.body`` (when given) and ``fault.spec.retry_after_s`` are put in by the caller.
        """
        ...

    def ssl_context(self) -> ssl.SSLContext | None:
        """Context for the TLS port, or None when this vendor serves plain http only."""
        ...

    def ready_line(self, base_url: str, tls_base_url: str | None) -> dict[str, str]:
        """What the ready line says besides ``control_url``; the addresses have no trailing slash."""
        ...

    def reset(self, seed: str) -> None:
        """Begin again with ``"demo"`` or ``"empty"``: data and settings; the rest is reset elsewhere."""
        ...

    def seed(self, body: dict[str, Any]) -> dict[str, Any]:
        """Bulk loading; raises ControlError on a bad body. The answer is the vendor's own."""
        ...

    def snapshot(self, name: str) -> None:
        """Keep data and settings under this name (``snapshots.save``)."""
        ...

    def restore(self, name: str) -> None:
        """Bring data and settings back (``snapshots.load``)."""
        ...

    def settings(self) -> dict[str, Any]:
        """All behaviour switches with their present values."""
        ...

    def change_settings(self, changes: dict[str, Any]) -> None:
        """Change some of them; raises ControlError for an unknown name or a value of the wrong type."""
        ...

    def close(self) -> None:
        """Called once, after the last request."""
        ...


def canonical_label(request: web.Request) -> str:
    """``"GET /contacts/v3/{identifier}/{value}"``; unknown paths share one label per method."""
    resource = request.match_info.route.resource
    return f"{request.method} {resource.canonical if resource is not None else '(unknown)'}"


def is_control(request: web.Request) -> bool:
    return request.path.startswith(CONTROL_PREFIX)


def add_control_routes(app: web.Application, vendor: VendorSandbox, context: SandboxContext) -> None:
    """Register the shared control routes and the vendor's own."""
    panel = _Panel(vendor, context)
    router = app.router
    router.add_post(f"{CONTROL_PREFIX}/reset", panel.reset)
    router.add_post(f"{CONTROL_PREFIX}/seed", panel.seed)
    router.add_post(f"{CONTROL_PREFIX}/snapshot", panel.snapshot)
    router.add_post(f"{CONTROL_PREFIX}/restore", panel.restore)
    router.add_get(f"{CONTROL_PREFIX}/clock", panel.get_clock)
    router.add_post(f"{CONTROL_PREFIX}/clock", panel.set_clock)
    router.add_get(f"{CONTROL_PREFIX}/faults", panel.list_faults)
    router.add_post(f"{CONTROL_PREFIX}/faults", panel.add_fault)
    router.add_delete(f"{CONTROL_PREFIX}/faults", panel.clear_faults)
    router.add_delete(CONTROL_PREFIX + "/faults/{id}", panel.remove_fault)
    router.add_get(f"{CONTROL_PREFIX}/journal", panel.get_journal)
    router.add_delete(f"{CONTROL_PREFIX}/journal", panel.clear_journal)
    router.add_get(f"{CONTROL_PREFIX}/settings", panel.get_settings)
    router.add_post(f"{CONTROL_PREFIX}/settings", panel.set_settings)
    vendor.add_control_routes(app)


def json_answer(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


async def json_body(request: web.Request) -> dict[str, Any]:
    """The control request's body as an object; nothing at all counts as an empty one."""
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ControlError(f"the body is not a JSON object: {error}") from error


@web.middleware
async def control_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what a control handler refuses into 400 with a sentence."""
    if not is_control(request):
        return await handler(request)
    try:
        return await handler(request)
    except (ControlError, UnknownSnapshot, msgspec.ValidationError) as error:
        return json_answer({"error": str(error)}, status=400)
    except web.HTTPException as error:
        return json_answer({"error": error.reason}, status=error.status)


class _Panel:
    """Handlers of the shared control routes."""

    def __init__(self, vendor: VendorSandbox, context: SandboxContext) -> None:
        self._vendor = vendor
        self._context = context

    async def reset(self, request: web.Request) -> web.Response:
        seed = (await json_body(request)).get("seed", "empty")
        if seed not in SEEDS:
            raise ControlError(f"seed is one of {', '.join(SEEDS)}, not {seed!r}")
        self._context.clock.use_real_time()
        self._context.faults.clear()
        self._vendor.reset(seed)
        self._context.journal.clear()
        return json_answer({"seed": seed})

    async def seed(self, request: web.Request) -> web.Response:
        return json_answer(self._vendor.seed(await json_body(request)))

    async def snapshot(self, request: web.Request) -> web.Response:
        name = str((await json_body(request)).get("name", ""))
        self._vendor.snapshot(name)
        return json_answer({"name": name})

    async def restore(self, request: web.Request) -> web.Response:
        name = str((await json_body(request)).get("name", ""))
        self._vendor.restore(name)
        return json_answer({"name": name})

    async def get_clock(self, request: web.Request) -> web.Response:
        clock = self._context.clock
        return json_answer({"now": iso_utc(clock.now()), "offset_s": clock.offset_s})

    async def set_clock(self, request: web.Request) -> web.Response:
        body = await json_body(request)
        clock = self._context.clock
        try:
            if body.get("real"):
                clock.use_real_time()
            elif "now" in body:
                clock.set_now(parse_utc(str(body["now"])))
            elif "advance_s" in body:
                clock.advance(float(body["advance_s"]))
            else:
                raise ControlError('give "now", "advance_s" or "real"')
        except (ValueError, TypeError) as error:
            raise ControlError(str(error)) from error
        return await self.get_clock(request)

    async def list_faults(self, request: web.Request) -> web.Response:
        return json_answer(self._context.faults.describe())

    async def add_fault(self, request: web.Request) -> web.Response:
        spec = msgspec.convert(await json_body(request), FaultSpec)
        known = SHARED_KINDS | self._vendor.fault_kinds
        if spec.kind not in known:
            raise ControlError(f"kind is one of {', '.join(sorted(known))}, not {spec.kind!r}")
        return json_answer({"id": self._context.faults.add(spec).id})

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._context.faults.clear()
        return json_answer({})

    async def remove_fault(self, request: web.Request) -> web.Response:
        text = request.match_info["id"]
        if not text.isdecimal() or not self._context.faults.remove(int(text)):
            raise ControlError(f"there is no fault {text}")
        return json_answer({})

    async def get_journal(self, request: web.Request) -> web.Response:
        last = request.query.get("log", "0")
        if not last.isdecimal():
            raise ControlError("log is a number of requests")
        # ?log=1 is the documented way to ask for the log at all, so it means "what you have".
        return json_answer(self._context.journal.report(10_000 if last == "1" else int(last)))

    async def clear_journal(self, request: web.Request) -> web.Response:
        self._context.journal.clear()
        return json_answer({})

    async def get_settings(self, request: web.Request) -> web.Response:
        return json_answer(self._vendor.settings())

    async def set_settings(self, request: web.Request) -> web.Response:
        self._vendor.change_settings(await json_body(request))
        return json_answer(self._vendor.settings())
