"""From schedules that are due to runs in the queue."""

from __future__ import annotations

import threading

import pytest
from django.db import connections
from whenever import Instant, PlainDateTime

from engine.processes import make_account
from syncline.accounts.models import EmailAccount
from syncline.engine.client import engine_client, enqueue_all
from syncline.engine.tick import tick
from syncline.ledger.models import Run, RunStatus, Trigger
from syncline.schedule.gaps import Missed
from syncline.schedule.models import MissedSlot, SyncSchedule
from syncline.schedule.rows import to_instant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine_home")]

LANES = {"labels": "people", "lists_out": "people", "crm_metadata": "rows"}


def london(text: str) -> Instant:
    return PlainDateTime.parse_iso(text).assume_tz("Europe/London", disambiguation="raise").to_instant()


TEN = london("2026-06-03T10:00")


def due(
    account: EmailAccount, sync_type: str = "labels", at: Instant = TEN, interval: str = "1h"
) -> SyncSchedule:
    return SyncSchedule.objects.create(
        account=account, sync_type=sync_type, interval=interval, next_due_at=at.to_stdlib()
    )


def next_due(schedule: SyncSchedule) -> Instant | None:
    schedule.refresh_from_db()
    return schedule.next_due_at and to_instant(schedule.next_due_at)


def missed(schedule: SyncSchedule) -> list[tuple[Instant, str]]:
    return [(to_instant(row.due_at), row.reason) for row in schedule.missed.order_by("due_at")]


def known_to_the_engine() -> set[str]:
    return {work.workflow_id for work in engine_client().list_workflows(status="ENQUEUED")}


def test_a_due_schedule_starts_a_run_and_moves_on(account: EmailAccount) -> None:
    schedule = due(account)
    assert tick(TEN.add(seconds=1), LANES) == 1
    run = Run.objects.get()
    assert (run.account, run.sync_type, run.lane) == (account, "labels", "people")
    assert (run.status, run.trigger) == (RunStatus.QUEUED, Trigger.SCHEDULED)
    assert run.due_at == TEN.to_stdlib()
    assert next_due(schedule) == TEN.add(hours=1)
    assert known_to_the_engine() == {str(run.key)}
    assert tick(TEN.add(seconds=3), LANES) == 0


def test_nothing_happens_before_its_time(account: EmailAccount) -> None:
    schedule = due(account)
    assert tick(TEN.subtract(seconds=1), LANES) == 0
    assert next_due(schedule) == TEN
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("status", "reason"),
    [(RunStatus.QUEUED, Missed.STILL_WAITING), (RunStatus.RUNNING, Missed.STILL_RUNNING)],
)
def test_a_slot_whose_predecessor_is_under_way_is_missed(
    account: EmailAccount, status: str, reason: str
) -> None:
    schedule = due(account)
    Run.objects.create(
        account=account, sync_type="labels", lane="people", trigger=Trigger.MANUAL, status=status
    )
    assert tick(TEN, LANES) == 0
    assert missed(schedule) == [(TEN, reason)]
    assert next_due(schedule) == TEN.add(hours=1)


def test_one_types_run_does_not_hold_up_another_type(account: EmailAccount) -> None:
    due(account, "lists_out")
    Run.objects.create(
        account=account, sync_type="labels", lane="people", trigger=Trigger.MANUAL, status=RunStatus.RUNNING
    )
    assert tick(TEN, LANES) == 1


def test_a_disabled_account_misses_its_slots(account: EmailAccount) -> None:
    account.disabled = True
    account.save()
    schedule = due(account)
    assert tick(TEN, LANES) == 0
    assert missed(schedule) == [(TEN, Missed.ACCOUNT_DISABLED)]


def test_after_a_night_without_a_worker_one_run_makes_up_for_it(account: EmailAccount) -> None:
    schedule = due(account)
    assert tick(TEN.add(hours=2, minutes=10), LANES) == 1
    assert Run.objects.get().due_at == TEN.add(hours=2).to_stdlib()
    assert missed(schedule) == [(TEN, Missed.ENGINE_DOWN), (TEN.add(hours=1), Missed.ENGINE_DOWN)]


def test_a_sync_type_that_does_not_exist_yet_is_left_alone(account: EmailAccount) -> None:
    schedule = due(account, "hovercraft")
    assert tick(TEN, LANES) == 0
    assert next_due(schedule) == TEN


def test_a_row_that_makes_no_rule_rests_and_holds_up_nobody(account: EmailAccount) -> None:
    broken = due(account, interval="full moon")
    fine = due(account, "lists_out")
    assert tick(TEN, LANES) == 1
    assert next_due(broken) is None
    assert next_due(fine) == TEN.add(hours=1)


def test_more_than_fits_into_one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncline.engine.tick.AT_A_TIME", 4)
    monkeypatch.setattr("syncline.engine.client.AT_A_TIME", 3)
    for number in range(10):
        due(make_account(f"Account {number}"))
    assert tick(TEN, LANES) == 10
    assert len(known_to_the_engine()) == Run.objects.count() == 10


def test_ticks_that_meet_start_each_run_once() -> None:
    for number in range(30):
        account = make_account(f"Account {number}")
        for sync_type in LANES:
            due(account, sync_type)
    ready = threading.Barrier(3)

    def one_of_three() -> None:
        ready.wait()
        tick(TEN, LANES)
        connections.close_all()

    threads = [threading.Thread(target=one_of_three) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Run.objects.count() == 90
    assert len(known_to_the_engine()) == 90
    assert not MissedSlot.objects.exists()


def test_the_engine_keeps_one_lane_of_an_account_apart_from_the_others(account: EmailAccount) -> None:
    runs = [
        Run.objects.create(account=account, sync_type=sync_type, lane=lane, trigger=Trigger.MANUAL)
        for sync_type, lane in LANES.items()
    ]
    enqueue_all(runs)
    works = {work.workflow_id: work for work in engine_client().list_workflows()}
    lanes = {run.sync_type: works[str(run.key)].queue_partition_key for run in runs}
    assert lanes["labels"] == lanes["lists_out"] != lanes["crm_metadata"]
