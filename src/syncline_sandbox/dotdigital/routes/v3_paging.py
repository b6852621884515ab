"""Pages of v3: opaque markers, and links to this page, the first and the next."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import quote, urlencode

from aiohttp import web

from syncline_sandbox.dotdigital.errors import bad_request


def marker_of(request: web.Request) -> int:
    """After which row the page begins. Raises badRequest for a marker that is none."""
    marker = request.query.get("marker")
    return 0 if marker is None else _read(marker)


def links(request: web.Request, next_after: int | None) -> dict[str, dict[str, str]]:
    """The page's links; ``next_after`` is the last row of the page, None where nothing follows."""
    first = _marker(0)
    told = {"self": _link(request, request.query.get("marker") or first), "first": _link(request, first)}
    if next_after is not None:
        told["next"] = _link(request, _marker(next_after))
    return told


def _marker(after_id: int) -> str:
    return base64.urlsafe_b64encode(f"after:{after_id}".encode()).decode().rstrip("=")


def _read(marker: str) -> int:
    try:
        text = base64.urlsafe_b64decode(marker + "=" * (-len(marker) % 4)).decode()
        kind, _, number = text.partition(":")
        if kind != "after":
            raise ValueError(text)
        return int(number)
    except (binascii.Error, ValueError) as error:
        raise bad_request("The marker is not one of this call", "marker") from error


def _link(request: web.Request, marker: str) -> dict[str, str]:
    query = [(key, value) for key, value in request.query.items() if key != "marker"]
    text = urlencode([*query, ("marker", marker)], quote_via=quote, safe="~:")
    return {"marker": marker, "link": f"{request.url.origin()}{request.path}?{text}"}
