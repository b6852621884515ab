"""Single records of a run, a page at a time, however many there are.

Paging is by key (`id`), never by offset, and nothing is counted that the run has not counted already: the
page costs the same on the first and on the last of a million records.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet, prefetch_related_objects

from syncline.ledger.models import Outcome, Run, RunPart
from syncline.ledger.outcomes import PLANNED
from syncline.people.facts import NO_ADDRESS
from syncline.searching import by_address
from syncline.syncs.reasons import REASONS

RECORDS_A_PAGE = 50
REASONS_LOOKED_AT = 20_000
RESULTS = ("created", "updated", "removed", "unchanged", "skipped", "rejected")
SIDES = {"dotdigital": "Dotdigital", "dynamics": "Dynamics"}


@dataclass(frozen=True)
class RecordSearch:
    """What somebody asks for on a run's page."""

    address: str = ""
    result: str = ""
    reason: str = ""
    after: int = 0
    """Records whose id is larger; 0: from the beginning."""
    before: int = 0
    """Records whose id is smaller, for the page before; 0: not asked."""

    @property
    def is_empty(self) -> bool:
        return not (self.address or self.result or self.reason)


SHOWN_OF_A_VALUE: Final = 120
"""Characters; `parts/changes.html` cuts there."""


@dataclass(frozen=True)
class FieldChange:
    name: str
    old: str
    new: str
    lost_by: str = ""
    """Whose value lost where both sides had changed: `Dotdigital`, `Dynamics`; empty without a conflict."""
    lost: str = ""
    """The value that lost."""

    @property
    def is_cut(self) -> bool:
        """Whether a page that cuts long values cuts one of these."""
        return max(len(self.old), len(self.new)) > SHOWN_OF_A_VALUE


@dataclass(frozen=True)
class Record:
    """One outcome in words."""

    outcome: Outcome
    who: str
    """The address; the name of a record that has none."""
    list_name: str
    """Empty where the page is about one list anyway."""
    side: str
    reason: str
    remedy: str
    fields: list[FieldChange]

    @property
    def is_person(self) -> bool:
        """Whether the record is about an address, which Why? can explain."""
        return "@" in self.outcome.person_key[1:]

    @property
    def planned(self) -> str:
        """Badge code of what a plan would do with the record."""
        return f"plan_{self.outcome.action if self.outcome.result == PLANNED else self.outcome.result}"


@dataclass(frozen=True)
class RecordPage:
    records: list[Record]
    first: int
    last: int
    has_before: bool
    has_after: bool


def search_in(sent: Any) -> RecordSearch:
    """From a query string; numbers that are none count as not given."""
    return RecordSearch(
        address=sent.get("address", "").strip().lower(),
        result=sent.get("result", "") if sent.get("result", "") in {*RESULTS, PLANNED} else "",
        reason=sent.get("reason", ""),
        after=number_in(sent.get("after", "")),
        before=number_in(sent.get("before", "")),
    )


def record_page(run: Run, part: RunPart | None, search: RecordSearch) -> RecordPage:
    """The records of a run, or of one list of it.

    The index holds the records of a run result by result. So each result is asked for its own next ones, in
    the index's order, and the nearest of all are taken; asked for all results at once, the database would
    sort the whole run for every page.
    """
    results = [search.result] if search.result else [*RESULTS, PLANNED]
    slices = [matching(outcomes_of(run, part).filter(result=result), search) for result in results]
    return page_through(slices, search, with_list=part is None)


