"""What is done about a slot that has come."""

import pytest
from whenever import Instant, PlainDateTime, Time

from syncline.schedule.due import REMEMBERED, Slot, UnderWay, decide
from syncline.schedule.gaps import Missed
from syncline.schedule.intervals import INTERVALS, ONCE_A_DAY
from syncline.schedule.rule import Rule
from syncline.schedule.windows import OVERNIGHT, SPECIFIC_TIME

LONDON = "Europe/London"
HOURLY = Rule(interval=INTERVALS["1h"], zone=LONDON)
NIGHTLY = Rule(interval=INTERVALS["4h"], window=OVERNIGHT, zone=LONDON)


def at(text: str) -> Instant:
    return PlainDateTime.parse_iso(text).assume_tz(LONDON, disambiguation="raise").to_instant()


def decided(rule: Rule, due: str, now: str, *, disabled: bool = False, under_way: UnderWay = None) -> Slot:
    return decide(rule, at(due), at(now), disabled=disabled, under_way=under_way)


def test_on_time() -> None:
    slot = decided(HOURLY, "2026-06-03T10:00", "2026-06-03T10:00:01")
    assert slot == Slot(at("2026-06-03T10:00"), (), at("2026-06-03T11:00"))


@pytest.mark.parametrize(
    ("disabled", "under_way", "reason"),
    [
        (False, "running", Missed.STILL_RUNNING),
        (False, "queued", Missed.STILL_WAITING),
        (True, None, Missed.ACCOUNT_DISABLED),
        (True, "running", Missed.ACCOUNT_DISABLED),
    ],
)
def test_a_slot_that_goes_without_says_why(disabled: bool, under_way: UnderWay, reason: Missed) -> None:
    slot = decided(HOURLY, "2026-06-03T10:00", "2026-06-03T10:00:01", disabled=disabled, under_way=under_way)
    assert slot.serves is None
    assert slot.missed == ((at("2026-06-03T10:00"), reason),)
    assert slot.next_due == at("2026-06-03T11:00")


def test_after_a_rest_the_latest_slot_is_made_up_for_and_the_others_are_recorded() -> None:
    slot = decided(HOURLY, "2026-06-03T10:00", "2026-06-03T13:20")
    assert slot.serves == at("2026-06-03T13:00")
    assert slot.missed == tuple((at(f"2026-06-03T{hour}:00"), Missed.ENGINE_DOWN) for hour in (10, 11, 12))
    assert slot.next_due == at("2026-06-03T14:00")


def test_a_run_is_not_made_up_for_outside_its_window() -> None:
    slot = decided(NIGHTLY, "2026-06-03T06:00", "2026-06-03T09:00")
    assert slot.serves is None
    assert slot.missed == ((at("2026-06-03T06:00"), Missed.ENGINE_DOWN),)
    assert slot.next_due == at("2026-06-03T18:00")


def test_a_slot_close_to_the_windows_end_survives_a_busy_tick() -> None:
    every_quarter = Rule(interval=INTERVALS["15m"], window=OVERNIGHT, zone=LONDON)
    assert decided(every_quarter, "2026-06-03T07:45", "2026-06-03T07:59").serves == at("2026-06-03T07:45")
    late = decided(every_quarter, "2026-06-03T07:45", "2026-06-03T08:01")
    assert late.serves is None, "sixteen minutes late, and the window has shut"


def test_a_specific_time_is_made_up_for() -> None:
    rule = Rule(interval=ONCE_A_DAY, window=SPECIFIC_TIME, at=Time(3), zone=LONDON)
    assert decided(rule, "2026-06-03T03:00", "2026-06-03T09:00").serves == at("2026-06-03T03:00")


def test_a_long_rest_records_only_the_latest_slots() -> None:
    quarterly = Rule(interval=INTERVALS["15m"], zone=LONDON)
    slot = decided(quarterly, "2026-01-01T00:00", "2026-06-03T10:00")
    assert slot.serves == at("2026-06-03T10:00")
    assert len(slot.missed) == REMEMBERED - 1
    assert slot.missed[-1][0] == at("2026-06-03T09:45")
    assert [when for when, _ in slot.missed] == sorted(when for when, _ in slot.missed)
