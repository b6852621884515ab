"""A custom window as a grid of 7 days by 24 hours: between the stored text and what the page paints."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = range(24)


@dataclass(frozen=True)
class Hour:
    """One cell: `number` counts from Monday 00:00."""

    number: int
    label: str
    open: bool


@dataclass(frozen=True)
class GridDay:
    name: str
    hours: list[Hour]


def grid_of(hours: str) -> list[GridDay]:
    """The grid of a stored window; an empty text is a window that is shut all week."""
    padded = hours.ljust(len(DAYS) * 24, "0")
    return [
        GridDay(name, [_hour(name, day * 24 + hour, padded) for hour in HOURS])
        for day, name in enumerate(DAYS)
    ]


def _hour(day: str, number: int, hours: str) -> Hour:
    opens, closes = number % 24, (number + 1) % 24
    return Hour(number, f"{day} {opens:02}:00 to {closes:02}:00", hours[number] == "1")


def hours_of(ticked: Iterable[str]) -> str:
    """The text to store, from the numbers of the ticked cells; anything that is no cell is ignored."""
    numbers = {int(number) for number in ticked if number.isdecimal()}
    return "".join("1" if number in numbers else "0" for number in range(len(DAYS) * 24))


def open_stretches(hours: str) -> Iterator[tuple[int, int, int]]:
    """(day, first hour, number of hours) of each run of open hours within a day."""
    for day in range(len(DAYS)):
        hour = 0
        for mark, group in groupby(hours[day * 24 : day * 24 + 24]):
            length = len(list(group))
            if mark == "1":
                yield day, hour, length
            hour += length
