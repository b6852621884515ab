"""Labels of requests for journal and faults: the path with its keys taken out."""

from __future__ import annotations

import re
from urllib.parse import unquote

API_PREFIX = "/api/data/"
_TENANT = re.compile(r"/[^/]+(/oauth2/.*|/v2\.0/\.well-known/.*|/\.well-known/.*|/discovery/.*)")


def label_of(method: str, raw_path: str) -> str:
    """``GET /contacts({key})/parentcustomerid_account``; of the Web API without its version prefix."""
    path = raw_path.partition("?")[0]
    if path.startswith(API_PREFIX):
        rest = path[len(API_PREFIX) :].partition("/")[2]
        return f"{method} /{'/'.join(_without_keys(unquote(rest)))}"
    match = _TENANT.fullmatch(path)
    return f"{method} /{{tenant}}{match[1]}" if match else f"{method} {path}"


def _without_keys(path: str) -> list[str]:
    """Brackets with anything in them become ``({key})``; empty ones stay."""
    out: list[str] = []
    depth = 0
    name: list[str] = []
    inside = False
    for char in path:
        if char == "(":
            depth += 1
            inside = False
            if depth == 1:
                name.append("(")
                continue
        elif char == ")" and depth:
            depth -= 1
            if depth == 0:
                name.append("{key})" if inside else ")")
                continue
        elif char == "/" and depth == 0:
            out.append("".join(name))
            name = []
            continue
        if depth == 0:
            name.append(char)
        else:
            inside = True
    out.append("".join(name))
    return [segment for segment in out if segment]
