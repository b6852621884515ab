"""Looking at runs and their parts, and cancelling one."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from syncline.accounts.rights import Right
from syncline.api.errors import ApiError, answers
from syncline.api.finding import account_of, right_to_run_key, run_of
from syncline.api.guard import ApiRequest, actor_of, needs
from syncline.api.moments import Moment
from syncline.api.paging import CODE, Page, Paging, page
from syncline.api.run_facts import PartFacts, RunFacts, accepted, part_facts, run_facts
from syncline.engine import client as engine
from syncline.ledger.models import Purpose, RunStatus
from syncline.ledger.run_search import RunFilter, find_runs

router = Router(tags=["Runs"])


class RunSearch(Paging):
    """Which runs; what is not given limits nothing."""

    sync_type: str = Field("", max_length=20, pattern=CODE)
    status: RunStatus | None = None
    purpose: Purpose | None = None
    started_from: Moment | None = None
    started_before: Moment | None = Field(
        None, description="A run that has not started counts by when it was asked for."
    )

    @property
    def filter(self) -> RunFilter:
        return RunFilter(
            sync_type=self.sync_type,
            status=self.status or "",
            purpose=self.purpose or "",
            started_from=self.started_from,
            started_before=self.started_before,
        )


@router.get(
    "/accounts/{int:account_id}/runs",
    auth=needs(Right.SEE),
    response=answers(Page[RunFacts], refusals=(422,)),
)
def list_runs(request: HttpRequest, account_id: int, search: Query[RunSearch]) -> dict[str, object]:
    """The account's runs that are kept, the newest first; plans are among them."""
    found = find_runs(account_of(account_id), search.filter)
    if search.start:
        found = found.filter(pk__lt=search.start)
    return page(found[: search.limit + 1], search.limit, run_facts)


@router.get("/runs/{uuid:run_key}", auth=needs(Right.SEE), response=answers(RunFacts))
def get_run(request: HttpRequest, run_key: UUID) -> RunFacts:
    """One run, as it stands at this moment."""
    return run_facts(run_of(run_key))


@router.get(
    "/runs/{uuid:run_key}/parts", auth=needs(Right.SEE), response=answers(Page[PartFacts], refusals=(422,))
)
def list_parts(request: HttpRequest, run_key: UUID, paging: Query[Paging]) -> dict[str, object]:
    """The lists within a run, with what became of each."""
    parts = run_of(run_key).parts.filter(pk__gt=paging.start).order_by("pk")
    return page(parts[: paging.limit + 1], paging.limit, part_facts)


@router.post(
    "/runs/{uuid:run_key}/cancel",
    auth=needs(right_to_run_key),
    response=answers(RunFacts, status=HTTPStatus.ACCEPTED, refusals=(409,)),
)
def cancel_run(request: ApiRequest, run_key: UUID) -> Status[RunFacts]:
    """Take a waiting run off the queue, or stop a running one at its next safe point.

    What has been delivered stays delivered.
    """
    run = run_of(run_key)
    with transaction.atomic():
        stopped = engine.cancel(run, by=actor_of(request).name)
    if not stopped:
        raise ApiError(HTTPStatus.CONFLICT, "run_ended", f"Run {run.pk} had ended already.")
    return accepted(run_of(run_key))
