"""The verdict about one preference, which is pure: the later choice counts, and in doubt the no."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from syncline.people.store.choices import NO, NOTHING, YES, Told
from syncline.syncs.consent.changes import ChoiceHeld
from syncline.syncs.preferences.decide import DISAGREE, DOUBT_MS, verdict

HOUR = 3_600_000
EARLY, LATE = 100 * HOUR, 200 * HOUR


def row(chosen: int, since_ms: int = EARLY, *, ours: bool = False, record_id: str = "r") -> ChoiceHeld:
    return ChoiceHeld(f"row of {record_id}", record_id, 1, chosen, since_ms, ours, "W/1")


@pytest.mark.parametrize(
    ("told", "rows", "value"),
    [
        (Told(), [], NOTHING),
        (Told(YES, EARLY), [], YES),
        (Told(NO, EARLY), [], NO),
        (Told(), [row(YES)], YES),
        (Told(), [row(NO)], NO),
        # Both have changed: the later.
        (Told(YES, EARLY), [row(NO, LATE)], NO),
        (Told(NO, EARLY), [row(YES, LATE)], YES),
        (Told(YES, LATE), [row(NO, EARLY)], YES),
        (Told(NO, LATE), [row(YES, EARLY)], NO),
        (Told(NO, LATE, YES, EARLY), [row(YES, LATE + HOUR)], NO),
        # Nobody can tell which was the later.
        (Told(YES, LATE), [row(NO, LATE - DOUBT_MS)], NO),
        (Told(NO, LATE), [row(YES, LATE + DOUBT_MS)], NO),
        (Told(NO, LATE), [row(YES, LATE + DOUBT_MS + 1)], YES),
        # One side has changed.
        (Told(YES, EARLY, YES, EARLY), [row(NO, LATE)], NO),
        (Told(NO, EARLY, NO, EARLY), [row(YES, LATE)], YES),
        (Told(YES, LATE, NO, EARLY), [row(NO, EARLY, ours=True)], YES),
        (Told(NO, LATE, YES, EARLY), [row(YES, EARLY, ours=True)], NO),
        # A yes that was agreed on is nothing new when it is said again; a no is.
        (Told(YES, LATE + HOUR, YES, EARLY), [row(NO, LATE)], NO),
        (Told(NO, LATE + HOUR, NO, EARLY), [row(YES, LATE)], NO),
        # What Syncline wrote for another address: its no goes with the person, its yes does not.
        (Told(), [row(NO, ours=True)], NO),
        (Told(), [row(YES, ours=True)], NOTHING),
        (Told(YES, EARLY), [row(NO, LATE, ours=True)], NO),
    ],
)
def test_the_later_choice_counts(told: Told, rows: list[ChoiceHeld], value: int) -> None:
    assert verdict(told, rows)[:2] == (value, "")


def test_one_record_that_says_no_is_enough_and_a_yes_needs_all() -> None:
    yes, no = row(YES, LATE), row(NO, EARLY, record_id="other")
    assert verdict(Told(YES, EARLY, YES, EARLY), [yes, no]).value == NO
    settled = row(NO, EARLY, ours=True, record_id="other")
    assert verdict(Told(NO, EARLY, NO, EARLY), [yes, settled])[:2] == (NOTHING, DISAGREE)
    assert verdict(Told(YES, LATE, NO, EARLY), [yes, settled])[:2] == (YES, "")


moments = st.integers(1, 20).map(lambda hours: hours * HOUR)
values = st.sampled_from([NOTHING, NO, YES])
tolds = st.builds(Told, values, moments, values, moments)
rows_of_two = st.lists(
    st.builds(row, values, moments, ours=st.booleans(), record_id=st.sampled_from("ab")), max_size=3
)


@given(tolds, rows_of_two)
def test_a_yes_never_comes_from_nowhere_nor_over_a_later_no(told: Told, rows: list[ChoiceHeld]) -> None:
    found = verdict(told, rows)

    if found.value == YES:
        assert told.told == YES or any(one.chosen == YES and not one.ours for one in rows)
        latest_yes = max(
            [one.since_ms for one in rows if one.chosen == YES and not one.ours]
            + [told.told_ms] * (told.told == YES)
        )
        news = [one.since_ms for one in rows if one.chosen == NO and told.settled != NO]
        if told.told == NO and (told.settled != NO or told.told_ms > told.settled_ms):
            news.append(told.told_ms)
        assert all(at < latest_yes for at in news)


@given(tolds, rows_of_two)
def test_what_was_carried_out_is_agreed_on(told: Told, rows: list[ChoiceHeld]) -> None:
    found = verdict(told, rows)
    if found.value == NOTHING:
        return
    settled = Told(found.value, told.told_ms, found.value, told.told_ms)
    written = [one._replace(chosen=found.value, ours=True) for one in rows]

    assert verdict(settled, written)[:2] == (found.value, "")
