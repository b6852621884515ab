"""What holds for every rule, in many zones, close to every change of the clock."""

from datetime import datetime
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from whenever import Date, Instant, PlainDateTime, Time, Weekday, ZonedDateTime

from syncline.schedule.intervals import INTERVALS, MANUAL, ONCE_A_DAY, ONCE_A_WEEK, Interval
from syncline.schedule.rule import Rule
from syncline.schedule.timetable import is_open, next_run, preview
from syncline.schedule.wall_clock import moment
from syncline.schedule.windows import BUILT_IN, SPECIFIC_TIME, Window, painted_window

ZONES = (
    "UTC", "Europe/London", "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Havana",
    "America/Sao_Paulo", "America/Santiago", "Africa/Casablanca", "Africa/Cairo", "Asia/Kathmandu",
    "Asia/Tehran", "Asia/Gaza", "Asia/Kolkata", "Australia/Lord_Howe", "Australia/Eucla",
    "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Antarctica/Troll", "Atlantic/Azores",
)  # fmt: skip
COUNTED = [interval for interval in INTERVALS.values() if interval.every_s]

zones = st.sampled_from(ZONES)


@st.composite
def near_a_change(draw: st.DrawFn) -> tuple[str, ZonedDateTime]:
    """A zone and a moment within two days of one of its clock changes (or anywhere, where it has none)."""
    zone = draw(zones)
    start = Instant.from_timestamp(draw(st.integers(631_152_000, 2_051_222_400))).to_tz(zone)  # 1990 to 2034
    change = start.next_transition() or start
    offset_s = draw(st.integers(-2 * 86_400, 2 * 86_400))
    return zone, change.add(seconds=offset_s)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    built_in = [window for window in BUILT_IN.values() if window != SPECIFIC_TIME]
    if draw(st.booleans()):
        return draw(st.sampled_from(built_in))
    runs = draw(st.lists(st.tuples(st.integers(0, 167), st.integers(1, 40)), min_size=1, max_size=6))
    hours = ["0"] * 168
    for start, length in runs:
        for hour in range(start, start + length):
            hours[hour % 168] = "1"
    return painted_window("Painted", "".join(hours))


@st.composite
def rules(draw: st.DrawFn, zone: str) -> Rule:
    interval = draw(st.sampled_from([i for i in INTERVALS.values() if i != MANUAL]))
    window = draw(windows())
    at = weekday = None
    if interval.follows_calendar and draw(st.booleans()):
        window = SPECIFIC_TIME
        at = Time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 1, 15, 30, 59])))
        weekday = draw(st.sampled_from(list(Weekday))) if interval == ONCE_A_WEEK else None
    starts_on = Date(2020, 5, 17) if draw(st.booleans()) else None
    return Rule(interval=interval, window=window, zone=zone, at=at, weekday=weekday, starts_on=starts_on)


@given(near_a_change())
def test_a_local_time_is_the_first_moment_at_which_the_wall_clock_shows_it_or_later(
    place: tuple[str, ZonedDateTime],
) -> None:
    zone, around = place
    wanted = around.round("minute", mode="floor").to_plain()
    walk = around.round("minute", mode="floor").subtract(hours=30)
    assume(walk.to_plain() < wanted)
    # An independent answer: walk real minutes until the wall clock reaches the time.
    while walk.to_plain() < wanted:
        walk = walk.add(minutes=1)
    assert moment(wanted, zone) == walk.to_instant()


@given(st.data(), near_a_change())
def test_no_run_is_left_out_whenever_one_asks(data: st.DataObject, place: tuple[str, ZonedDateTime]) -> None:
    zone, around = place
    rule = data.draw(rules(zone))
    after = around.to_instant()
    slots = preview(rule, after, 6)
    assert len(slots) == 6
    assert after < slots[0]
    for earlier, later in pairwise([after, *slots]):
        assert earlier < later
        middle = data.draw(st.integers(earlier.timestamp(), later.timestamp() - 1))
        assert next_run(rule, max(earlier, Instant.from_timestamp(middle))) == later


@given(near_a_change(), st.sampled_from(COUNTED))
def test_an_interval_without_a_window_is_exact_elapsed_time(
    place: tuple[str, ZonedDateTime], interval: Interval
) -> None:
    zone, around = place
    rule = Rule(interval=interval, zone=zone)
    slots = preview(rule, around.to_instant(), 30)
    assert {(b - a).total("seconds") for a, b in pairwise(slots)} == {rule.interval.every_s}


@given(st.data(), near_a_change())
def test_runs_in_a_window_are_open_and_an_interval_apart_within_an_opening(
    data: st.DataObject, place: tuple[str, ZonedDateTime]
) -> None:
    zone, around = place
    rule = Rule(interval=data.draw(st.sampled_from(COUNTED)), window=data.draw(windows()), zone=zone)
    slots = preview(rule, around.to_instant(), 12)
    assert all(is_open(rule.window, slot, zone) for slot in slots)
    every_s = rule.interval.every_s or 0
    for earlier, later in pairwise(slots):
        gap_s = (later - earlier).total("seconds")
        # Either the interval has passed, or the window was shut in between and opened anew.
        opened_anew = not is_open(rule.window, later.subtract(seconds=1), zone)
        assert gap_s == every_s or opened_anew


@given(near_a_change(), st.integers(0, 23), st.integers(0, 59))
def test_a_daily_time_runs_exactly_once_for_each_local_day(
    place: tuple[str, ZonedDateTime], hour: int, minute: int
) -> None:
    zone, around = place
    rule = Rule(interval=ONCE_A_DAY, window=SPECIFIC_TIME, at=Time(hour, minute), zone=zone)
    day = around.date()
    expected = [moment(day.add(days=n).at(Time(hour, minute)), zone) for n in range(-3, 4)]
    got = preview(rule, expected[0].subtract(seconds=1), 7)
    # Only a zone that left out a whole day has two days at one moment.
    assert got[: len(set(expected))] == sorted(set(expected))


@given(st.data(), zones, st.datetimes(datetime(1995, 1, 1), datetime(2034, 1, 1)))
def test_away_from_clock_changes_a_window_is_what_is_painted(
    data: st.DataObject, zone: str, naive: datetime
) -> None:
    window = data.draw(windows())
    local = PlainDateTime(naive).assume_tz(zone, disambiguation="earlier")
    before, after = local.subtract(hours=200), local.add(hours=200)
    assume(before.offset == after.offset == local.offset)
    assume(before.next_transition() is None or before.next_transition() > after)
    minute = (local.day_of_week().value - 1) * 1440 + local.hour * 60 + local.minute
    painted = window.is_never_shut or any(
        (minute - stretch.start) % 10_080 < stretch.length for stretch in window.stretches
    )
    assert is_open(window, local.to_instant(), zone) == painted


@given(near_a_change(), windows())
@settings(max_examples=50)
def test_a_daily_run_in_a_window_comes_at_most_once_a_local_day(
    place: tuple[str, ZonedDateTime], window: Window
) -> None:
    zone, around = place
    assume(zone != "Pacific/Apia")  # It left out a day, whose run comes at the first moment of the next.
    slots = preview(Rule(interval=ONCE_A_DAY, window=window, zone=zone), around.to_instant(), 10)
    dates = [slot.to_tz(zone).date() for slot in slots]
    assert len(set(dates)) == len(dates)
