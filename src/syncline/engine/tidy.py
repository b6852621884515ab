"""Throwing away what nobody will look at again."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils import timezone

from syncline.engine.client import engine_client
from syncline.ledger.models import UNDER_WAY, Batch, Outcome, Run
from syncline.schedule.models import MissedSlot

KEEP_ENGINE_ROWS_FOR: Final = timedelta(hours=1)
"""The engine's record of a run that has ended; what a person wants to know of it is in our tables."""
ROWS_AT_A_TIME: Final = 5000
"""Short transactions, so that nobody waits while a run of a million records goes."""


def retention() -> timedelta:
    """How long the Sync Audit goes back."""
    return timedelta(days=settings.RUN_RETENTION_DAYS)


def tidy() -> int:
    """Delete runs older than the retention, with their records. Gives their number."""
    cutoff = timezone.now() - retention()
    old = Run.objects.filter(ended_at__lt=cutoff).exclude(status__in=UNDER_WAY)
    deleted = 0
    while keys := list(old.values_list("pk", flat=True)[:100]):
        _delete_piecemeal(Outcome.objects.filter(run__in=keys))
        _delete_piecemeal(Batch.objects.filter(run__in=keys))
        Run.objects.filter(pk__in=keys).delete()
        deleted += len(keys)
    _delete_piecemeal(MissedSlot.objects.filter(due_at__lt=cutoff))
    _tidy_engine()
    return deleted


def _delete_piecemeal(rows: QuerySet[Model]) -> None:
    while keys := list(rows.order_by().values_list("pk", flat=True)[:ROWS_AT_A_TIME]):
        rows.model._default_manager.filter(pk__in=keys).delete()


def _tidy_engine() -> None:
    client = engine_client()
    before = (timezone.now() - KEEP_ENGINE_ROWS_FOR).isoformat()
    while ended := client.list_workflows(
        completed_before=before, limit=1000, load_input=False, load_output=False
    ):
        client.delete_workflows([work.workflow_id for work in ended])
