"""Clocks on which waiting costs no time."""

from __future__ import annotations

import time

from sandbox_process import Control


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


class SandboxClock:
    """Real time, except that a wait moves the sandbox's own clock on instead of ours, and is remembered."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self.slept_s: list[float] = []

    def now(self) -> float:
        return time.time() + sum(self.slept_s)

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self._control.advance(seconds)
