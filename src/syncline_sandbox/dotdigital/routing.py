"""How calls are declared, and how their parameters are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import V2Error, V3Error, bad_request
from syncline_sandbox.dotdigital.happenings import Happenings
from syncline_sandbox.dotdigital.jobs import Jobs
from syncline_sandbox.dotdigital.moments import read_iso, read_v3_filter
from syncline_sandbox.dotdigital.rates import RateLimits, Tier
from syncline_sandbox.dotdigital.vocabulary import (
    V2_DEFAULT_SELECT,
    V2_MAX_SELECT,
    V3_DEFAULT_LIMIT,
    V3_MAX_LIMIT,
)


class Services(NamedTuple):
    """What handlers work with."""

    account: Account
    jobs: Jobs
    happenings: Happenings
    rates: RateLimits
    address: Callable[[], str]


class Route(NamedTuple):
    """One call: method, path pattern, rate tier and handler."""

    method: str
    path: str
    tier: Tier
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"


def v2_page(request: web.Request, maximum: int = V2_MAX_SELECT) -> tuple[int, int]:
    """(select, skip) of a v2 list. Raises ERROR_PARAMETER_INVALID."""
    select = _v2_number(request, "select", min(V2_DEFAULT_SELECT, maximum))
    skip = _v2_number(request, "skip", 0)
    if not 1 <= select <= maximum:
        raise V2Error("ERROR_PARAMETER_INVALID")
    return select, skip


def v2_flag(request: web.Request, name: str) -> bool:
    text = _v2_query(request, name)
    if text is None or text.lower() in ("", "false", "0"):
        return False
    if text.lower() in ("true", "1"):
        return True
    raise V2Error("ERROR_PARAMETER_INVALID")


def v2_optional_flag(request: web.Request, name: str) -> bool | None:
    """None where it is left out."""
    return None if _v2_query(request, name) is None else v2_flag(request, name)


def v2_number(request: web.Request, name: str, default: int) -> int:
    return _v2_number(request, name, default)


def v2_words(request: web.Request, name: str) -> list[str]:
    """The values of an array parameter, which is repeated or comma-separated."""
    values = [value for key, value in request.query.items() if key.lower() == name.lower()]
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def v2_moment(request: web.Request, name: str) -> int | None:
    """Milliseconds of a date in the query, None without one. Raises ERROR_PARAMETER_INVALID."""
    text = _v2_query(request, name)
    if not text:
        return None
    try:
        return read_iso(text)
    except (ValueError, OverflowError) as error:
        raise V2Error("ERROR_PARAMETER_INVALID") from error


def v2_since(request: web.Request, name: str = "date") -> int:
    """Milliseconds of the date in the path. Raises ERROR_PARAMETER_INVALID."""
    try:
        return read_iso(request.match_info[name])
    except (ValueError, OverflowError) as error:
        raise V2Error("ERROR_PARAMETER_INVALID") from error


def v2_id(request: web.Request, name: str, not_found: str) -> int:
    """A number from the path; anything else cannot be found."""
    text = request.match_info[name]
    if not (text.isascii() and text.isdecimal()) or int(text) >= 2**63:
        raise V2Error(not_found)
    return int(text)


def _v2_query(request: web.Request, name: str) -> str | None:
    """Query names are matched without case, as the vendor's server does."""
    for key, value in request.query.items():
        if key.lower() == name.lower():
            return value
    return None


def _v2_number(request: web.Request, name: str, default: int) -> int:
    text = _v2_query(request, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()):
        raise V2Error("ERROR_PARAMETER_INVALID")
    return int(text)


def v3_limit(request: web.Request) -> int:
    text = request.query.get("limit")
    if text is None:
        return V3_DEFAULT_LIMIT
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= V3_MAX_LIMIT:
        raise bad_request(f"The limit must be a number from 1 to {V3_MAX_LIMIT}", "limit")
    return int(text)


def v3_since(request: web.Request, name: str) -> int:
    """Milliseconds of a filter in the query. Raises invalidFilter."""
    text = request.query[name]
    try:
        return read_v3_filter(text)
    except (ValueError, OverflowError) as error:
        raise V3Error("contacts:invalidFilter", f"The filter value '{text}' is invalid") from error


def v3_piped(request: web.Request, name: str) -> list[str]:
    """An array parameter: pipe-delimited, and given once or several times."""
    return [
        part.strip() for text in request.query.getall(name, []) for part in text.split("|") if part.strip()
    ]


async def v2_body(request: web.Request) -> Any:
    """The JSON body with all property names in lower case. Raises ERROR_MALFORMED_REQUEST."""
    raw = await request.read()
    kind = request.content_type
    if raw and kind not in ("application/json", "text/json", "application/octet-stream", "text/plain"):
        raise V2Error("ERROR_CONTENT_TYPE_IS_NOT_SUPPORTED")
    try:
        return lowered(msgspec.json.decode(raw))
    except msgspec.DecodeError as error:
        raise V2Error("ERROR_MALFORMED_REQUEST") from error


async def v2_object(request: web.Request) -> dict[str, Any]:
    body = await v2_body(request)
    if not isinstance(body, dict):
        raise V2Error("ERROR_MALFORMED_REQUEST")
    return body


def lowered(value: Any) -> Any:
    """The same JSON with property names in lower case at every level."""
    if isinstance(value, dict):
        return {key.lower(): lowered(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [lowered(inner) for inner in value]
    return value
