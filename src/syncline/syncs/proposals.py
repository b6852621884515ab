"""What the syncs of labels and columns propose, name by name: planned, approved, or carried out at once.

These syncs have few rows and decide in one step, so a proposal carries its own deed along.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from syncline.ledger import plans
from syncline.ledger.models import PlanItem, Purpose
from syncline.ledger.outcomes import PLANNED, OutcomeRow
from syncline.syncs.context import RunContext

CHANGED: Final = "changed_since_plan"


def nothing() -> None:
    """Nothing has to be done."""


class Proposal(NamedTuple):
    """One thing to do about one name."""

    key: str
    """Unique within a run."""
    row: OutcomeRow
    """As it reads once it is done."""
    basis: Any
    """All that the deed rests on, as JSON; approved is what has the same."""
    carry_out: Callable[[], None] = nothing

    @property
    def acts(self) -> bool:
        return self.row.action != "none" and self.row.result != "rejected"

    @property
    def payload(self) -> bytes:
        return msgspec.json.encode([self.row.side, self.row.action, self.basis])


def settle(context: RunContext, proposals: Sequence[Proposal]) -> list[OutcomeRow]:
    """Do what may be done, and give the outcomes: all of it, only what was approved, or in a plan nothing.

    Part of the caller's transaction.
    """
    if context.run.plan_only:
        plans.store_items(context.run, [(one.key, one.payload) for one in proposals if one.acts])
        return [one.row._replace(result=PLANNED) if one.acts else one.row for one in proposals]
    if context.run.purpose == Purpose.EXECUTE:
        proposals = [_as_approved(one, item) for one, item in _with_items(context, proposals)]
    for one in proposals:
        one.carry_out()
    return [one.row for one in proposals]


def approved_keys(context: RunContext, prefix: str = "") -> set[str] | None:
    """The names in the plan that this run carries out; None where it carries none out."""
    if context.run.purpose != Purpose.EXECUTE:
        return None
    found = PlanItem.objects.filter(run=context.run.subject_id, key__startswith=prefix)
    return set(found.values_list("key", flat=True))


def is_approved(context: RunContext, key: str, side: str, action: str, basis: Any) -> bool:
    """Whether a deed that cannot wait for `settle` may be done: always, unless the run carries out a plan."""
    run = context.run
    if run.purpose != Purpose.EXECUTE or run.subject is None:
        return True
    return plans.items_of(run.subject, [key]).get(key) == msgspec.json.encode([side, action, basis])


def left_out(row: OutcomeRow) -> OutcomeRow:
    return row._replace(result="skipped", action="none", reason=CHANGED, detail="", counts_as="skipped")


def _with_items(context: RunContext, proposals: Sequence[Proposal]) -> list[tuple[Proposal, bytes]]:
    """Those of the proposals that the plan says something about."""
    assert context.run.subject is not None, "a run that carries out a plan knows it"
    items = plans.items_of(context.run.subject, [one.key for one in proposals])
    return [(one, items[one.key]) for one in proposals if one.key in items]


def _as_approved(proposal: Proposal, item: bytes) -> Proposal:
    if not proposal.acts or proposal.payload == item:
        return proposal
    return proposal._replace(row=left_out(proposal.row), carry_out=nothing)
