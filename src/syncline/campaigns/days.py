"""What happened with a campaign on which day: adding to it, and reading it. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F

from syncline.campaigns.models import Campaign, CampaignDay, DataSetCursor, DayKind

Unit = Literal["day", "week", "month"]

MOST_STRETCHES: Final = 62
"""So many can be told apart in a chart: about two months of days, a year of weeks, five years of months."""
LEAST_DAYS: Final = 7


@dataclass
class Stretch:
    """A day, a week or a month."""

    start: date
    numbers: dict[DayKind, int] = field(default_factory=lambda: dict.fromkeys(DayKind, 0))


@dataclass(frozen=True)
class Course:
    """What happened over time, without a gap: a stretch in which nothing happened has zeros."""

    unit: Unit
    """`day`, `week` (from Monday on) or `month`."""
    stretches: list[Stretch]


def add(campaign: Campaign, numbers: Mapping[tuple[date, DayKind], int]) -> None:
    rows = [
        (campaign.pk, day, kind.value, number) for (day, kind), number in sorted(numbers.items()) if number
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO campaigns_campaignday (campaign_id, day, kind, number) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (campaign_id, day, kind) "
            "DO UPDATE SET number = campaigns_campaignday.number + excluded.number",
            rows,
        )


def add_rows(campaign: Campaign, data_set: str, number: int) -> None:
    """So many rows of the set of data were new to Dynamics."""
    if number:
        DataSetCursor.objects.filter(campaign=campaign, data_set=data_set).update(rows=F("rows") + number)


def course_of(campaign: Campaign) -> Course:
    """By day; by week or month where the days are too many. The first week is told whole, as far as it is
    carried over: that nothing more happened is part of how it went.
    """
    rows = list(
        CampaignDay.objects.filter(campaign=campaign).order_by("day").values_list("day", "kind", "number")
    )
    if not rows:
        return Course("day", [])
    first, last = rows[0][0], rows[-1][0]
    if campaign.settled_to:
        carried_over = campaign.settled_to.astimezone(ZoneInfo(campaign.account.time_zone)).date()
        last = max(last, min(carried_over, first + timedelta(days=LEAST_DAYS - 1)))
    unit = _unit(first, last)
    stretches = {start: Stretch(start) for start in _starts(first, last, unit)}
    for day, kind, number in rows:
        stretches[_start(day, unit)].numbers[DayKind(kind)] += number
    return Course(unit, list(stretches.values()))


def _unit(first: date, last: date) -> Unit:
    days = (last - first).days + 1
    if days <= MOST_STRETCHES:
        return "day"
    return "week" if days <= 7 * (MOST_STRETCHES - 1) else "month"


def _start(day: date, unit: Unit) -> date:
    """Of the stretch that the day belongs to."""
    if unit == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if unit == "week" else day


def _starts(first: date, last: date, unit: Unit) -> list[date]:
    starts, at = [], _start(first, unit)
    while at <= last:
        starts.append(at)
        longest = {"day": 1, "week": 7, "month": 31}[unit]
        at = _start(at + timedelta(days=longest), unit)
    return starts
