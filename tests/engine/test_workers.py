"""Real workers in real processes: killed, paused, told to stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.processes import WorkerProcess, counted, make_account, queue_run, state, wait_until
from syncline.accounts.models import EmailAccount
from syncline.engine.client import cancel, engine_client, enqueue_all
from syncline.engine.heartbeat import is_any_worker_alive
from syncline.engine.models import Worker
from syncline.ledger.models import Run, RunStatus

pytestmark = pytest.mark.django_db(transaction=True)

StartWorker = Callable[..., WorkerProcess]


def no_clashes(home: Path) -> bool:
    return not (home / "clashes").exists()


def test_a_queued_run_is_carried_out(account: EmailAccount, start_worker: StartWorker) -> None:
    run = queue_run(account, steps=3)
    enqueue_all([run])
    assert not is_any_worker_alive()
    start_worker()
    wait_until(lambda: state(run) == RunStatus.COMPLETED)
    assert counted(run) == [1, 2, 3]
    assert is_any_worker_alive()


def test_handing_a_run_over_twice_carries_it_out_once(
    account: EmailAccount, start_worker: StartWorker
) -> None:
    run = queue_run(account, steps=3)
    enqueue_all([run])
    enqueue_all([run])
    start_worker()
    wait_until(lambda: state(run) == RunStatus.COMPLETED)
    enqueue_all([run])
    other = queue_run(account, steps=1)
    enqueue_all([other])
    wait_until(lambda: state(other) == RunStatus.COMPLETED)
    assert counted(run) == [1, 2, 3]


def test_killed_in_the_middle_another_worker_finishes(
    account: EmailAccount, start_worker: StartWorker, engine_home: Path
) -> None:
    run = queue_run(account, steps=40, step_s=0.03)
    waiting = queue_run(account, sync_type="lists_out", steps=2)
    enqueue_all([run, waiting])
    first = start_worker()
    wait_until(lambda: len(counted(run)) >= 5)
    first.kill()
    at_death = len(counted(run))
    assert at_death < 40
    start_worker()
    wait_until(lambda: state(run) == RunStatus.COMPLETED)
    assert counted(run) == list(range(1, 41)), "nothing lost, nothing doubled"
    wait_until(lambda: state(waiting) == RunStatus.COMPLETED)
    assert no_clashes(engine_home)
    assert Worker.objects.count() == 1, "the dead worker is forgotten"


def test_killed_between_its_last_step_and_its_end_a_run_only_ends(
    account: EmailAccount, start_worker: StartWorker
) -> None:
    run = queue_run(account, steps=3, done=3)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, started_at=run.queued_at)
    enqueue_all([run])
    start_worker()
    wait_until(lambda: state(run) == RunStatus.COMPLETED)
    assert counted(run) == []


def test_a_paused_worker_that_comes_back_writes_nothing(
    account: EmailAccount, start_worker: StartWorker
) -> None:
    run = queue_run(account, steps=30, step_s=0.1)
    enqueue_all([run])
    sleeper = start_worker(dead_after_s=2)
    wait_until(lambda: len(counted(run)) >= 3)
    sleeper.pause()
    holder = Run.objects.get(pk=run.pk).holder
    start_worker(dead_after_s=2)
    wait_until(lambda: Run.objects.get(pk=run.pk).holder != holder)
    taken_at = len(counted(run))
    wait_until(lambda: len(counted(run)) > taken_at)
    sleeper.go_on()
    wait_until(lambda: state(run) == RunStatus.COMPLETED)
    assert counted(run) == list(range(1, 31))
    assert run.holder != holder
    later = queue_run(account, steps=1)
    enqueue_all([later])
    wait_until(lambda: state(later) == RunStatus.COMPLETED)
    wait_until(lambda: Worker.objects.count() == 2)


def test_told_to_stop_a_worker_finishes_its_step_and_gives_the_rest_back(
    account: EmailAccount, start_worker: StartWorker
) -> None:
    run = queue_run(account, steps=20, step_s=0.2)
    enqueue_all([run])
    first = start_worker()
    wait_until(lambda: len(counted(run)) >= 2)
    assert first.stop() == 0
    done = counted(run)
    assert done == list(range(1, len(done) + 1))
    assert state(run) == RunStatus.RUNNING
    assert not Worker.objects.exists()
    assert engine_client().list_workflows(status="ENQUEUED")[0].workflow_id == str(run.key)
    start_worker()
    wait_until(lambda: state(run) == RunStatus.COMPLETED)
    assert counted(run) == list(range(1, 21))


def test_many_accounts_on_two_workers_of_which_one_dies(start_worker: StartWorker, engine_home: Path) -> None:
    runs = []
    for number in range(8):
        account = make_account(f"Account {number}")
        runs += [
            queue_run(account, "labels", steps=10, step_s=0.01),
            queue_run(account, "lists_out", steps=10, step_s=0.01),
            queue_run(account, "crm_metadata", "rows", steps=10, wait_s=0.05),
        ]
    enqueue_all(runs)
    doomed, _ = start_worker(), start_worker()
    wait_until(lambda: Run.objects.filter(status=RunStatus.COMPLETED).count() >= 4)
    doomed.kill()
    wait_until(lambda: Run.objects.filter(status=RunStatus.COMPLETED).count() == len(runs))
    assert all(counted(run) == list(range(1, 11)) for run in runs)
    assert no_clashes(engine_home), (engine_home / "clashes").read_text()


def test_labels_go_before_lists_where_both_wait(account: EmailAccount, start_worker: StartWorker) -> None:
    lists, labels = queue_run(account, "lists_out"), queue_run(account, "labels")
    enqueue_all([lists, labels])
    start_worker()
    wait_until(lambda: state(lists) == state(labels) == RunStatus.COMPLETED)
    assert labels.started_at is not None
    assert lists.started_at is not None
    assert labels.started_at < lists.started_at


def test_a_waiting_run_is_cancelled_at_once(account: EmailAccount, start_worker: StartWorker) -> None:
    run = queue_run(account)
    enqueue_all([run])
    assert cancel(run, "amy")
    assert state(run) == RunStatus.CANCELLED
    assert not cancel(run, "amy")
    other = queue_run(account)
    enqueue_all([other])
    start_worker()
    wait_until(lambda: state(other) == RunStatus.COMPLETED)
    assert counted(run) == []


def test_a_running_run_stops_at_its_next_safe_point_even_while_it_sleeps(
    account: EmailAccount, start_worker: StartWorker
) -> None:
    run = queue_run(account, steps=5, wait_s=3600)
    enqueue_all([run])
    start_worker()
    wait_until(lambda: counted(run) == [1])
    assert cancel(run, "amy")
    wait_until(lambda: state(run) == RunStatus.CANCELLED)
    assert counted(run) == [1]


def test_disabling_the_account_ends_a_sleeping_run(account: EmailAccount, start_worker: StartWorker) -> None:
    run = queue_run(account, steps=5, wait_s=3600)
    enqueue_all([run])
    start_worker()
    wait_until(lambda: counted(run) == [1])
    account.disabled = True
    account.save()
    wait_until(lambda: state(run) == RunStatus.CANCELLED)


def test_sleeping_runs_leave_the_slots_to_others(start_worker: StartWorker) -> None:
    sleepers = [queue_run(make_account(f"Sleeper {n}"), steps=2, wait_s=3600) for n in range(10)]
    enqueue_all(sleepers)
    start_worker()
    wait_until(lambda: all(counted(run) == [1] for run in sleepers))
    busy = queue_run(make_account("Busy"), steps=3)
    enqueue_all([busy])
    wait_until(lambda: state(busy) == RunStatus.COMPLETED)


def test_a_run_that_was_never_handed_over_is_found(account: EmailAccount, start_worker: StartWorker) -> None:
    run = queue_run(account)  # The process died before it could hand the run over.
    start_worker()
    wait_until(lambda: state(run) == RunStatus.COMPLETED)
    assert counted(run) == [1, 2, 3]


def test_runs_survive_the_loss_of_the_engines_own_records(
    account: EmailAccount, start_worker: StartWorker
) -> None:
    run = queue_run(account, steps=10, step_s=0.05)
    enqueue_all([run])
    first = start_worker()
    wait_until(lambda: len(counted(run)) >= 2)
    first.kill()
    engine_client().delete_workflows([str(run.key)])
    start_worker()
    wait_until(lambda: state(run) == RunStatus.COMPLETED)
    assert counted(run) == list(range(1, 11))
