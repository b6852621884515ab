"""Trying again: as long as the vendor asks, never longer than patience, never what must not be repeated."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remote.stopped_clock import StoppedClock
from syncline.remote import Misconfigured, Patience, Rejected, RemoteError, Retryable, with_patience


def failing(times: int, error: RemoteError) -> tuple[Callable[[], str], list[int]]:
    calls: list[int] = []

    def call() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "done"

    return call, calls


def test_a_wait_that_the_vendor_names_is_kept_in_full() -> None:
    clock = StoppedClock()
    call, calls = failing(1, Retryable("busy", after_s=17))
    assert with_patience(call, repeatable=True, patience=Patience(), clock=clock) == "done"
    assert clock.slept_s == [17]
    assert len(calls) == 2


def test_a_wait_beyond_patience_goes_to_the_caller_unwaited() -> None:
    clock = StoppedClock()
    call, calls = failing(1, Retryable("busy", after_s=301))
    with pytest.raises(Retryable) as caught:
        with_patience(call, repeatable=True, patience=Patience(patience_s=300), clock=clock)
    assert caught.value.after_s == 301
    assert clock.slept_s == []
    assert len(calls) == 1


@given(waits=st.lists(st.floats(0.1, 200), min_size=1, max_size=10), patience_s=st.floats(1, 400))
def test_all_waiting_together_stays_within_patience(waits: list[float], patience_s: float) -> None:
    clock = StoppedClock()
    left = iter(waits)

    def call() -> None:
        raise Retryable("busy", after_s=next(left, 1.0))

    with pytest.raises(Retryable):
        with_patience(call, repeatable=True, patience=Patience(patience_s=patience_s), clock=clock)
    assert sum(clock.slept_s) <= patience_s


def test_a_lost_answer_is_repeated_only_where_that_is_harmless() -> None:
    lost = Retryable("cut", outcome_unknown=True)
    call, _ = failing(1, lost)
    assert with_patience(call, repeatable=True, patience=Patience(), clock=StoppedClock()) == "done"
    call, calls = failing(1, lost)
    with pytest.raises(Retryable):
        with_patience(call, repeatable=False, patience=Patience(), clock=StoppedClock())
    assert len(calls) == 1


def test_what_was_surely_not_done_is_repeated_even_if_it_is_a_create() -> None:
    call, _ = failing(2, Retryable("429", after_s=1))
    assert with_patience(call, repeatable=False, patience=Patience(), clock=StoppedClock()) == "done"


@pytest.mark.parametrize("error", [Rejected("row", "1", "bad"), Misconfigured("wrong", "mend it")])
def test_what_waiting_does_not_mend_is_not_waited_for(error: RemoteError) -> None:
    clock = StoppedClock()
    call, calls = failing(1, error)
    with pytest.raises(type(error)):
        with_patience(call, repeatable=True, patience=Patience(), clock=clock)
    assert (len(calls), clock.slept_s) == (1, [])


def test_without_a_named_wait_the_pauses_grow_and_then_it_gives_up() -> None:
    clock = StoppedClock()
    call, calls = failing(99, Retryable("unavailable"))
    patience = Patience(attempts=5, first_wait_s=1, longest_wait_s=100)
    with pytest.raises(Retryable):
        with_patience(call, repeatable=True, patience=patience, clock=clock)
    assert len(calls) == 5
    assert all(2**n / 2 <= wait <= 2**n for n, wait in enumerate(clock.slept_s))


def test_every_error_says_what_to_do() -> None:
    errors = [Retryable("a"), Rejected("b", "c", "d"), Misconfigured("e", "f"), RemoteError("g")]
    assert all(error.what_to_do for error in errors)
