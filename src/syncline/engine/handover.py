"""Looking over the queue: every run that is under way must be known to the engine.

A run is stored first and handed to the engine after; a process may die in between, and the engine's database
may be restored from an older copy or lost. Our tables are right, and the engine is brought in line with them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from django.utils import timezone

from syncline.engine.client import AT_A_TIME, engine_client, enqueue_all, forget
from syncline.engine.takeover import put_back
from syncline.ledger.models import UNDER_WAY, Run

log = structlog.get_logger()

ON_ITS_WAY: Final = {"ENQUEUED", "DELAYED", "PENDING"}


def hand_over_forgotten_runs(older_than: timedelta) -> int:
    """Gives the number of runs that the engine did not know, or thought ended."""
    runs = Run.objects.filter(status__in=UNDER_WAY, queued_at__lt=timezone.now() - older_than).order_by("id")
    runs = runs.only("id", "key", "account_id", "lane", "sync_type")
    last_id, total = 0, 0
    while batch := list(runs.filter(id__gt=last_id)[:AT_A_TIME]):
        total += _hand_over(batch)
        last_id = batch[-1].pk
    if total:
        log.warning("Handed forgotten runs to the engine", action="runs_handed_over", runs=total)
    return total


def _hand_over(runs: list[Run]) -> int:
    known = engine_client().list_workflows(
        workflow_ids=[str(run.key) for run in runs], load_input=False, load_output=False
    )
    states = {work.workflow_id: work.status for work in known}
    cancelled = [key for key, state in states.items() if state == "CANCELLED"]
    put_back(cancelled)
    forget(key for key, state in states.items() if state not in ON_ITS_WAY and state != "CANCELLED")
    missing = [run for run in runs if states.get(str(run.key)) not in ON_ITS_WAY | {"CANCELLED"}]
    enqueue_all(missing)
    return len(cancelled) + len(missing)
