"""The examples of product.md §4, and what happens when clocks change."""

import pytest
from whenever import Date, Instant, PlainDateTime, Time, Weekday

from syncline.schedule.intervals import INTERVALS, MANUAL, ONCE_A_DAY, ONCE_A_WEEK
from syncline.schedule.rule import Rule
from syncline.schedule.timetable import is_open, next_run, preview
from syncline.schedule.windows import (
    ANY_TIME,
    OFFICE_HOURS,
    OVERNIGHT,
    SPECIFIC_TIME,
    WEEKENDS,
    painted_window,
)

FOUR_HOURS = INTERVALS["4h"]
LONDON = "Europe/London"
# In 2026 the clocks in London go forward on 29 March at 01:00 and back on 25 October at 02:00.


def local(text: str, zone: str) -> Instant:
    return PlainDateTime.parse_iso(text).assume_tz(zone, disambiguation="raise").to_instant()


def shown(rule: Rule, after: str, count: int) -> list[str]:
    slots = preview(rule, local(after, rule.zone), count)
    return [slot.to_tz(rule.zone).to_stdlib().strftime("%a %H:%M") for slot in slots]


def test_four_hours_overnight_on_weekdays() -> None:
    rule = Rule(interval=FOUR_HOURS, window=OVERNIGHT, zone=LONDON)
    monday_to_thursday = [
        f"{day} {time}"
        for evening, morning in (
            ("Mon", "Tue"),
            ("Tue", "Wed"),
            ("Wed", "Thu"),
            ("Thu", "Fri"),
            ("Fri", "Sat"),
        )
        for day, time in ((evening, "18:00"), (evening, "22:00"), (morning, "02:00"), (morning, "06:00"))
    ]
    assert shown(rule, "2026-06-01T00:00", 20) == monday_to_thursday
    assert shown(rule, "2026-06-06T06:00", 1) == ["Mon 18:00"], "shut from Saturday 08:00 until Monday 18:00"


def test_friday_night_belongs_to_friday() -> None:
    assert is_open(OVERNIGHT, local("2026-06-05T23:00", LONDON), LONDON)
    assert is_open(OVERNIGHT, local("2026-06-06T07:59:59", LONDON), LONDON)
    assert not is_open(OVERNIGHT, local("2026-06-06T08:00", LONDON), LONDON)
    assert not is_open(OVERNIGHT, local("2026-06-08T01:00", LONDON), LONDON), "Sunday night opens no window"
    assert not is_open(OVERNIGHT, local("2026-06-08T17:59", LONDON), LONDON)
    assert is_open(OVERNIGHT, local("2026-06-08T18:00", LONDON), LONDON)


