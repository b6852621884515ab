"""Throwing away what nobody will look at again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from engine.counting import count
from engine.processes import queue_run
from syncline.accounts.models import EmailAccount
from syncline.engine import tidy as tidying
from syncline.engine.client import engine_client, enqueue_all
from syncline.ledger.models import Batch, Outcome, Run, RunPart, RunStatus
from syncline.schedule.models import MissedSlot, SyncSchedule

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine_home")]


def ended(account: EmailAccount, days_ago: float, status: str = RunStatus.COMPLETED) -> Run:
    run = queue_run(account)
    ended_at = timezone.now() - timedelta(days=days_ago)
    Run.objects.filter(pk=run.pk).update(status=status, ended_at=ended_at)
    part = RunPart.objects.create(run=run, audit_type="MarketingListsDataOut", name="Customers")
    for number in range(7):
        count(run, number)
    Outcome.objects.filter(run=run).update(part=part)
    Batch.objects.create(account=account, run=run, kind="import", state="settled", size=7, payload=b"")
    return run


def test_runs_older_than_thirty_days_go_with_all_that_is_theirs(
    account: EmailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "ROWS_AT_A_TIME", 3)
    ended(account, 31)
    young = ended(account, 29)
    under_way = queue_run(account, "lists_out")
    assert tidying.tidy() == 1
    assert set(Run.objects.all()) == {young, under_way}
    assert Outcome.objects.count() == 7
    assert RunPart.objects.get().run == young
    assert Batch.objects.get().run == young


def test_how_long_runs_are_kept_is_a_setting(account: EmailAccount, settings: Any) -> None:
    settings.RUN_RETENTION_DAYS = 7
    ended(account, 8)
    assert tidying.tidy() == 1


def test_old_missed_slots_go_too(account: EmailAccount) -> None:
    schedule = SyncSchedule.objects.create(account=account, sync_type="labels")
    for days in (1, 40):
        due_at = timezone.now() - timedelta(days=days)
        MissedSlot.objects.create(schedule=schedule, due_at=due_at, reason="engine_down")
    tidying.tidy()
    assert MissedSlot.objects.count() == 1


def test_the_engine_forgets_what_has_ended_and_keeps_what_has_not(
    account: EmailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, waiting = queue_run(account), queue_run(account, "lists_out")
    enqueue_all([over, waiting])
    engine_client().cancel_workflow(str(over.key))
    tidying.tidy()
    assert len(engine_client().list_workflows()) == 2, "ended a moment ago"
    monkeypatch.setattr(tidying, "KEEP_ENGINE_ROWS_FOR", timedelta(seconds=-5))
    tidying.tidy()
    assert [work.workflow_id for work in engine_client().list_workflows()] == [str(waiting.key)]
