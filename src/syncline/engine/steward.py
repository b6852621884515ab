"""What one worker at a time does for the whole installation: take over, start what is due, tidy."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from django.db import close_old_connections, connection
from whenever import Instant

from syncline.engine.handover import hand_over_forgotten_runs
from syncline.engine.heartbeat import claim_duty
from syncline.engine.pace import Pace
from syncline.engine.takeover import take_over
from syncline.engine.tick import tick
from syncline.engine.tidy import tidy

log = structlog.get_logger()

DUTY: Final = "steward"


@dataclass
class Chore:
    """Something to be done every so often; the first time at once."""

    name: str
    every_s: float
    do: Callable[[], object]
    next_at: float = field(default=0.0)

    def do_if_due(self, now: float) -> None:
        if now < self.next_at:
            return
        self.next_at = now + self.every_s
        try:
            self.do()
        except Exception:
            # One chore that fails must not keep the others from being done, nor itself from the next time.
            log.exception("A chore failed", action="chore_failed", chore=self.name, next_try_s=self.every_s)
            connection.close()


class Steward(threading.Thread):
    """Tries for the duty, and while it has it, does the chores."""

    def __init__(self, executor_id: str, pace: Pace) -> None:
        super().__init__(name="steward", daemon=True)
        self._executor_id = executor_id
        self._pace = pace
        self._ending = threading.Event()
        self._chores = (
            Chore("take over", pace.look_every_s, lambda: take_over(pace.dead_after)),
            Chore("tick", pace.look_every_s, lambda: tick(Instant.now())),
            Chore(
                "hand over",
                pace.hand_over_every_s,
                lambda: hand_over_forgotten_runs(pace.hand_over_after),
            ),
            Chore("tidy", pace.tidy_every_s, tidy),
        )

    def run(self) -> None:
        while True:
            close_old_connections()
            self._look()
            if self._ending.wait(self._pace.look_every_s):
                connection.close()
                return

    def _look(self) -> None:
        for chore in self._chores:
            try:
                on_duty = not self._ending.is_set() and claim_duty(
                    DUTY, self._executor_id, self._pace.dead_after
                )
            except Exception:
                log.warning("The database did not answer; looking again", action="duty_failed", exc_info=True)
                connection.close()
                return
            if not on_duty:
                return
            chore.do_if_due(time.monotonic())

    def stop(self) -> None:
        self._ending.set()
        self.join(timeout=60)
