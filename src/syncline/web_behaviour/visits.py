"""Which page views make one visit: pure.

A visit ends after 35 minutes without a page view. A page view that is told late joins the visit that it
follows; two visits that were told apart stay apart, for both may be in Dynamics by then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

IDLE: Final = timedelta(minutes=35)
"""A gap of just this long is still within one visit."""


@dataclass
class Stretch:
    """A visit, as far as it matters to what belongs to it."""

    row_id: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class Seen:
    row_id: str
    at: datetime


def assign(stretches: Sequence[Stretch], views: Iterable[Seen]) -> dict[str, str]:
    """Page view → row id of its visit. All are of one person. A visit that begins with a page view is named
    by that page view's row id.
    """
    known = list(stretches)
    found: dict[str, str] = {}
    for view in sorted(views, key=lambda one: (one.at, one.row_id)):
        fitting = [one for one in known if one.started_at - IDLE <= view.at <= one.ended_at + IDLE]
        if fitting:
            visit = min(fitting, key=lambda one: (one.started_at, one.row_id))
        else:
            visit = Stretch(view.row_id, view.at, view.at)
            known.append(visit)
        visit.started_at, visit.ended_at = min(visit.started_at, view.at), max(visit.ended_at, view.at)
        found[view.row_id] = visit.row_id
    return found
