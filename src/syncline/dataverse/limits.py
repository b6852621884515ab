"""Dataverse's service-protection limits, kept within one process.

Requests: 6,000 in a sliding 300 s per user and web server; concurrency: 52 (contract §5.1). A share of the
first is left to others, and the second is kept far below.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from syncline.dataverse.errors import retry_after_s
from syncline.remote import Clock, Retryable, SystemClock

BURST_REMAINING = "x-ms-ratelimit-burst-remaining-xrm-requests"
DOP_HINT = "x-ms-dop-hint"
WINDOW_S = 300.0
HEAD_ROOM = 0.25
LONGEST_PACE_S = 0.25
FIRST_CONCURRENCY = 4
MOST_CONCURRENCY = 16


class BurstLimiter:
    """Slows down when the window is nearly used up, and stands still while the service says 429.

    It waits at most `longest_wait_s`; a longer pause is raised as `Retryable` for the caller to sleep.
    """

    def __init__(self, clock: Clock | None = None, *, longest_wait_s: float = 60.0) -> None:
        self._clock = clock or SystemClock()
        self._longest_wait_s = longest_wait_s
        self._lock = threading.Lock()
        self._resume_at = 0.0
        self._most_remaining = 0
        self._remaining: int | None = None

    def before_call(self, cost: int = 1, *, scope: str = "") -> None:
        with self._lock:
            wait_s = max(self._resume_at - self._clock.now(), self._pace_s())
        if wait_s > self._longest_wait_s:
            raise Retryable("Dataverse asked this user to pause", after_s=wait_s)
        if wait_s > 0:
            self._clock.sleep(wait_s)

    def after_response(self, headers: Mapping[str, str], *, status: int = 200, scope: str = "") -> None:
        folded = {name.lower(): value for name, value in headers.items()}
        with self._lock:
            if status == 429:
                wait_s = retry_after_s(folded, self._clock.now()) or 0.0
                self._resume_at = max(self._resume_at, self._clock.now() + wait_s)
            remaining = folded.get(BURST_REMAINING, "")
            if remaining.isdigit():
                self._remaining = int(remaining)
                self._most_remaining = max(self._most_remaining, self._remaining)

    def _pace_s(self) -> float:
        if self._remaining is None or self._remaining >= HEAD_ROOM * self._most_remaining:
            return 0.0
        return min(LONGEST_PACE_S, WINDOW_S / max(self._most_remaining, 1))


class Gate:
    """How many requests are under way at once: 4 at first, then what the service suggests, never over 16."""

    def __init__(self, limit: int = FIRST_CONCURRENCY, most: int = MOST_CONCURRENCY) -> None:
        self._most = most
        self._limit = min(limit, most)
        self._under_way = 0
        self._changed = threading.Condition()

    @contextmanager
    def enter(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self._limit)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify()

    def learn(self, headers: Mapping[str, str]) -> None:
        hint = headers.get(DOP_HINT, "")
        if hint.isdigit():
            with self._changed:
                self._limit = max(1, min(int(hint), self._most))
                self._changed.notify_all()

    @property
    def limit(self) -> int:
        return self._limit
