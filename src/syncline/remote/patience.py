"""Trying a call again for as long as that is worth it, and no longer."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from syncline.remote.clock import Clock
from syncline.remote.remedies import Retryable

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long one call may wait in all, and how its own back-off grows where the vendor names no wait.

    A wait that the vendor asks for is kept in full or not at all: if it does not fit into what is left of
    `patience_s`, the error goes to the caller, who can sleep durably.
    """

    patience_s: float = 300.0
    attempts: int = 8
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0

    def back_off_s(self, attempt: int) -> float:
        """An exponential with jitter: workers that failed together do not return together."""
        ceiling = min(self.longest_wait_s, self.first_wait_s * 2.0**attempt)
        return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret


def with_patience(call: Callable[[], T], *, repeatable: bool, patience: Patience, clock: Clock) -> T:
    """The result of `call`, tried again while it raises `Retryable` and patience lasts.

    `repeatable` false: a call whose effect may already have happened is not repeated.
    """
    waited_s = 0.0
    for attempt in range(patience.attempts):
        try:
            return call()
        except Retryable as error:
            if error.never_repeat or (error.outcome_unknown and not repeatable):
                raise
            wait_s = patience.back_off_s(attempt) if error.after_s is None else error.after_s
            if attempt + 1 == patience.attempts or waited_s + wait_s > patience.patience_s:
                raise
        clock.sleep(wait_s)
        waited_s += wait_s
    raise AssertionError("a patience of no attempts was asked for")
