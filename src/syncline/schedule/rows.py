"""Between the rows of the database and the rules of the timetable."""

from __future__ import annotations

from datetime import datetime

from whenever import Date, Instant, Time, Weekday

from syncline.schedule.intervals import interval_of
from syncline.schedule.models import SyncSchedule, SyncWindow
from syncline.schedule.problems import InvalidScheduleError
from syncline.schedule.rule import Rule
from syncline.schedule.windows import CUSTOM, Window, built_in_window, painted_window


def rule_of(schedule: SyncSchedule, zone: str) -> Rule:
    """The rule of a row; `zone` is its account's. Raises InvalidScheduleError for a row that makes none."""
    return Rule(
        interval=interval_of(schedule.interval),
        window=window_of(schedule.window, schedule.custom_window),
        zone=zone,
        at=None if schedule.specific_time is None else Time(schedule.specific_time),
        weekday=None if schedule.specific_weekday is None else Weekday(schedule.specific_weekday),
        starts_on=None if schedule.starts_on is None else Date(schedule.starts_on),
    )


def window_of(key: str, custom: SyncWindow | None) -> Window:
    if key != CUSTOM:
        return built_in_window(key)
    if custom is None:
        raise InvalidScheduleError("window", "Choose one of this account's own windows, or a built-in one.")
    return painted_window(custom.name, custom.hours)


def to_instant(moment: datetime) -> Instant:
    return Instant(moment)


def to_datetime(instant: Instant | None) -> datetime | None:
    return None if instant is None else instant.to_stdlib()
