"""Opens and clicks over time as a drawing: where each bar, line and word of it stands.

Drawn on the server, for the content security policy lets no style or script into a page; colours come from
the style sheet. The table beside the drawing says the same in numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from syncline.campaigns.days import Course, Stretch, Unit
from syncline.campaigns.models import DayKind

WIDTH: Final = 760
HEIGHT: Final = 240
LEFT: Final = 52
RIGHT: Final = 8
TOP: Final = 12
BOTTOM: Final = 28
MOST_WORDS: Final = 9
"""So many dates find room below the drawing."""
LINES: Final = 4
DRAWN: Final = (DayKind.OPENED, DayKind.CLICKED)


@dataclass(frozen=True)
class Bar:
    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """One day, week or month."""

    name: str
    bars: list[Bar]
    words: str
    """All of it, for whoever points at it."""
    x: float
    width: float


@dataclass(frozen=True)
class Mark:
    """A word at the edge, and the line that belongs to it."""

    at: float
    words: str


@dataclass(frozen=True)
class Chart:
    unit: Unit
    columns: list[Column]
    heights: list[Mark]
    dates: list[Mark]
    rows: list[tuple[str, list[int]]]
    """(name, numbers in the order of `DayKind`), for the table."""
    highest: str
    """In words, for whoever does not see the drawing."""


def chart_of(course: Course) -> Chart | None:
    """None where nothing was counted."""
    if not course.stretches:
        return None
    names = [_name(one.start, course) for one in course.stretches]
    top = _round_up(max(one.numbers[kind] for one in course.stretches for kind in DRAWN))
    room = (WIDTH - LEFT - RIGHT) / len(course.stretches)
    # Of one day alone no bar is as wide as the whole drawing.
    bar = min(room * 0.8, 96) / len(DRAWN)
    columns = [
        _column(name, one, LEFT + place * room, room, bar, top)
        for place, (name, one) in enumerate(zip(names, course.stretches, strict=True))
    ]
    every = -(-len(columns) // MOST_WORDS)
    return Chart(
        unit=course.unit,
        columns=columns,
        heights=[Mark(_y(top * step / LINES, top), f"{top * step // LINES:,}") for step in range(LINES + 1)],
        dates=[Mark(_middle(one), one.name) for one in columns[::every]],
        rows=[
            (name, [one.numbers[kind] for kind in DayKind])
            for name, one in zip(names, course.stretches, strict=True)
        ],
        highest=_highest(names, course.stretches),
    )


def _column(name: str, one: Stretch, x: float, room: float, bar: float, top: int) -> Column:
    start = x + (room - bar * len(DRAWN)) / 2
    bars = []
    for place, kind in enumerate(DRAWN):
        y = _y(one.numbers[kind], top)
        height = HEIGHT - BOTTOM - y
        bars.append(Bar(kind.value, round(start + place * bar, 2), y, round(bar * 0.92, 2), round(height, 2)))
    told = ", ".join(f"{one.numbers[kind]:,} {_WORDS[kind]}" for kind in DRAWN)
    return Column(name, bars, f"{name}: {told}", round(x, 2), round(room, 2))


_WORDS: Final = {DayKind.OPENED: "opened for the first time", DayKind.CLICKED: "clicks"}


def _middle(column: Column) -> float:
    return round(column.x + column.width / 2, 2)


def _y(number: float, top: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * number / top, 2)


def _round_up(number: int) -> int:
    """The next number of the kind that a scale of four steps ends with."""
    size = 1
    while True:
        for digit in (4, 8, 12, 20, 28):
            if number <= digit * size:
                return digit * size
        size *= 10


def _name(start: date, course: Course) -> str:
    years = {one.start.year for one in course.stretches}
    year = f" {start.year}" if len(years) > 1 else ""
    return f"{start:%b} {start.year}" if course.unit == "month" else f"{start.day} {start:%b}{year}"


def _highest(names: list[str], stretches: list[Stretch]) -> str:
    parts = []
    for kind in DRAWN:
        most = max(range(len(stretches)), key=lambda place: stretches[place].numbers[kind])
        parts.append(f"most {_WORDS[kind]}: {stretches[most].numbers[kind]:,} ({names[most]})")
    return "; ".join(parts)
