"""What to do about a row of the timetable whose next run has come: a pure decision."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal

from whenever import Instant, TimeDelta

from syncline.schedule.gaps import Missed
from syncline.schedule.rule import Rule
from syncline.schedule.timetable import is_open, next_run, slots_between

STILL_ON_TIME: Final = TimeDelta(minutes=5)
"""A run that starts this late, because much was due at once, is not one that was missed."""
REMEMBERED: Final = 200
"""After a long rest, how many of the missed slots are recorded: the latest."""

UnderWay = Literal["queued", "running", "to_approve"] | None
"""Why a run of the same type may not begin: one is under way, or one that the fuse stopped waits."""

_IN_THE_WAY: Final[dict[str, Missed]] = {
    "queued": Missed.STILL_WAITING,
    "running": Missed.STILL_RUNNING,
    "to_approve": Missed.WAITING_FOR_APPROVAL,
}


@dataclass(frozen=True)
class Slot:
    """`serves`: the slot that a run is started for, if any. `missed`: slots that go without, and why."""

    serves: Instant | None
    missed: tuple[tuple[Instant, Missed], ...]
    next_due: Instant | None


def decide(rule: Rule, due: Instant, now: Instant, *, disabled: bool, under_way: UnderWay) -> Slot:
    """A run for the latest slot that has passed; earlier ones passed while nobody was there to see to them.

    A late run is made up for as long as its window is open: late is better than never, but a window is a
    promise.
    """
    passed = deque(chain([due], slots_between(rule, due, now)), maxlen=REMEMBERED)
    latest = passed.pop()
    missed = [(slot, Missed.ENGINE_DOWN) for slot in passed]
    reason = _reason_against(rule, latest, now, disabled=disabled, under_way=under_way)
    if reason is not None:
        missed.append((latest, reason))
    return Slot(latest if reason is None else None, tuple(missed), next_run(rule, now))


def _reason_against(
    rule: Rule, slot: Instant, now: Instant, *, disabled: bool, under_way: UnderWay
) -> Missed | None:
    if disabled:
        return Missed.ACCOUNT_DISABLED
    if under_way is not None:
        return _IN_THE_WAY[under_way]
    if now - slot > STILL_ON_TIME and not is_open(rule.window, now, rule.zone):
        return Missed.ENGINE_DOWN
    return None
