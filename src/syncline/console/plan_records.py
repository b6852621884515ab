"""What a plan would do, record by record: the paging of `record_pages`, with more to ask for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from syncline.console.record_pages import (
    SIDES,
    RecordPage,
    RecordSearch,
    matching,
    nearest,
    number_in,
    outcomes_of,
    page_through,
    reasons_among,
    search_in,
)
from syncline.ledger.models import Outcome, Run, RunPart
from syncline.ledger.outcomes import PLANNED
from syncline.ledger.records import STREAMED_AT_A_TIME

WRITES = ("create", "update", "remove")
SPARED = ("unchanged", "skipped", "rejected")
CONFLICT = "conflict"
WORDS = {
    "create": "Create",
    "update": "Update",
    "remove": "Take out",
    "skipped": "Left out",
    "rejected": "Cannot be carried over",
    "unchanged": "In step",
}
COUNTED_AS = {"create": "created", "update": "updated", "remove": "removed"}


@dataclass(frozen=True)
class PlanSearch(RecordSearch):
    """What somebody asks for on a plan's page."""

    what: str = ""
    """What would be done: a key of `WORDS`, or `conflict`; empty for everything."""
    side: str = ""
    listed: int = 0
    """`MarketingList.id`; 0 for all lists."""

    @property
    def is_empty(self) -> bool:
        return not (self.address or self.reason or self.what or self.side or self.listed)


def plan_search_in(sent: Any) -> PlanSearch:
    """From a query string; what is not known counts as not given."""
    plain = search_in(sent)
    what, side = sent.get("what", ""), sent.get("side", "")
    return PlanSearch(
        address=plain.address,
        reason=plain.reason,
        after=plain.after,
        before=plain.before,
        what=what if what in {*WORDS, CONFLICT} else "",
        side=side if side in SIDES else "",
        listed=number_in(sent.get("list", "")),
    )


def plan_page_of(plan: Run, search: PlanSearch) -> RecordPage:
    return page_through(list(slices_of(plan, search)), search, with_list=True)


def every_record_of(plan: Run, search: PlanSearch) -> Iterator[Outcome]:
    """All records that match, in order; no more than a few thousand are held at once."""
    search = replace(search, after=0, before=0)
    slices = [found.select_related("part") for found in slices_of(plan, search)]
    while records := nearest(slices, search, STREAMED_AT_A_TIME):
        yield from records
        search = replace(search, after=records[-1].pk)


def slices_of(plan: Run, search: PlanSearch) -> Iterator[QuerySet[Outcome]]:
    """The records that match, result by result, as the index holds them."""
    found = matching(outcomes_of(plan, None), search)
    if search.side:
        found = found.filter(side=search.side)
    if search.listed:
        found = found.filter(part__in=plan.parts.filter(reference=search.listed).values("pk"))
    if search.what == CONFLICT:
        found = found.exclude(lost="{}")
    if search.what in WRITES:
        yield found.filter(result=PLANNED, action=search.what)
    elif search.what in SPARED:
        yield found.filter(result=search.what)
    else:
        for result in (PLANNED, *SPARED):
            yield found.filter(result=result)


def reasons_of(plan: Run, search: PlanSearch) -> list[tuple[str, str]]:
    """The reasons to choose from, and the chosen one."""
    found = outcomes_of(plan, None)
    return reasons_among([found.filter(result=result) for result in ("skipped", "rejected", PLANNED)], search)


def lists_of(parts: Sequence[RunPart]) -> list[tuple[int, str]]:
    """(`MarketingList.id`, name) of the lists to choose from; a list that goes both ways is one."""
    return list({part.reference: part.name for part in parts if part.reference}.items())


def chips_of(plan: Run, parts: Sequence[RunPart], search: PlanSearch) -> list[tuple[str, str, int]]:
    """(key, words, how many) of what would be done, in all or to the chosen list."""
    counted = [part for part in parts if part.reference == search.listed] if search.listed else [plan]
    return [
        (key, words, sum(getattr(one, COUNTED_AS.get(key, key)) for one in counted))
        for key, words in WORDS.items()
    ]