@pytest.mark.parametrize(
    ("rule", "after", "expected"),
    [
        (Rule(interval=INTERVALS["12h"], zone=LONDON), "2026-01-05T00:00", ["Mon 12:00", "Tue 00:00"]),
        (Rule(interval=INTERVALS["15m"], zone=LONDON), "2026-01-05T10:07", ["Mon 10:15", "Mon 10:30"]),
        (
            Rule(interval=INTERVALS["2h"], window=OFFICE_HOURS, zone=LONDON),
            "2026-01-09T12:00",
            ["Fri 13:00", "Fri 15:00", "Mon 09:00"],
        ),
        (
            Rule(interval=INTERVALS["12h"], window=WEEKENDS, zone=LONDON),
            "2026-01-09T12:00",
            ["Sat 00:00", "Sat 12:00", "Sun 00:00", "Sun 12:00", "Sat 00:00"],
        ),
        (Rule(interval=ONCE_A_DAY, zone=LONDON), "2026-01-05T10:00", ["Tue 00:00", "Wed 00:00"]),
        (
            Rule(interval=ONCE_A_DAY, window=OVERNIGHT, zone=LONDON),
            "2026-01-09T10:00",
            ["Fri 18:00", "Mon 18:00"],
        ),
        (
            Rule(interval=ONCE_A_DAY, window=WEEKENDS, zone=LONDON),
            "2026-01-09T10:00",
            ["Sat 00:00", "Sun 00:00", "Sat 00:00"],
        ),
        (
            Rule(interval=ONCE_A_DAY, window=SPECIFIC_TIME, at=Time(3, 30), zone=LONDON),
            "2026-01-05T03:30",
            ["Tue 03:30", "Wed 03:30"],
        ),
        (
            Rule(
                interval=ONCE_A_WEEK,
                window=SPECIFIC_TIME,
                at=Time(3, 30),
                weekday=Weekday.THURSDAY,
                zone=LONDON,
            ),
            "2026-01-05T03:30",
            ["Thu 03:30", "Thu 03:30"],
        ),
        (
            Rule(interval=ONCE_A_WEEK, window=WEEKENDS, zone=LONDON),
            "2026-01-05T03:30",
            ["Sat 00:00", "Sat 00:00"],
        ),
        (
            Rule(interval=ONCE_A_WEEK, window=ANY_TIME, zone=LONDON),
            "2026-01-05T03:30",
            ["Mon 00:00", "Mon 00:00"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_runs(rule: Rule, after: str, expected: list[str]) -> None:
    assert shown(rule, after, len(expected)) == expected


def test_manual_only_never_runs_by_itself() -> None:
    assert next_run(Rule(interval=MANUAL), local("2026-01-05T00:00", "UTC")) is None
    assert preview(Rule(interval=MANUAL), local("2026-01-05T00:00", "UTC")) == []


def test_nothing_runs_before_the_first_day() -> None:
    rule = Rule(interval=FOUR_HOURS, zone=LONDON, starts_on=Date(2026, 7, 10))
    assert next_run(rule, local("2026-07-01T00:00", LONDON)) == local("2026-07-10T00:00", LONDON)
    nightly = Rule(interval=FOUR_HOURS, window=OVERNIGHT, zone=LONDON, starts_on=Date(2026, 7, 10))
    assert shown(nightly, "2026-07-01T00:00", 2) == ["Fri 02:00", "Fri 06:00"]


def test_an_interval_counts_real_time_over_both_changes_of_the_clock() -> None:
    rule = Rule(interval=FOUR_HOURS, window=OVERNIGHT, zone=LONDON)
    weekend = painted_window("Weekend nights", "0" * 6 * 24 + "1" * 24)
    sundays = Rule(interval=FOUR_HOURS, window=weekend, zone=LONDON)
    assert shown(sundays, "2026-03-28T12:00", 6) == [
        "Sun 00:00", "Sun 05:00", "Sun 09:00", "Sun 13:00", "Sun 17:00", "Sun 21:00",
    ]  # fmt: skip
    assert shown(sundays, "2026-10-24T12:00", 7) == [
        "Sun 00:00", "Sun 03:00", "Sun 07:00", "Sun 11:00", "Sun 15:00", "Sun 19:00", "Sun 23:00",
    ]  # fmt: skip
    assert shown(rule, "2026-03-30T12:00", 2) == ["Mon 18:00", "Mon 22:00"], (
        "and the next opening starts anew"
    )


def test_a_time_that_does_not_exist_runs_at_the_first_moment_after_the_gap() -> None:
    rule = Rule(interval=ONCE_A_DAY, window=SPECIFIC_TIME, at=Time(1, 30), zone=LONDON)
    assert shown(rule, "2026-03-28T00:00", 3) == ["Sat 01:30", "Sun 02:00", "Mon 01:30"]


def test_a_time_that_comes_twice_runs_once() -> None:
    rule = Rule(interval=ONCE_A_DAY, window=SPECIFIC_TIME, at=Time(1, 30), zone=LONDON)
    saturday, sunday, monday = preview(rule, local("2026-10-24T00:00", LONDON), 3)
    assert sunday == Instant.from_utc(2026, 10, 25, 0, 30), "the first 01:30, still on summer time"
    assert (monday - sunday).total("hours") == 25
    assert (sunday - saturday).total("hours") == 24


def test_half_an_hour_of_daylight_saving() -> None:
    # Lord Howe goes from 02:00 to 02:30 on 4 October 2026.
    rule = Rule(interval=ONCE_A_DAY, window=SPECIFIC_TIME, at=Time(2, 15), zone="Australia/Lord_Howe")
    assert shown(rule, "2026-10-03T00:00", 3) == ["Sat 02:15", "Sun 02:30", "Mon 02:15"]


def test_a_window_within_the_skipped_hour_still_gives_its_run() -> None:
    one_hour = painted_window("One o'clock on Sundays", "0" * (6 * 24 + 1) + "1" + "0" * 22)
    rule = Rule(interval=INTERVALS["15m"], window=one_hour, zone=LONDON)
    assert shown(rule, "2026-03-28T12:00", 2) == ["Sun 02:00", "Sun 01:00"]


def test_a_day_that_a_zone_left_out_is_left_out() -> None:
    # Samoa went from Thursday 29 to Saturday 31 December 2011.
    rule = Rule(interval=ONCE_A_DAY, window=SPECIFIC_TIME, at=Time(9), zone="Pacific/Apia")
    days = [slot.to_tz(rule.zone).day for slot in preview(rule, local("2011-12-28T12:00", rule.zone), 3)]
    assert days == [29, 31, 31], "the missing 09:00 runs at the first moment after the gap"


def test_painted_hours_that_run_from_sunday_into_monday_are_one_opening() -> None:
    window = painted_window("Around the weekend's end", "1" * 4 + "0" * 160 + "1" * 4)
    rule = Rule(interval=INTERVALS["6h"], window=window, zone=LONDON)
    assert shown(rule, "2026-06-03T12:00", 3) == ["Sun 20:00", "Mon 02:00", "Sun 20:00"]


def test_two_openings_a_day_give_one_daily_run() -> None:
    hours = ("0" * 9 + "111" + "00" + "111" + "0" * 7) * 7
    rule = Rule(interval=ONCE_A_DAY, window=painted_window("Not at lunch", hours), zone=LONDON)
    assert shown(rule, "2026-06-01T00:00", 2) == ["Mon 09:00", "Tue 09:00"]
