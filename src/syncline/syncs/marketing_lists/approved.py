"""Carrying out an approved plan: people are decided afresh, and only what was approved is let through.

Whoever is not in the plan is not written and stays touched. Whoever has changed since is left out as a
whole and told about. What the in-pass has set off meanwhile (a full name that Dynamics computed) was in no
plan: it is left for the next run.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from syncline.ledger import plans
from syncline.ledger.models import Outcome, Run
from syncline.people.facts import PersonFacts
from syncline.syncs.marketing_lists.decisions import Decision, Line, decode_decision, encode_decision
from syncline.syncs.marketing_lists.effects import (
    as_stored,
    effects,
    effects_in_dynamics,
    is_contained,
    keep_approved,
)

CHANGED: Final = "changed_since_plan"


class Sorted(NamedTuple):
    """What of a page may be written, and what was planned for people who are left out."""

    decisions: list[Decision]
    left_out: list[Decision]


def items(decisions: Iterable[Decision], *, inward_only: bool = False) -> list[tuple[str, bytes]]:
    """Decisions as a plan keeps them: those that would write something, `inward_only` to Dynamics."""
    writes = effects_in_dynamics if inward_only else effects
    return [(decision.key, encode_decision(decision)) for decision in decisions if writes(decision)]


def planned_after(plan: Run, after: str, limit: int) -> dict[str, Decision]:
    """The next people of a plan, with what was approved for each."""
    return {key: decode_decision(payload) for key, payload in plans.items_after(plan, after, limit)}


def sort_inward(fresh: Sequence[Decision], planned: Mapping[str, Decision]) -> Sorted:
    """Before anything is written: only those of whom everything that would happen was approved.

    The others are told about by the out-pass, which meets them again.
    """
    kept = [one for one in fresh if is_contained(effects(as_stored(one)), effects(planned[one.key]))]
    return Sorted(kept, [])


def sort_outward(
    run: Run, people: Sequence[PersonFacts], fresh: Sequence[Decision], planned: Mapping[str, Decision]
) -> Sorted:
    told = _told_inward(run, [key for key, one in planned.items() if effects_in_dynamics(one)])
    kept: list[Decision] = []
    left_out: list[Decision] = []
    for person, decision in zip(people, fresh, strict=True):
        approved = effects(planned[decision.key])
        within = is_contained(effects(as_stored(decision)), approved)
        if within and (decision.key in told or not decision.is_owed):
            kept.append(decision)
        elif decision.key in told:
            kept.append(keep_approved(as_stored(decision), approved, person.agreed))
        else:
            left_out.append(planned[decision.key])
    return Sorted(kept, left_out)


def _told_inward(run: Run, keys: Sequence[str]) -> set[str]:
    """Those whom this run's in-pass wrote to Dynamics, or tried to."""
    found: set[str] = set()
    for start in range(0, len(keys), 500):
        chunk = keys[start : start + 500]
        rows = Outcome.objects.filter(run=run, side="dynamics", person_key__in=chunk)
        found.update(rows.values_list("person_key", flat=True))
    return found


def lines_left_out(planned: Decision) -> list[Line]:
    """What the audit says of someone who is left out: a line for each list that something was planned for."""
    lines = [line for line in planned.lines if line.action != "none"] or planned.lines[:1]
    if not lines:
        lines = [
            Line(join.list_id, join.entity, join.record_id, join.name, "none")
            for join in planned.crm_joins[:1]
        ]
    return [replace(line, action="none", reason=CHANGED, detail="") for line in lines]


def vanished_lines(fresh: Decision, planned: Decision) -> list[Line]:
    """Lines of the plan of which a fresh decision says nothing any more: the record or its place is gone."""
    told = {(line.list_id, line.record_id) for line in fresh.lines}
    return [line for line in lines_left_out(planned) if (line.list_id, line.record_id) not in told]
