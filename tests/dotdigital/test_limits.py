"""Keeping to the tiers' limits within one process, with a share left to others."""

from __future__ import annotations

import pytest

from remote.stopped_clock import StoppedClock
from syncline.dotdigital import Retryable, TierLimiter
from syncline.dotdigital.limits import HIGH, LOW


def told(remaining: int, limit: int = 100, reset: str = "30", scope: str = LOW) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": reset,
        "X-RateLimit-Scope": scope,
    }


def test_a_fifth_of_the_tier_stays_free() -> None:
    clock = StoppedClock()
    limiter = TierLimiter(clock)
    limiter.after_response(told(22))
    limiter.before_call(scope=LOW)
    limiter.before_call(scope=LOW)
    assert clock.slept_s == []
    limiter.before_call(scope=LOW)
    assert clock.slept_s == [30]


def test_after_the_reset_the_tier_is_open_again() -> None:
    clock = StoppedClock()
    limiter = TierLimiter(clock)
    limiter.after_response(told(0))
    limiter.before_call(scope=LOW)
    limiter.before_call(scope=LOW)
    assert clock.slept_s == [30]


def test_tiers_are_counted_apart() -> None:
    clock = StoppedClock()
    limiter = TierLimiter(clock)
    limiter.after_response(told(0))
    limiter.before_call(scope=HIGH)
    assert clock.slept_s == []


def test_the_answer_says_which_tier_it_was() -> None:
    clock = StoppedClock()
    limiter = TierLimiter(clock)
    limiter.after_response(told(0, scope=HIGH), scope=LOW)
    limiter.before_call(scope=LOW)
    assert clock.slept_s == []


def test_a_429_closes_the_tier_whatever_remains() -> None:
    clock = StoppedClock()
    limiter = TierLimiter(clock)
    limiter.after_response(told(90), status=429)
    limiter.before_call(scope=LOW)
    assert clock.slept_s == [30]


def test_a_wait_over_the_limiters_own_patience_goes_to_the_caller() -> None:
    limiter = TierLimiter(StoppedClock(), longest_wait_s=10)
    limiter.after_response(told(0))
    with pytest.raises(Retryable) as caught:
        limiter.before_call(scope=LOW)
    assert caught.value.after_s == 30


def test_answers_without_headers_limit_nothing() -> None:
    clock = StoppedClock()
    limiter = TierLimiter(clock)
    limiter.after_response({}, scope=LOW)
    limiter.before_call(scope=LOW)
    assert clock.slept_s == []
