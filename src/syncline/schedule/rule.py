"""The rule of one row of the Scheduled Sync Settings: interval × window, in an account's time zone."""

from __future__ import annotations

from dataclasses import dataclass

from whenever import Date, Time, Weekday

from syncline.schedule.intervals import MANUAL, ONCE_A_DAY, ONCE_A_WEEK, Interval
from syncline.schedule.problems import InvalidScheduleError
from syncline.schedule.wall_clock import check_zone
from syncline.schedule.windows import ANY_TIME, DAY, SPECIFIC_TIME, Window


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When a sync runs. Two equal rules give the same timetable, so a timetable can be cached by its rule."""

    interval: Interval = MANUAL
    window: Window = ANY_TIME
    zone: str = "UTC"
    at: Time | None = None
    """Local time of day; only with the window *Specific time*, where it must be given."""
    weekday: Weekday | None = None
    """Only with *Specific time* and *Once a week*; Monday where it is not given."""
    starts_on: Date | None = None
    """No run before this local date."""

    @property
    def calendar_minutes(self) -> tuple[int, ...]:
        """The minutes of the week at which a daily or weekly rule runs, in order."""
        if self.window == SPECIFIC_TIME:
            at = self.at or Time()
            daily = tuple(day * DAY + at.hour * 60 + at.minute for day in range(7))
        elif self.window.is_never_shut:
            daily = tuple(range(0, 7 * DAY, DAY))
        else:
            daily = self.window.daily_minutes
        if self.interval == ONCE_A_DAY:
            return daily
        return (daily[self.weekday.value - 1 if self.weekday and self.window == SPECIFIC_TIME else 0],)


def check(rule: Rule) -> None:
    """Raises InvalidScheduleError for a combination that the page does not offer."""
    check_zone(rule.zone)
    if rule.window != SPECIFIC_TIME:
        return
    if not rule.interval.follows_calendar:
        raise InvalidScheduleError(
            "window",
            "Specific time is only available with Once a day or Once a week. "
            f"Choose one of them, or another window for {rule.interval.name}.",
        )
    if rule.at is None:
        raise InvalidScheduleError("specific_time", "Choose the time of day at which the sync runs.")
    if rule.weekday is not None and rule.interval != ONCE_A_WEEK:
        raise InvalidScheduleError(
            "specific_weekday", "A weekday is only used with Once a week. Leave it empty."
        )
