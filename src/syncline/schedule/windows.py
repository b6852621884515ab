"""During which hours of the week a sync may start (product.md §4).

A week is counted in minutes of local wall time from Monday 00:00. A window is a set of *stretches* of it; a
stretch
that passes midnight belongs to the day on which it opens.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from syncline.schedule.problems import InvalidScheduleError

DAY = 24 * 60
WEEK = 7 * DAY
HOURS_A_WEEK = 7 * 24


@dataclass(frozen=True, order=True)
class Stretch:
    """One opening of a window, in minutes: opens at `start` of the week and stays open for `length`."""

    start: int
    length: int


@dataclass(frozen=True)
class Window:
    """One choice of the Sync Window column; no stretches at all means that it is never shut."""

    key: str
    name: str
    stretches: tuple[Stretch, ...] = ()

    @property
    def is_never_shut(self) -> bool:
        return not self.stretches

    def stretch_at(self, week_minute: int) -> int:
        """Index of the last stretch that opened at or before this minute; -1: the last one of the week
        before."""
        return bisect_right(self._starts, week_minute) - 1

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(stretch.start for stretch in self.stretches)

    @cached_property
    def daily_minutes(self) -> tuple[int, ...]:
        """When a daily sync runs: at the day's first opening, and at the same hour on each further day of a
        stretch that stays open for more than one."""
        by_day: dict[int, int] = {}
        for stretch in self.stretches:
            for minute in range(stretch.start, stretch.start + stretch.length, DAY):
                minute %= WEEK
                day = minute // DAY
                by_day[day] = min(minute, by_day.get(day, minute))
        return tuple(sorted(by_day.values()))


def _on_days(days: range, opens_h: int, hours: int) -> tuple[Stretch, ...]:
    return tuple(Stretch(day * DAY + opens_h * 60, hours * 60) for day in days)


ANY_TIME = Window("any", "Any time")
OFFICE_HOURS = Window("weekdays_9_17", "Monday to Friday (9am - 5pm)", _on_days(range(5), 9, 8))
OVERNIGHT = Window("weekdays_18_8", "Monday to Friday (6pm - 8am)", _on_days(range(5), 18, 14))
WEEKENDS = Window("weekends", "Weekends", (Stretch(5 * DAY, 2 * DAY),))
SPECIFIC_TIME = Window("specific", "Specific time")
CUSTOM = "custom"
"""The key under which a schedule refers to a window that an administrator painted."""

BUILT_IN: dict[str, Window] = {
    window.key: window for window in (ANY_TIME, OFFICE_HOURS, OVERNIGHT, WEEKENDS, SPECIFIC_TIME)
}
"""Every built-in choice by its key, in the order of the page."""


def built_in_window(key: str) -> Window:
    """Raises InvalidScheduleError for a key that is not on the page."""
    try:
        return BUILT_IN[key]
    except KeyError:
        raise InvalidScheduleError(
            "window", f"There is no sync window {key!r}. Choose one of the list."
        ) from None


def painted_window(name: str, hours: str) -> Window:
    """A custom window from its grid: 168 characters from Monday 00:00, `1` open and `0` shut.

    Raises InvalidScheduleError for a grid of another shape, or without an open hour.
    """
    if len(hours) != HOURS_A_WEEK or set(hours) - {"0", "1"}:
        raise InvalidScheduleError("hours", "A window is painted on a grid of 7 days by 24 hours.")
    if "1" not in hours:
        raise InvalidScheduleError("hours", f"The window {name!r} never opens. Paint at least one hour.")
    if "0" not in hours:
        return Window(CUSTOM, name)
    return Window(CUSTOM, name, tuple(sorted(_stretches(hours))))


def _stretches(hours: str) -> list[Stretch]:
    """The runs of open hours; one that goes on from Sunday into Monday is a single run."""
    first_shut = hours.index("0")
    found: list[Stretch] = []
    opened_at: int | None = None
    for step in range(1, HOURS_A_WEEK + 1):
        hour = first_shut + step
        is_open = hours[hour % HOURS_A_WEEK] == "1"
        if is_open and opened_at is None:
            opened_at = hour
        elif not is_open and opened_at is not None:
            found.append(Stretch(opened_at % HOURS_A_WEEK * 60, (hour - opened_at) * 60))
            opened_at = None
    return found
