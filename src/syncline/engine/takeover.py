"""Taking over from workers that are gone.

The engine leaves the work of a dead worker where it is and keeps that account's lane shut. So whoever has the
duty looks for work held by workers that give no sign of life, and puts it back into the same queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import structlog
from django.db.models import F
from django.utils import timezone

from syncline.engine.client import QUEUE, engine_client
from syncline.engine.heartbeat import dead_workers
from syncline.engine.models import Worker
from syncline.ledger.models import UNDER_WAY, Run, RunStatus

log = structlog.get_logger()

DEATHS_ALLOWED: Final = 5
"""A run over which more workers than that died in a row, without one step done, is what kills them."""


def take_over(dead_after: timedelta) -> int:
    """Put the work of dead workers back into the queue. Gives the number of runs."""
    dead = dead_workers(dead_after)
    alive = set(Worker.objects.exclude(executor_id__in=dead).values_list("executor_id", flat=True))
    held = engine_client().list_workflows(
        status="PENDING", queue_name=QUEUE, load_input=False, load_output=False
    )
    orphans = [work for work in held if work.executor_id not in alive]
    keys = [work.workflow_id for work in orphans]
    if keys:
        note_deaths(keys)
        put_back(keys)
        log.warning(
            "Took over runs",
            action="runs_taken_over",
            runs=len(keys),
            workers=sorted({str(work.executor_id) for work in orphans}),
        )
    Worker.objects.filter(executor_id__in=dead).delete()
    return len(keys)


def give_back(executor_id: str) -> None:
    """Put back what this worker, which is about to end, still holds, so that nobody has to wait for its
    death."""
    held = engine_client().list_workflows(
        status="PENDING", queue_name=QUEUE, executor_id=executor_id, load_input=False, load_output=False
    )
    put_back([work.workflow_id for work in held])


def put_back(run_keys: list[str]) -> None:
    """Into the same queue, where a free worker claims them. Their lane comes along."""
    if run_keys:
        engine_client().resume_workflows(run_keys, queue_name=QUEUE)


def note_deaths(run_keys: Iterable[str]) -> None:
    """Count a worker's death against its running runs, and end those that keep killing workers."""
    runs = Run.objects.filter(key__in=list(run_keys))
    runs.filter(status=RunStatus.RUNNING).update(deaths=F("deaths") + 1)
    runs.filter(status__in=UNDER_WAY, deaths__gt=DEATHS_ALLOWED).update(
        status=RunStatus.FAILED,
        ended_at=timezone.now(),
        lease=F("lease") + 1,
        message_code="internal",
        message="Internal server error",
        remedy=f"{DEATHS_ALLOWED + 1} workers in a row died over this run (out of memory, perhaps). "
        "Look at the machine's log, then start the sync again.",
    )
