"""What a worker does with a step's answer, and with a step that fails for a reason of ours."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from django.db import connections

from engine import counting
from engine.processes import counted, queue_run, state
from syncline.accounts.models import EmailAccount
from syncline.engine.carrying import ATTEMPTS, Carrier
from syncline.engine.takeover import DEATHS_ALLOWED, note_deaths
from syncline.ledger.leases import LostLeaseError, hold, holding, is_held, take_lease
from syncline.ledger.models import Run, RunStatus
from syncline.syncs.contract import Done, More, Next

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine_home")]


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncline.engine.carrying.FIRST_WAIT_S", 0.001)


def carry(run: Run, advance: object = counting.advance) -> None:
    carrier = Carrier("me", advance, slots=1)  # type: ignore[arg-type]
    try:
        asyncio.run(carrier.carry_out(str(run.key)))
        asyncio.run(carrier._in_slot(connections.close_all))
    finally:
        carrier.finish()


def test_until_it_is_done(account: EmailAccount) -> None:
    run = queue_run(account, steps=5)
    carry(run)
    assert state(run) == RunStatus.COMPLETED
    assert counted(run) == [1, 2, 3, 4, 5]
    assert run.holder == "me"


def test_a_step_that_fails_for_a_while_is_tried_again(account: EmailAccount) -> None:
    run = queue_run(account, steps=2, fail_first=ATTEMPTS - 1)
    carry(run)
    assert state(run) == RunStatus.COMPLETED
    assert counted(run) == [1, 2]


def test_a_step_that_always_fails_ends_its_run_with_a_remedy(account: EmailAccount) -> None:
    run = queue_run(account, fail_first=ATTEMPTS)
    carry(run)
    assert state(run) == RunStatus.FAILED
    assert run.message == "Internal server error"
    assert run.remedy
    assert run.ended_at is not None


def test_a_run_that_has_ended_or_is_gone_is_let_be(account: EmailAccount) -> None:
    run = queue_run(account)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.CANCELLED)
    carry(run)
    assert state(run) == RunStatus.CANCELLED
    Run.objects.all().delete()
    carry(run)


def test_whoever_lost_the_lease_lets_go_in_silence(account: EmailAccount) -> None:
    run = queue_run(account, steps=2)

    def taken_over_meanwhile(run_key: str) -> Next:
        take_lease(run_key, "another")
        return counting.advance(run_key)

    carry(run, taken_over_meanwhile)
    assert state(run) == RunStatus.RUNNING, "the other one's to finish"
    assert counted(run) == []
    assert run.holder == "another"


def test_an_older_lease_may_not_write(account: EmailAccount) -> None:
    run = queue_run(account)
    first = take_lease(str(run.key), "a")
    second = take_lease(str(run.key), "b")
    assert first is not None
    assert second is not None
    assert not is_held(first)
    assert is_held(second)
    with holding(first), pytest.raises(LostLeaseError):
        hold()
    with holding(second):
        hold()
    hold()  # Outside of a worker nobody asks.


def test_no_edge_that_turns_errors_into_the_end_of_a_run_catches_a_lost_lease() -> None:
    assert not issubclass(LostLeaseError, Exception)


def test_told_to_stop_a_run_is_neither_stepped_nor_ended(account: EmailAccount) -> None:
    run = queue_run(account)
    steps = []
    carrier: Carrier

    def stop_after_two(run_key: str) -> Next:
        steps.append(run_key)
        if len(steps) == 2:
            carrier.stop()
        return More() if len(steps) < 9 else Done()

    carrier = Carrier("me", stop_after_two, slots=1)

    async def go() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(carrier.carry_out(str(run.key)), timeout=0.5)
        await carrier._in_slot(connections.close_all)

    asyncio.run(go())
    carrier.finish()
    assert len(steps) == 2


def test_no_more_steps_at_a_time_than_there_are_slots(account: EmailAccount) -> None:
    at_once, most = 0, 0
    lock = threading.Lock()

    def step(_run_key: str) -> Next:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once -= 1
        return Done()

    both = threading.Barrier(2)

    def close_connections() -> None:
        both.wait()  # Each of the two threads has connections of its own.
        connections.close_all()

    carrier = Carrier("me", step, slots=2)
    runs = [queue_run(account, f"type {n}") for n in range(8)]

    async def go() -> None:
        await asyncio.gather(*(carrier.carry_out(str(run.key)) for run in runs))
        await asyncio.gather(*(carrier._in_slot(close_connections) for _ in range(2)))

    asyncio.run(go())
    carrier.finish()
    assert most == 2


def test_a_run_over_which_worker_after_worker_dies_is_ended(account: EmailAccount) -> None:
    run = queue_run(account)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING)
    for _ in range(DEATHS_ALLOWED):
        note_deaths([str(run.key)])
    assert state(run) == RunStatus.RUNNING
    note_deaths([str(run.key)])
    assert state(run) == RunStatus.FAILED
    assert "died" in run.remedy


def test_a_step_that_is_through_forgives_the_deaths_before(account: EmailAccount) -> None:
    run = queue_run(account)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, deaths=DEATHS_ALLOWED)
    carry(run)
    assert state(run) == RunStatus.COMPLETED
    assert run.deaths == 0
