"""What happened over time: by day, week or month, and without a gap."""

from datetime import UTC, date, datetime, timedelta

import pytest

from console.campaign_world import make_campaign
from console.world import make_account
from syncline.campaigns import days
from syncline.campaigns.models import Campaign, CampaignDay, DayKind

MONDAY = date(2026, 3, 2)

pytestmark = pytest.mark.django_db


@pytest.fixture
def spring() -> Campaign:
    return make_campaign(make_account("Contoso"), "Spring")


def opened(spring: Campaign, **by_day: int) -> None:
    days.add(spring, {(MONDAY + timedelta(days=int(n[1:])), DayKind.OPENED): by_day[n] for n in by_day})


def told(spring: Campaign) -> list[tuple[date, int]]:
    return [(one.start, one.numbers[DayKind.OPENED]) for one in days.course_of(spring).stretches]


def test_numbers_of_a_day_add_up_kind_by_kind(spring: Campaign) -> None:
    opened(spring, d0=3)
    opened(spring, d0=4, d2=1)
    days.add(spring, {(MONDAY, DayKind.CLICKED): 9})
    days.add(spring, {})
    assert told(spring) == [(MONDAY, 7), (MONDAY + timedelta(days=1), 0), (MONDAY + timedelta(days=2), 1)]
    assert days.course_of(spring).stretches[0].numbers[DayKind.CLICKED] == 9
    assert CampaignDay.objects.count() == 3


def test_two_months_of_days_are_told_by_day(spring: Campaign) -> None:
    opened(spring, d0=1, d61=1)
    course = days.course_of(spring)
    assert (course.unit, len(course.stretches)) == ("day", 62)


def test_more_are_told_by_week_from_monday_on(spring: Campaign) -> None:
    opened(spring, d2=1, d6=2, d7=4, d66=8)
    course = days.course_of(spring)
    assert (course.unit, len(course.stretches)) == ("week", 10)
    assert told(spring)[:2] == [(MONDAY, 3), (MONDAY + timedelta(days=7), 4)]
    assert told(spring)[-1] == (MONDAY + timedelta(days=63), 8)


def test_years_are_told_by_month(spring: Campaign) -> None:
    opened(spring, d0=1, d29=2, d30=4, d500=8)
    course = days.course_of(spring)
    assert (course.unit, len(course.stretches)) == ("month", 17)
    assert told(spring)[:2] == [(date(2026, 3, 1), 3), (date(2026, 4, 1), 4)]
    assert told(spring)[-1] == (date(2027, 7, 1), 8)
    assert sum(number for _, number in told(spring)) == 15


@pytest.mark.parametrize(("hours", "told_days"), [(30, 2), (24 * 40, 7)])
def test_a_quiet_first_week_is_told_as_far_as_it_is_carried_over(
    spring: Campaign, hours: int, told_days: int
) -> None:
    opened(spring, d0=5)
    spring.settled_to = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hours)
    assert [number for _, number in told(spring)] == [5, *[0] * (told_days - 1)]


def test_without_anything_there_is_nothing(spring: Campaign) -> None:
    assert days.course_of(spring).stretches == []


def test_they_go_with_the_campaign(spring: Campaign) -> None:
    opened(spring, d0=1)
    spring.account.delete()
    assert not CampaignDay.objects.exists()
