"""From the time on the wall to the moment it names, on days when the clock jumps too."""

from __future__ import annotations

from functools import lru_cache

from whenever import Date, Instant, PlainDateTime, Time, TimeZoneNotFoundError

from syncline.schedule.problems import InvalidScheduleError
from syncline.schedule.windows import DAY


def moment(local: PlainDateTime, zone: str) -> Instant:
    """When `local` is reached in `zone`.

    A time that the clock skips is reached at the first moment after the gap; one that comes twice, the
    first time.
    """
    found = local.assume_tz(zone, disambiguation="earlier")
    if found.to_plain() != local:
        after_gap = found.next_transition()
        assert after_gap is not None  # A skipped time has the skip ahead of it.
        found = after_gap
    return found.to_instant()


@lru_cache(maxsize=4096)
def moment_of_week(monday: Date, week_minute: int, zone: str) -> Instant:
    """When the given minute of the week that begins on `monday` is reached; minutes may lie in weeks beside
    it."""
    days, minute = divmod(week_minute, DAY)
    return moment(monday.add(days=days).at(Time(minute // 60, minute % 60)), zone)


def week_of(instant: Instant, zone: str) -> tuple[Date, int]:
    """The Monday of the local week, and the minute of that week."""
    local = instant.to_tz(zone)
    days = local.day_of_week().value - 1
    return local.date().subtract(days=days), days * DAY + local.hour * 60 + local.minute


def check_zone(zone: str) -> None:
    """Raises InvalidScheduleError for a name that the IANA database does not hold."""
    try:
        Instant.from_timestamp(0).to_tz(zone)
    except TimeZoneNotFoundError:
        raise InvalidScheduleError(
            "time_zone", f"{zone!r} is not an IANA time zone; write it like Europe/London."
        ) from None
