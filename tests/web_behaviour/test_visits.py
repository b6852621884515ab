"""Which page views make one visit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from syncline.web_behaviour.visits import IDLE, Seen, Stretch, assign

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)


def seen(name: str, minutes: float) -> Seen:
    return Seen(name, TEN + timedelta(minutes=minutes))


def test_thirty_five_idle_minutes_are_one_visit_and_a_second_more_are_two() -> None:
    assert assign([], [seen("a", 0), seen("b", 35)]) == {"a": "a", "b": "a"}
    assert assign([], [seen("a", 0), seen("b", 35 + 1 / 60)]) == {"a": "a", "b": "b"}


def test_a_known_visit_goes_on_and_takes_what_came_before_it() -> None:
    known = [Stretch("v", TEN, TEN + timedelta(minutes=5))]
    assert assign(known, [seen("late", -20), seen("next", 40), seen("other", 76)]) == {
        "late": "v",
        "next": "v",
        "other": "other",
    }


def test_what_lies_between_two_visits_joins_the_earlier() -> None:
    known = [Stretch("first", TEN, TEN), Stretch("second", *[TEN + timedelta(minutes=60)] * 2)]
    assert assign(known, [seen("between", 30)]) == {"between": "first"}


@given(st.lists(st.integers(0, 600), unique=True, max_size=40))
def test_told_at_once_a_visit_ends_just_where_nothing_happens_for_that_long(minutes: list[int]) -> None:
    found = assign([], [seen(str(one), one) for one in minutes])
    in_order = sorted(minutes)
    for one, following in pairwise(in_order):
        together = timedelta(minutes=following - one) <= IDLE
        assert (found[str(one)] == found[str(following)]) is together