def page_through(slices: Sequence[QuerySet[Outcome]], search: RecordSearch, *, with_list: bool) -> RecordPage:
    """One page of records that come in several slices, each of which an index can walk in order of id."""
    if search.before:
        taken = nearest(slices, search, RECORDS_A_PAGE + 1)
        has_before, has_after = len(taken) > RECORDS_A_PAGE, True
        taken = taken[:RECORDS_A_PAGE][::-1]
    else:
        taken = nearest(slices, search, RECORDS_A_PAGE + 1)
        has_before, has_after = search.after > 0, len(taken) > RECORDS_A_PAGE
        taken = taken[:RECORDS_A_PAGE]
    if with_list:
        prefetch_related_objects(taken, "part")
    return RecordPage(
        records=[_told(outcome, with_list=with_list) for outcome in taken],
        first=taken[0].pk if taken else 0,
        last=taken[-1].pk if taken else 0,
        has_before=has_before,
        has_after=has_after,
    )


def reasons_in(run: Run, part: RunPart | None, search: RecordSearch) -> list[tuple[str, str]]:
    """The reasons to choose from: those of the first records left out or refused, and the chosen one."""
    looked_at = outcomes_of(run, part).filter(result__in=["skipped", "rejected", "removed"])
    return reasons_among([looked_at], search)


def reasons_among(slices: Sequence[QuerySet[Outcome]], search: RecordSearch) -> list[tuple[str, str]]:
    """(code, words) of the reasons of the first records in each slice, and the chosen one."""
    codes = {search.reason}
    for outcomes in slices:
        codes.update(outcomes.order_by().values_list("reason", flat=True)[:REASONS_LOOKED_AT])
    codes.discard("")
    return sorted(((code, _words(code)) for code in codes), key=lambda choice: choice[1])


def counts_of(counted: Run | RunPart) -> list[tuple[str, int]]:
    """(result, how many) in the order of the page."""
    return [(result, getattr(counted, result)) for result in RESULTS]


def outcomes_of(run: Run, part: RunPart | None) -> QuerySet[Outcome]:
    return Outcome.objects.filter(run=run) if part is None else Outcome.objects.filter(run=run, part=part)


def matching(found: QuerySet[Outcome], search: RecordSearch) -> QuerySet[Outcome]:
    if search.reason:
        found = found.filter(reason=search.reason)
    if search.address:
        found = by_address(found, search.address)
    return found


def nearest(slices: Sequence[QuerySet[Outcome]], search: RecordSearch, most: int) -> list[Outcome]:
    """The records next to where the search stands; for the page before, the last of them first."""
    backwards = bool(search.before)
    found: list[Outcome] = []
    for outcomes in slices:
        if backwards:
            found += outcomes.filter(pk__lt=search.before).order_by("-pk")[:most]
        else:
            found += outcomes.filter(pk__gt=search.after).order_by("pk")[:most]
    found.sort(key=lambda outcome: outcome.pk, reverse=backwards)
    return found[:most]


def _told(outcome: Outcome, *, with_list: bool) -> Record:
    entry = REASONS.get(outcome.reason)
    # A record without an address goes by a made-up key, which says nothing to anybody.
    nameless = outcome.person_key.startswith(NO_ADDRESS) or not outcome.person_key
    return Record(
        outcome=outcome,
        who=(outcome.name or "No address") if nameless else outcome.person_key,
        list_name=outcome.part.name if with_list and outcome.part else "",
        side=SIDES.get(outcome.side, outcome.side),
        reason=entry.words if entry else outcome.reason.replace("_", " ").capitalize(),
        remedy=entry.remedy if entry else "",
        fields=list(_fields(outcome)),
    )


def _words(code: str) -> str:
    entry = REASONS.get(code)
    return entry.words if entry else code.replace("_", " ").capitalize()


def _fields(outcome: Outcome) -> Iterable[FieldChange]:
    lost = json.loads(outcome.lost or "{}")
    for name, values in json.loads(outcome.fields or "{}").items():
        old, new = values if isinstance(values, list) and len(values) == 2 else (None, values)
        side, value = lost.pop(name, ("", None))
        yield FieldChange(name, _shown(old), _shown(new), SIDES.get(side, side), _shown(value))
    for name, (side, value) in lost.items():
        yield FieldChange(name, "", "", SIDES.get(side, side), _shown(value))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def number_in(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
