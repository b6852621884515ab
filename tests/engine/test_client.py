"""What the console and the command line ask of the engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connections, transaction

from syncline.accounts.models import EmailAccount
from syncline.engine import client
from syncline.engine.client import engine_client, start_run
from syncline.ledger.models import Run, RunStatus, Trigger

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine_home")]


def queued() -> list[str]:
    return [work.workflow_id for work in engine_client().list_workflows(status="ENQUEUED")]


def test_sync_now_pressed_twice_makes_one_run(account: EmailAccount) -> None:
    first = start_run(account, "labels", "amy")
    assert start_run(account, "labels", "bob") == first
    assert (first.trigger, first.requested_by, first.lane) == (Trigger.MANUAL, "amy", "people")
    assert queued() == [str(first.key)]


def test_sync_now_during_a_run_makes_one_that_waits(account: EmailAccount) -> None:
    running = start_run(account, "labels", "amy")
    Run.objects.filter(pk=running.pk).update(status=RunStatus.RUNNING)
    waiting = start_run(account, "labels", "amy")
    assert waiting != running
    assert start_run(account, "labels", "amy") == waiting


def test_sync_now_pressed_by_many_at_the_same_moment_makes_one_run(account: EmailAccount) -> None:
    ready = threading.Barrier(6)
    made: list[Run] = []

    def press() -> None:
        ready.wait()
        made.append(start_run(account, "lists_out", "amy"))
        connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len({run.pk for run in made}) == 1
    assert len(queued()) == 1


def test_a_sync_type_that_does_not_exist(account: EmailAccount) -> None:
    with pytest.raises(KeyError):
        start_run(account, "hovercraft", "amy")


def test_the_engine_hears_of_a_run_only_once_it_is_stored(account: EmailAccount) -> None:
    with transaction.atomic():
        run = start_run(account, "labels", "amy")
        assert queued() == []
    assert queued() == [str(run.key)]


def test_a_run_is_stored_even_while_the_engines_database_is_away(
    account: EmailAccount, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def is_away(_runs: list[Run]) -> None:
        raise OSError("the engine's database is away")

    monkeypatch.setattr(client, "enqueue_all", is_away)
    with transaction.atomic():
        run = start_run(account, "labels", "amy")
    assert Run.objects.get() == run


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    connections.close_all()
