"""Every run that is under way is known to the engine, whatever became of it there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from whenever import Instant

from engine.processes import queue_run
from syncline.accounts.models import EmailAccount
from syncline.engine.client import engine_client, enqueue_all
from syncline.engine.handover import hand_over_forgotten_runs
from syncline.engine.tick import tick
from syncline.ledger.models import Run, RunStatus
from syncline.schedule.models import SyncSchedule

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine_home")]

TEN = Instant.from_utc(2026, 6, 3, 10)
AT_ONCE = timedelta(0)


def known_to_the_engine() -> set[str]:
    return {work.workflow_id for work in engine_client().list_workflows(status="ENQUEUED")}


def test_a_worker_that_died_before_the_hand_over_leaves_the_run_behind(
    account: EmailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_runs: list[Run]) -> None:
        raise SystemExit

    SyncSchedule.objects.create(
        account=account, sync_type="labels", interval="1h", next_due_at=TEN.to_stdlib()
    )
    monkeypatch.setattr("syncline.engine.tick.enqueue_all", die)
    with pytest.raises(SystemExit):
        tick(TEN, {"labels": "people"})
    run = Run.objects.get()
    assert known_to_the_engine() == set()
    assert hand_over_forgotten_runs(timedelta(hours=1)) == 0, "too young to be forgotten"
    assert hand_over_forgotten_runs(timedelta(0)) == 1
    assert known_to_the_engine() == {str(run.key)}
    assert hand_over_forgotten_runs(timedelta(0)) == 0


def test_a_run_that_the_engine_thinks_cancelled_is_queued_again(account: EmailAccount) -> None:
    run = queue_run(account)
    enqueue_all([run])
    engine_client().cancel_workflow(str(run.key))
    assert hand_over_forgotten_runs(AT_ONCE) == 1
    (work,) = engine_client().list_workflows(status="ENQUEUED")
    assert (work.workflow_id, work.queue_name) == (str(run.key), "runs")
    assert work.queue_partition_key == f"{account.pk}:people"


def test_runs_that_have_ended_are_let_be(account: EmailAccount) -> None:
    run = queue_run(account)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.COMPLETED)
    assert hand_over_forgotten_runs(AT_ONCE) == 0
    assert known_to_the_engine() == set()


def test_more_than_fit_into_one_look(account: EmailAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncline.engine.handover.AT_A_TIME", 3)
    runs = [queue_run(account, f"type {number}") for number in range(8)]
    enqueue_all(runs[:2])
    assert hand_over_forgotten_runs(AT_ONCE) == 6
    assert known_to_the_engine() == {str(run.key) for run in runs}
