"""The API put together: every operation, its guard, and the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.operation import Operation

from syncline import __version__
from syncline.accounts.rights import API, Right
from syncline.api import (
    accounts,
    admin_log,
    campaigns,
    consent_history,
    explaining,
    forms,
    held,
    insight_tables,
    marketing_lists,
    metrics,
    plans,
    record_links,
    records,
    repairs,
    runs,
    starting,
    suppressions,
)
from syncline.api.errors import tell_errors
from syncline.api.guard import REFUSE_ALL, needs

ABOUT: Final = """Keeps Microsoft Dynamics 365 and Dotdigital in step.

Every call carries a token of the operator: `Authorization: Bearer sl_…`. What it may do is its role's.
Every refusal has one shape: `{"error": {"code", "message", "remedy"}}`.
Lists come in pages: `{"items": […], "next": "…"}`; give `next` as `after` for the page that follows.
Times are ISO 8601, in UTC."""


class Api(NinjaAPI):
    """The API, whose operations go by the names of their functions."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="Syncline",
    version=__version__,
    description=ABOUT,
    urls_namespace=API,
    auth=REFUSE_ALL,
    # The document is an operation like any other, with a right of its own; a page of documentation would want
    # scripts from elsewhere, which the console's content security policy forbids.
    openapi_url=None,
    docs_url=None,
)
tell_errors(api)
for room in (
    admin_log,
    metrics,
    accounts,
    marketing_lists,
    starting,
    runs,
    records,
    plans,
    repairs,
    held,
    explaining,
    consent_history,
    suppressions,
    campaigns,
    insight_tables,
    forms,
    record_links,
):
    api.add_router("", room.router)


@api.get("/openapi.json", auth=needs(Right.SEE), include_in_schema=False)
def openapi_document(request: HttpRequest) -> dict[str, Any]:
    """What this API can do, for programs."""
    return dict(api.get_openapi_schema())
