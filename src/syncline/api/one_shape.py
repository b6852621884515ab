"""Refusals that come from outside an operation (no such address, a wrong method, a fault of ours) get the
API's shape too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse

from syncline.api.errors import Problem

ROOT: Final = "/api/"
JSON: Final = "application/json"

_PROBLEMS: Final = {
    HTTPStatus.NOT_FOUND: Problem(
        code="no_such_address",
        message="The API has nothing at this address.",
        remedy="/api/v1/openapi.json lists all addresses.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: Problem(
        code="method_not_allowed",
        message="This address does not answer that method.",
        remedy="The header Allow names those that it answers.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: Problem(
        code="internal_error",
        message="Internal server error",
        remedy="Try again; if it stays so, ask whoever runs this installation to look at its log.",
    ),
}
_BAD_REQUEST: Final = Problem(
    code="bad_request", message="The request cannot be understood.", remedy="Check its address and headers."
)


class OneShapeMiddleware:
    """Goes around everything else that may refuse a call."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST or not request.path_info.startswith(ROOT):
            return response
        if not response.headers.get("Content-Type", "").startswith(JSON):
            _reshape(response)
        return response


def _reshape(response: HttpResponse) -> None:
    """Replaces the body only: `Allow` and the headers that keep us safe stay."""
    problem = _PROBLEMS.get(HTTPStatus(response.status_code), _BAD_REQUEST)
    response.content = json.dumps({"error": problem.dict()}).encode()
    response.headers["Content-Type"] = JSON
    response.headers["Content-Length"] = str(len(response.content))
