"""Date operators that depend on today: each gives a half-open range of moments."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Range = tuple[datetime | None, datetime | None]

_UNITS = ("hours", "days", "weeks", "months", "years")


def relative_range(operator: str, now: datetime, amount: int | None) -> Range | None:
    """``(from, before)`` for a kebab-case operator such as ``last-x-days``; None when it is not a relative
    one.

    Weeks begin on Sunday and days at midnight UTC, the settings of a new organisation.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    fixed = _FIXED.get(operator)
    if fixed is not None:
        return fixed(today)
    match = re.fullmatch(r"(last|next)-x-(hours|days|weeks|months|years)", operator)
    if match is not None:
        return _around(match[1], match[2], amount or 0, now, today)
    match = re.fullmatch(r"olderthan-x-(minutes|hours|days|weeks|months|years)", operator)
    if match is not None:
        return None, _shift(now, match[1], -(amount or 0))
    return None


def fiscal_range(operator: str, now: datetime, values: list[int]) -> Range | None:
    """Ranges of the fiscal year, which here begins on 1 January and has four quarters."""
    this_year, this_quarter = now.year, (now.month - 1) // 3
    step = {"last": -1, "this": 0, "next": 1}
    match = re.fullmatch(r"(last|this|next)-fiscal-(year|period)", operator)
    if match is not None:
        start = step[match[1]]
        return (
            _years(this_year + start, 1)
            if match[2] == "year"
            else _quarters(this_year, this_quarter + start, 1)
        )
    match = re.fullmatch(r"(last|next)-x-fiscal-(years|periods)", operator)
    if match is not None and len(values) == 1:
        count = values[0]
        start = -count if match[1] == "last" else 1
        if match[2] == "years":
            return _years(this_year + start, count)
        return _quarters(this_year, this_quarter + start, count)
    match operator, values:
        case "in-fiscal-year", [year]:
            return _years(year, 1)
        case "in-fiscal-period", [period]:
            return _quarters(this_year, period - 1, 1)
        case "in-fiscal-period-and-year", [period, year]:
            return _quarters(year, period - 1, 1)
        case "in-or-after-fiscal-period-and-year", [period, year]:
            return _quarters(year, period - 1, 1)[0], None
        case "in-or-before-fiscal-period-and-year", [period, year]:
            return None, _quarters(year, period - 1, 1)[1]
    return None


def _years(year: int, count: int) -> Range:
    return datetime(year, 1, 1, tzinfo=UTC), datetime(year + count, 1, 1, tzinfo=UTC)


def _quarters(year: int, quarter: int, count: int) -> Range:
    start = _add_months(datetime(year, 1, 1, tzinfo=UTC), 3 * quarter)
    return start, _add_months(start, 3 * count)


def _around(direction: str, unit: str, amount: int, now: datetime, today: datetime) -> Range:
    tomorrow = today + timedelta(days=1)
    if direction == "last":
        start = _shift(now if unit == "hours" else today, unit, -amount)
        return start, (now + timedelta(seconds=1) if unit == "hours" else tomorrow)
    start = now
    return start, _shift(now if unit == "hours" else tomorrow, unit, amount)


def _shift(moment: datetime, unit: str, amount: int) -> datetime:
    match unit:
        case "minutes":
            return moment + timedelta(minutes=amount)
        case "hours":
            return moment + timedelta(hours=amount)
        case "days":
            return moment + timedelta(days=amount)
        case "weeks":
            return moment + timedelta(weeks=amount)
        case "months":
            return _add_months(moment, amount)
        case _:
            return _add_months(moment, 12 * amount)


def _add_months(moment: datetime, amount: int) -> datetime:
    index = moment.year * 12 + moment.month - 1 + amount
    year, month = divmod(index, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1)


def _days(start: int, length: int) -> Callable[[datetime], Range]:
    return lambda today: (today + timedelta(days=start), today + timedelta(days=start + length))


def _week(offset: int) -> Callable[[datetime], Range]:
    def found(today: datetime) -> Range:
        sunday = today - timedelta(days=(today.weekday() + 1) % 7)
        return sunday + timedelta(weeks=offset), sunday + timedelta(weeks=offset + 1)

    return found


def _month(offset: int) -> Callable[[datetime], Range]:
    return lambda today: (
        _add_months(today.replace(day=1), offset),
        _add_months(today.replace(day=1), offset + 1),
    )


def _year(offset: int) -> Callable[[datetime], Range]:
    return lambda today: (
        today.replace(year=today.year + offset, month=1, day=1),
        today.replace(year=today.year + offset + 1, month=1, day=1),
    )


_FIXED: dict[str, Callable[[datetime], Range]] = {
    "today": _days(0, 1),
    "yesterday": _days(-1, 1),
    "tomorrow": _days(1, 1),
    "last-seven-days": _days(-7, 8),
    "next-seven-days": _days(0, 8),
    "this-week": _week(0),
    "last-week": _week(-1),
    "next-week": _week(1),
    "this-month": _month(0),
    "last-month": _month(-1),
    "next-month": _month(1),
    "this-year": _year(0),
    "last-year": _year(-1),
    "next-year": _year(1),
}
