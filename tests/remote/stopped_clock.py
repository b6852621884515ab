"""A clock that stands still until someone sleeps on it."""

from __future__ import annotations


class StoppedClock:
    """Sleeping moves it on at once and is remembered."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now
        self.slept_s: list[float] = []

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self._now += seconds
