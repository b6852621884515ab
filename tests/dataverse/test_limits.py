"""Keeping to the service-protection limits within one process."""

from __future__ import annotations

import threading

import pytest

from remote.stopped_clock import StoppedClock
from syncline.dataverse import BurstLimiter, Retryable
from syncline.dataverse.limits import Gate

REMAINING = "x-ms-ratelimit-burst-remaining-xrm-requests"


def test_after_a_429_every_thread_waits_until_the_pause_is_over() -> None:
    clock = StoppedClock()
    limiter = BurstLimiter(clock)
    limiter.after_response({"Retry-After": "20"}, status=429)
    limiter.before_call()
    limiter.before_call()
    assert clock.slept_s == [20]


def test_a_long_pause_goes_to_the_caller() -> None:
    clock = StoppedClock()
    limiter = BurstLimiter(clock, longest_wait_s=60)
    limiter.after_response({"Retry-After": "200"}, status=429)
    with pytest.raises(Retryable) as caught:
        limiter.before_call()
    assert caught.value.after_s == 200
    assert clock.slept_s == []


def test_it_slows_down_when_a_quarter_is_left_and_not_before() -> None:
    clock = StoppedClock()
    limiter = BurstLimiter(clock)
    limiter.after_response({REMAINING: "6000"})
    limiter.after_response({REMAINING: "1500"})
    limiter.before_call()
    assert clock.slept_s == []
    limiter.after_response({REMAINING: "1499"})
    limiter.before_call()
    # 6,000 requests in 300 s is 0.05 s for each.
    assert clock.slept_s == [0.05]


@pytest.mark.parametrize(("hint", "limit"), [("8", 8), ("52", 16), ("0", 1), ("many", 4), ("", 4)])
def test_concurrency_follows_the_hint_up_to_sixteen(hint: str, limit: int) -> None:
    gate = Gate()
    gate.learn({"x-ms-dop-hint": hint})
    assert gate.limit == limit


def test_no_more_requests_are_under_way_than_the_gate_lets_in() -> None:
    gate, inside, go_on = Gate(limit=3), threading.Semaphore(0), threading.Event()

    def request() -> None:
        with gate.enter():
            inside.release()
            go_on.wait(timeout=10)

    threads = [threading.Thread(target=request) for _ in range(9)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        assert inside.acquire(timeout=10)
    assert not inside.acquire(timeout=0.1)
    go_on.set()
    for thread in threads:
        thread.join()
    for _ in range(6):
        assert inside.acquire(blocking=False)
