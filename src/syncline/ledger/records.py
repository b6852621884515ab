"""The records of a run, a page at a time, however many there are, and however they are filtered.

Paging is by key, never by offset, so the last page of a million records costs what the first one does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from syncline.ledger.models import Outcome, Run
from syncline.ledger.outcomes import PLANNED, RESULTS
from syncline.searching import by_address

STREAMED_AT_A_TIME: Final = 1000


@dataclass(frozen=True, kw_only=True)
class RecordFilter:
    """Which records of a run somebody asks for; an empty text asks for all."""

    side: str = ""
    action: str = ""
    result: str = ""
    reason: str = ""
    address: str = ""
    """A whole address in lower case, or the beginning of one."""


def records_after(run: Run, wanted: RecordFilter, after: int, most: int) -> list[Outcome]:
    """Up to `most` records whose id is larger than `after`, in order of id.

    The index holds the records of a run result by result. So each result is asked for its own next ones, in
    the index's order, and the first of all are taken; asked for all results at once, the database would sort
    the whole run for every page.
    """
    found = _matching(Outcome.objects.filter(run=run, pk__gt=after), wanted).select_related("part")
    results = [wanted.result] if wanted.result else [*RESULTS, PLANNED]
    nearest = [row for result in results for row in found.filter(result=result).order_by("pk")[:most]]
    return sorted(nearest, key=lambda row: row.pk)[:most]


def every_record(run: Run, wanted: RecordFilter) -> Iterator[Outcome]:
    """All of them, in order of id; no more than a few thousand are held at once."""
    after = 0
    while rows := records_after(run, wanted, after, STREAMED_AT_A_TIME):
        yield from rows
        after = rows[-1].pk


def _matching(found: QuerySet[Outcome], wanted: RecordFilter) -> QuerySet[Outcome]:
    exact = {"side": wanted.side, "action": wanted.action, "reason": wanted.reason}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    return by_address(found, wanted.address) if wanted.address else found
