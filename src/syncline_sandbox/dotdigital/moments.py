"""Times as the API writes and reads them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000
_V3_FILTER = re.compile(r"gte::(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z)")


def from_ms(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def iso(milliseconds: int) -> str:
    """``2020-01-01T09:40:18.527Z``."""
    days, rest = divmod(milliseconds, _DAY_MS)
    seconds, fraction = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_date(days)}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z"


@lru_cache(maxsize=4096)
def _date(days: int) -> str:
    # Pages of thousands of rows have a few dozen different days, and making the text of one is slow.
    return (_EPOCH + timedelta(days=days)).date().isoformat()


def local_looking(milliseconds: int) -> str:
    """``2016-08-01 10:09:22``, as v2 shows the built-in LASTSUBSCRIBED."""
    return from_ms(milliseconds).strftime("%Y-%m-%d %H:%M:%S")


def to_ms(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def read_iso(text: str) -> int:
    """Milliseconds of an ISO 8601 date or date-time; without an offset it is UTC. Raises ValueError."""
    # A plus in a URL that was not encoded arrives as a blank.
    return to_ms(datetime.fromisoformat(text.strip().replace(" 00:00", "+00:00")))


def read_v3_filter(text: str) -> int:
    """Milliseconds of ``gte::YYYY-MM-DDTHH:MM:SS[.fff]Z``. Raises ValueError."""
    match = _V3_FILTER.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return read_iso(match[1])


def normal_date(text: str) -> str:
    """A date data field as it is stored: UTC, in seconds unless a fraction was given. Raises ValueError."""
    text = text.strip()
    if len(text) < len("2000-01-01"):
        raise ValueError(text)
    if len(text) == len("2000-01-01"):
        return f"{date.fromisoformat(text).isoformat()}T00:00:00Z"
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    timespec = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=timespec)[:-6] + "Z"
