"""What a run wrote: the outcomes that an undo takes back, a page of people at a time."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.db.models import QuerySet

from syncline.ledger.models import Outcome, Run

WRITTEN: Final = ("created", "updated", "removed")
"""Results by which something was changed on one side. What was only planned, or refused, was not."""


class Written(NamedTuple):
    """One thing that a run wrote about one record."""

    person_key: str
    side: str
    result: str
    reason: str
    membership: str
    fields: str
    """JSON object: field → [old, new]."""
    list_id: int | None
    entity: str
    record_id: str
    name: str


_COLUMNS: Final = (
    "person_key",
    "side",
    "result",
    "reason",
    "membership",
    "fields",
    "part__reference",
    "entity",
    "record_id",
    "name",
)


def keys_after(run: Run, after: str, limit: int) -> list[str]:
    """The next people about whom the run wrote something, in the database's own order."""
    found = _written(run).filter(person_key__gt=after).order_by("person_key")
    return list(found.values_list("person_key", flat=True).distinct()[:limit])


def of_people(run: Run, keys: Sequence[str]) -> list[Written]:
    """Everything that the run wrote about these people, in the order in which it did."""
    found: list[Written] = []
    for start in range(0, len(keys), 500):
        rows = _written(run).filter(person_key__in=keys[start : start + 500]).order_by("pk")
        found += [Written(*row) for row in rows.values_list(*_COLUMNS)]
    return found


def of_run(run: Run) -> list[Written]:
    """Everything that a run wrote; only for runs of few records."""
    return [Written(*row) for row in _written(run).order_by("pk").values_list(*_COLUMNS)]


def wrote_anything(run: Run) -> bool:
    return _written(run).exists()


def _written(run: Run) -> QuerySet[Outcome]:
    return Outcome.objects.filter(run=run, result__in=WRITTEN)
