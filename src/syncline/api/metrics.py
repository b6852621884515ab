"""Numbers for Prometheus: how the installation does as a whole, and nothing about anybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import CollectorRegistry

from syncline.accounts.rights import Right
from syncline.api.errors import answers
from syncline.api.guard import needs
from syncline.api.measured import Measured

router = Router(tags=["Watching"])


@router.get(
    "/metrics",
    auth=needs(Right.WATCH),
    response=answers(None),
    openapi_extra={"responses": {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}},
)
def read_metrics(request: HttpRequest) -> HttpResponse:
    """Numbers for Prometheus, in its text format: workers, queue, runs, records, held records, calls."""
    # A registry of its own for each call: what is told comes from the database, so that it is the same
    # whichever of several web processes answers.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Measured())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
