"""Times in words."""

from datetime import UTC, datetime, timedelta

import pytest

from syncline.console.moments import duration, relative, tell

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=-59), "just now"),
        (timedelta(seconds=59), "within a minute"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(minutes=-119), "1 hour ago"),
        (timedelta(hours=3, minutes=59), "in 3 hours"),
        (timedelta(days=-1), "1 day ago"),
        (timedelta(days=13), "in 13 days"),
        (timedelta(days=14), ""),
        (timedelta(days=-400), ""),
    ],
)
def test_the_distance_from_now(distance: timedelta, words: str) -> None:
    assert relative(distance) == words


def test_the_clock_is_the_accounts_own() -> None:
    told = tell(NOW, "Asia/Kathmandu", NOW)
    assert told.clock == "Wed 1 Jul, 17:45"
    assert told.full == "Wednesday 1 July 2026, 17:45:00 (Asia/Kathmandu)"
    assert told.iso == "2026-07-01T17:45:00+05:45"


def test_another_year_is_named_and_the_year_is_the_local_one() -> None:
    new_year = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    assert tell(new_year, "UTC", NOW).clock == "Wed 31 Dec 2025, 23:30"
    assert tell(new_year, "Europe/Berlin", NOW).clock == "Thu 1 Jan, 00:30"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.96, "10.0 s"),
        (42.9, "42 s"),
        (200, "3 min 20 s"),
        (3600, "1 h 0 min"),
        (7530, "2 h 5 min"),
    ],
)
def test_how_long_it_took(seconds: float, words: str) -> None:
    assert duration(seconds) == words
