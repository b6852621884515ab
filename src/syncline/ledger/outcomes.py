"""Writing outcomes in bulk, and keeping the counts of runs and parts in step with them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import F

from syncline import bulk
from syncline.ledger.models import Run, RunPart

RESULTS: Final = ("created", "updated", "removed", "unchanged", "skipped", "rejected")
"""Every outcome counts as one of these, and once in `read`. A planned outcome counts as what it would
become.
"""

PLANNED: Final = "planned"


class OutcomeRow(NamedTuple):
    """One row of `ledger.Outcome`; `counts_as` is its result, or for a planned one what the result would
    be.
    """

    part_id: int | None
    person_key: str
    name: str
    entity: str
    record_id: str
    side: str
    result: str
    action: str
    reason: str = ""
    detail: str = ""
    vendor_code: str = ""
    fields: str = "{}"
    membership: str = ""
    lost: str = "{}"
    counts_as: str = ""  # Last, for it is not a column.


_COLUMNS: Final = (
    "run_id",
    "part_id",
    "person_key",
    "name",
    "entity",
    "record_id",
    "side",
    "result",
    "action",
    "reason",
    "detail",
    "vendor_code",
    "fields",
    "membership",
    "lost",
    "at",
)


def record(run: Run, rows: Sequence[OutcomeRow], at: datetime) -> None:
    """Store outcomes and add them to the counts of the run and its parts, in the caller's transaction."""
    if not rows:
        return
    run_id, moment = run.pk, connection.ops.adapt_datetimefield_value(at)
    bulk.insert("ledger_outcome", _COLUMNS, [(run_id, *row[:-1], moment) for row in rows])
    count(run, Counter((row.part_id, row.counts_as or row.result) for row in rows))


def count(run: Run, tally: Counter[tuple[int | None, str]]) -> None:
    """Add to the counts of a run and its parts: (part id or None, result) → how many."""
    per_run: Counter[str] = Counter()
    per_part: dict[int, Counter[str]] = {}
    for (part_id, result), number in tally.items():
        per_run[result] += number
        if part_id is not None:
            per_part.setdefault(part_id, Counter())[result] += number
    Run.objects.filter(pk=run.pk).update(**_increments(per_run))
    for part_id, counter in per_part.items():
        RunPart.objects.filter(pk=part_id).update(**_increments(counter))


def _increments(counter: Counter[str]) -> dict[str, object]:
    changes: dict[str, object] = {
        result: F(result) + counter[result] for result in RESULTS if counter[result]
    }
    changes["read"] = F("read") + counter.total()
    return changes
