"""The rows of the Scheduled Sync Settings as a form: field names, what is in them, and what somebody sent."""

import datetime
from collections.abc import Mapping

from syncline.schedule.models import SyncSchedule
from syncline.schedule.problems import InvalidScheduleError
from syncline.schedule.settings import ScheduleChange
from syncline.schedule.windows import CUSTOM, SPECIFIC_TIME

Sent = Mapping[str, str]


def change_in(sent: Sent, sync_type: str) -> ScheduleChange:
    """The row of one sync type as it was sent. Raises InvalidScheduleError for a time or date that is none.

    The inputs that belong to *Specific time* are only looked at with it: a browser may hold old values there.
    """
    window, custom = _window(sent.get(f"window-{sync_type}", ""))
    interval = sent.get(f"interval-{sync_type}", "")
    if window != SPECIFIC_TIME.key:
        return ScheduleChange(sync_type=sync_type, interval=interval, window=window, custom_window_id=custom)
    weekday = sent.get(f"weekday-{sync_type}", "") if interval == "1w" else ""
    return ScheduleChange(
        sync_type=sync_type,
        interval=interval,
        window=window,
        specific_time=_time(sent.get(f"time-{sync_type}", "")),
        specific_weekday=int(weekday) if weekday.isdecimal() else None,
        starts_on=_date(sent.get(f"starts-{sync_type}", "")),
    )


def as_change(schedule: SyncSchedule) -> ScheduleChange:
    """The row as it is stored."""
    return ScheduleChange(
        sync_type=schedule.sync_type,
        interval=schedule.interval,
        window=schedule.window,
        custom_window_id=schedule.custom_window_id,
        specific_time=schedule.specific_time,
        specific_weekday=schedule.specific_weekday,
        starts_on=schedule.starts_on,
    )


def window_choice(change: ScheduleChange) -> str:
    """The value of the Sync Window select."""
    return f"{CUSTOM}:{change.custom_window_id}" if change.window == CUSTOM else change.window


def _window(choice: str) -> tuple[str, int | None]:
    key, _, number = choice.partition(":")
    return key, int(number) if number.isdecimal() else None


def _time(text: str) -> datetime.time | None:
    if not text:
        return None
    try:
        return datetime.time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise InvalidScheduleError("specific_time", f"{text!r} is not a time. Write it like 18:30.") from None


def _date(text: str) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise InvalidScheduleError(
            "starts_on", f"{text!r} is not a date. Write it like 2026-05-31."
        ) from None
