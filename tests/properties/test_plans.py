"""What a plan foresees is what a run does stage by stage, and nothing that was not approved is ever kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from syncline.people.facts import PersonFacts
from syncline.syncs.marketing_lists.decide import decide
from syncline.syncs.marketing_lists.effects import (
    Effects,
    as_stored,
    effects,
    effects_in_dotdigital,
    is_contained,
    keep_approved,
)
from syncline.syncs.marketing_lists.foresight import foresee
from syncline.syncs.marketing_lists.rules import Rules
from tests.properties.after import after_inward, after_joining, after_outward
from tests.properties.generated import situations

pytestmark = pytest.mark.one_database


def carried_out(person: PersonFacts, rules: Rules) -> tuple[Effects, PersonFacts]:
    """All that a run does to one person, stage by stage, and how they are left."""
    done: Effects = {}
    first, _ = decide(person, rules)
    if first.crm_joins:
        entering = [("dynamics", "create"), ("dynamics", "join")]
        done |= {key: value for key, value in effects(first).items() if key[:2] in entering}
        first.crm_changes = []
        person = after_joining(person, first)
    second, _ = decide(person, rules)
    done |= {key: value for key, value in effects(second).items() if key[:2] == ("dynamics", "value")}
    person = after_inward(person, second)
    last, _ = decide(person, rules)
    return {**done, **effects_in_dotdigital(last)}, after_outward(person, last)


@settings(max_examples=400, deadline=None)
@given(situations())
def test_a_plan_foresees_exactly_what_a_run_does(situation: tuple[PersonFacts, Rules]) -> None:
    person, rules = situation
    foreseen, _ = foresee(person, rules)
    assert effects(foreseen) == carried_out(person, rules)[0]


@settings(max_examples=400, deadline=None)
@given(situations())
def test_looking_ahead_changes_nothing(situation: tuple[PersonFacts, Rules]) -> None:
    person, rules = situation
    before = repr(person)
    foresee(person, rules)
    assert repr(person) == before


@settings(max_examples=400, deadline=None)
@given(situations(), situations())
def test_only_what_was_approved_is_kept(
    then: tuple[PersonFacts, Rules], now: tuple[PersonFacts, Rules]
) -> None:
    """However much has changed between the plan and its carrying out."""
    approved = effects(as_stored(foresee(*then)[0]))
    person, rules = now
    kept = keep_approved(as_stored(decide(person, rules)[0]), approved, person.agreed)
    assert is_contained(effects_in_dotdigital(kept), approved)
    assert {line.list_id for line in kept.lines if line.action == "remove"} <= set(kept.leaves)
    assert kept.comes_again
    for label in kept.agreed:
        # Nobody is said to agree on a value that was not sent, unless both sides hold it, or none.
        agreed = kept.agreed[label]
        known = label in person.remote or agreed == person.remote.get(label)
        assert label in kept.send or agreed == person.agreed.get(label) or known


@settings(max_examples=200, deadline=None)
@given(situations())
def test_what_was_approved_of_an_unchanged_person_is_kept_whole(
    situation: tuple[PersonFacts, Rules],
) -> None:
    fresh = as_stored(foresee(*situation)[0])
    assert is_contained(effects(fresh), effects(as_stored(foresee(*situation)[0])))
