"""How often a sync runs (product.md §4)."""

from __future__ import annotations

from dataclasses import dataclass

from syncline.schedule.problems import InvalidScheduleError

MINUTE = 60
HOUR = 60 * MINUTE


@dataclass(frozen=True)
class Interval:
    """One choice of the Interval column.

    `every_s` is set for those that count elapsed time; *Once a day* and *Once a week* follow the calendar
    instead
    and *Manual only* never runs by itself.
    """

    key: str
    name: str
    every_s: int | None = None

    @property
    def follows_calendar(self) -> bool:
        return self in (ONCE_A_DAY, ONCE_A_WEEK)


MANUAL = Interval("manual", "Manual only")
ONCE_A_DAY = Interval("1d", "Once a day")
ONCE_A_WEEK = Interval("1w", "Once a week")

INTERVALS: dict[str, Interval] = {
    interval.key: interval
    for interval in (
        MANUAL,
        Interval("15m", "15 minutes", 15 * MINUTE),
        Interval("30m", "30 minutes", 30 * MINUTE),
        Interval("1h", "1 hour", HOUR),
        Interval("2h", "2 hours", 2 * HOUR),
        Interval("4h", "4 hours", 4 * HOUR),
        Interval("6h", "6 hours", 6 * HOUR),
        Interval("8h", "8 hours", 8 * HOUR),
        Interval("12h", "12 hours", 12 * HOUR),
        ONCE_A_DAY,
        ONCE_A_WEEK,
    )
}
"""Every choice by its key, in the order of the page."""


def interval_of(key: str) -> Interval:
    """Raises InvalidScheduleError for a key that is not on the page."""
    try:
        return INTERVALS[key]
    except KeyError:
        raise InvalidScheduleError(
            "interval", f"There is no interval {key!r}. Choose one of the list."
        ) from None
