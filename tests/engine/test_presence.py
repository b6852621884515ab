"""Signs of life, and the one worker that looks after the installation."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from syncline.engine.heartbeat import (
    beat,
    claim_duty,
    dead_workers,
    is_any_worker_alive,
    sign_off,
    sign_on,
    this_host,
)
from syncline.engine.models import Duty, Worker

pytestmark = pytest.mark.django_db

DEAD_AFTER = timedelta(seconds=20)


def fall_silent(executor_id: str, for_s: float = 60) -> None:
    Worker.objects.filter(executor_id=executor_id).update(heartbeat_at=Now() - timedelta(seconds=for_s))


def test_a_worker_is_alive_while_it_beats() -> None:
    assert not is_any_worker_alive()
    sign_on("a")
    assert is_any_worker_alive()
    fall_silent("a")
    assert not is_any_worker_alive()
    assert dead_workers(DEAD_AFTER) == {"a"}
    beat("a")
    assert is_any_worker_alive()
    assert dead_workers(DEAD_AFTER) == set()
    sign_off("a")
    assert not is_any_worker_alive()


def test_a_process_that_is_gone_from_this_machine_is_dead_at_once() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name, pid, host in (("gone", gone.pid, this_host()), ("here", os.getpid(), this_host())):
        Worker.objects.create(executor_id=name, pid=pid, host=host, started_at=Now(), heartbeat_at=Now())
    Worker.objects.create(
        executor_id="elsewhere", pid=gone.pid, host="another machine", started_at=Now(), heartbeat_at=Now()
    )
    assert dead_workers(DEAD_AFTER) == {"gone"}
    Worker.objects.exclude(executor_id="gone").delete()
    assert not is_any_worker_alive(), "nobody waits for its heartbeat to grow old"


def test_whoever_counts_as_alive_is_nobody_whose_runs_are_taken_over() -> None:
    sign_on("a")
    for silent_s, is_dead in ((18, False), (22, True)):
        fall_silent("a", silent_s)
        assert (dead_workers(DEAD_AFTER) == {"a"}) is is_dead
        assert is_any_worker_alive() is not is_dead


def test_a_worker_that_others_took_for_dead_signs_on_again() -> None:
    sign_on("a")
    Worker.objects.all().delete()
    beat("a")
    assert Worker.objects.get().executor_id == "a"


def test_one_worker_has_the_duty_until_it_is_dead_or_leaves() -> None:
    for name in ("a", "b", "c"):
        sign_on(name)
    assert claim_duty("steward", "a", DEAD_AFTER)
    assert claim_duty("steward", "a", DEAD_AFTER)
    assert not claim_duty("steward", "b", DEAD_AFTER)
    fall_silent("a")
    assert claim_duty("steward", "b", DEAD_AFTER)
    beat("a")
    assert not claim_duty("steward", "a", DEAD_AFTER), "it has gone to another"
    sign_off("b")
    assert claim_duty("steward", "c", DEAD_AFTER)
    assert Duty.objects.get().holder == "c"


def test_the_duty_of_a_worker_nobody_knows_is_free() -> None:
    Duty.objects.create(name="steward", holder="long gone")
    sign_on("a")
    assert claim_duty("steward", "a", DEAD_AFTER)
