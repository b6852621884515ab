"""From a rule to its runs. Nothing here reads a clock or a database: the same question has the same answer.

* An interval counts real elapsed time. Within a window it counts from each opening; without one, from local
  midnight
  of the rule's first day (or of a fixed Monday), so that two questions never disagree about the grid.
* *Once a day* and *Once a week* follow the calendar: local times, right over changes of the clock
  (wall_clock.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from whenever import Date, Instant

from syncline.schedule.rule import Rule
from syncline.schedule.wall_clock import moment_of_week, week_of
from syncline.schedule.windows import WEEK, Window

A_MONDAY = Date(2001, 1, 1)
"""From where an interval without a window and without a first day counts."""
PREVIEW_RUNS = 20


def next_run(rule: Rule, after: Instant) -> Instant | None:
    """The first run later than `after`; None for *Manual only*."""
    if rule.starts_on is not None:
        last_moment_before = moment_of_week(rule.starts_on, 0, rule.zone).subtract(nanoseconds=1)
        after = max(after, last_moment_before)
    if rule.interval.follows_calendar:
        return _next_on_calendar(rule, after)
    if rule.interval.every_s is None:
        return None
    if rule.window.is_never_shut:
        start = moment_of_week(rule.starts_on or A_MONDAY, 0, rule.zone)
        return _next_on_grid(start, rule.interval.every_s, after)
    return _next_in_window(rule, rule.interval.every_s, after)


def runs(rule: Rule, after: Instant) -> Iterator[Instant]:
    """Every run later than `after`, without end unless the rule is *Manual only*."""
    slot = next_run(rule, after)
    while slot is not None:
        yield slot
        slot = next_run(rule, slot)


def preview(rule: Rule, after: Instant, count: int = PREVIEW_RUNS) -> list[Instant]:
    """The next `count` runs, as the timetable preview shows them."""
    return list(islice(runs(rule, after), count))


def slots_between(rule: Rule, after: Instant, until: Instant) -> Iterator[Instant]:
    """Every run later than `after` and not later than `until`."""
    for slot in runs(rule, after):
        if slot > until:
            return
        yield slot


def is_open(window: Window, instant: Instant, zone: str) -> bool:
    """Whether a sync may start at `instant`; a window is shut at its closing time."""
    if window.is_never_shut:
        return True
    openings = islice(_openings(window, instant, zone), 3)
    return any(opens <= instant < closes for opens, closes in openings)


def next_opening(window: Window, after: Instant, zone: str) -> Instant | None:
    """When the window opens next; None where it is never shut."""
    if window.is_never_shut:
        return None
    return next(opens for opens, _ in _openings(window, after, zone) if opens > after)


def _next_on_calendar(rule: Rule, after: Instant) -> Instant:
    minutes = rule.calendar_minutes
    monday, now = week_of(after, rule.zone)
    week = 0
    while True:
        for minute in minutes:
            # An hour back, for the clock may have gone back over a run that is still to come.
            if week + minute >= now - 60:
                slot = moment_of_week(monday, week + minute, rule.zone)
                if slot > after:
                    return slot
        week += WEEK


def _next_on_grid(start: Instant, every_s: int, after: Instant) -> Instant:
    # Slots lie on whole seconds, so rounding `after` down loses none.
    steps = (after.timestamp() - start.timestamp()) // every_s + 1
    return start.add(seconds=max(steps, 0) * every_s)


def _next_in_window(rule: Rule, every_s: int, after: Instant) -> Instant:
    for opens, closes in _openings(rule.window, after, rule.zone):
        slot = _next_on_grid(opens, every_s, after)
        if slot < closes:
            return slot
    raise AssertionError("a window opens every week")


def _openings(window: Window, around: Instant, zone: str) -> Iterator[tuple[Instant, Instant]]:
    """When the window opens and closes, in order, from the opening before `around` and on without end."""
    monday, minute = week_of(around, zone)
    count = len(window.stretches)
    # One further back, for the clock may have jumped since that one opened.
    index = window.stretch_at(minute) - 1
    while True:
        weeks, place = divmod(index, count)
        stretch = window.stretches[place]
        start = weeks * WEEK + stretch.start
        opens = moment_of_week(monday, start, zone)
        closes = moment_of_week(monday, start + stretch.length, zone)
        # Hours that the clock skips altogether still open their window, for one run.
        yield opens, max(closes, opens.add(minutes=1))
        index += 1
