"""How often the workers look, and how long they wait before they act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The rhythm of a worker. Every worker of an installation keeps the same."""

    beat_s: float = 2.0
    """Between two signs of life."""
    dead_after: timedelta = timedelta(seconds=20)
    """Ten missed beats: the worker is taken for dead, and its runs are taken over."""
    look_every_s: float = 2.0
    """Between two looks for dead workers and for schedules that are due."""
    look_into_queue_every_s: float = 0.5
    hand_over_every_s: float = 60.0
    """Between two comparisons of our runs with what the engine knows."""
    hand_over_after: timedelta = timedelta(seconds=20)
    """A run younger than this may just be on its way to the engine."""
    tidy_every_s: float = 3600.0
