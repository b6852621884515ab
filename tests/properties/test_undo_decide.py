"""Whoever a run did anything to, in any situation: undoing it at once puts back all that it had done and that
no rule keeps, writes nothing without a permit, and has nothing left to do a second time.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings

from syncline.people.facts import PersonFacts, Place
from syncline.syncs.marketing_lists.decide import decide
from syncline.syncs.marketing_lists.decisions import Decision
from syncline.syncs.marketing_lists.deeds import Deeds, PlaceDeed, ValueDeed
from syncline.syncs.marketing_lists.effects import effects
from syncline.syncs.marketing_lists.parts import membership_of
from syncline.syncs.marketing_lists.rules import Rules
from syncline.syncs.marketing_lists.undo_decide import NOT_FOR_CONSENT, undo_decide
from tests.properties.after import after_inward, after_joining, after_outward
from tests.properties.generated import situations

pytestmark = pytest.mark.one_database

EXAMPLES = settings(max_examples=500, deadline=None)


def _run(person: PersonFacts, rules: Rules) -> tuple[Deeds, PersonFacts]:
    """What a run does to one person, told as its outcomes tell it, and how they are left."""
    first, _ = decide(person, rules)
    entered: list[ValueDeed | PlaceDeed] = []
    made = frozenset(one.record_id for one in first.crm_creates)
    if first.crm_joins:
        entered = [*_created(first), *_joined(first)]
        first.crm_changes = []
        person = after_joining(person, first)
    second, _ = decide(person, rules)
    changed = [*_changed(second)]
    person = after_inward(person, second)
    last, _ = decide(person, rules)
    deeds = (*entered, *changed, *_sent(last))
    return Deeds(
        person.key,
        values=tuple(deed for deed in deeds if isinstance(deed, ValueDeed)),
        places=tuple(deed for deed in deeds if isinstance(deed, PlaceDeed)),
        made_contact=any(line.action == "create" for line in last.lines),
        made_records=made if entered else frozenset(),
    ), after_outward(person, last)


def _created(decision: Decision) -> Iterator[ValueDeed]:
    for made in decision.crm_creates:
        where = ("dynamics", made.list_id, made.entity, made.record_id, made.name)
        for column, (old, new) in made.columns.items():
            yield ValueDeed(*where, column, old, new)


def _joined(decision: Decision) -> Iterator[PlaceDeed]:
    for join in decision.crm_joins:
        where = ("dynamics", join.list_id, join.entity, join.record_id, join.name)
        yield PlaceDeed(*where, joined=True, reason="known_contact")


def _changed(decision: Decision) -> Iterator[ValueDeed]:
    for change in decision.crm_changes:
        where = ("dynamics", change.list_id, change.entity, change.record_id, change.name)
        for column, (old, new) in change.columns.items():
            yield ValueDeed(*where, column, old, new)


def _sent(decision: Decision) -> Iterator[ValueDeed | PlaceDeed]:
    for line in decision.lines:
        where = ("dotdigital", line.list_id, line.entity, line.record_id, line.name)
        if line.action in {"create", "update"}:
            for label, value in decision.send.items():
                yield ValueDeed(*where, label, decision.old.get(label), value)
        if membership := membership_of(decision, line):
            yield PlaceDeed(*where, joined=membership == "joined", reason=line.reason)


def _undone(person: PersonFacts, decision: Decision) -> PersonFacts:
    """How an undo leaves them: what goes back to Dynamics first, then Dotdigital."""
    then = after_outward(after_joining(person, decision) if decision.crm_joins else person, decision)
    then = msgspec.convert(msgspec.to_builtins(then), PersonFacts)
    by_id = {record.record_id: record for record in then.records}
    for change in decision.crm_changes:
        columns = {column: new for column, (_, new) in change.columns.items()}
        values = {**by_id[change.record_id].columns, **columns}
        by_id[change.record_id].columns = {name: value for name, value in values.items() if value is not None}
    for leave in decision.crm_leaves:
        by_id[leave.record_id].lists.remove(leave.list_id)
        place = then.places.get(leave.list_id)
        if place is not None and place.status == "subscribed":
            then.places[leave.list_id] = Place("subscribed", False)
    return then


@EXAMPLES
@given(situations())
def test_all_is_as_before_but_for_what_is_told(situation: tuple[PersonFacts, Rules]) -> None:
    before, rules = situation
    deeds, after = _run(before, rules)
    decision, _ = undo_decide(deeds, after, rules)
    back = _undone(after, decision)
    if any(line.action == "none" for line in decision.lines):
        return
    then, now = ({one.record_id: one for one in person.records} for person in (before, back))
    for value in deeds.values:
        if value.side == "dynamics":
            if value.record_id not in deeds.made_records:
                columns = now[value.record_id].columns
                assert columns.get(value.field) == then[value.record_id].columns.get(value.field)
        elif not deeds.made_contact:
            assert back.remote.get(value.field) == before.remote.get(value.field)
    for place in deeds.places:
        if place.side == "dynamics":
            assert (place.list_id in now[place.record_id].lists) != place.joined
        else:
            is_in = back.places.get(place.list_id, Place("", False)).status == "subscribed"
            assert is_in != place.joined


@EXAMPLES
@given(situations())
def test_nobody_comes_back_past_the_gate_or_who_was_taken_out_for_consent(
    situation: tuple[PersonFacts, Rules],
) -> None:
    before, rules = situation
    deeds, after = _run(before, rules)
    decision, granted = undo_decide(deeds, after, rules)
    if granted is None:
        assert not decision.imports
        assert not decision.crm_joins
    taken_out = {
        deed.list_id for deed in deeds.places if not deed.joined and deed.reason not in NOT_FOR_CONSENT
    }
    assert not taken_out & {*decision.joins, *(join.list_id for join in decision.crm_joins)}
    assert not {*decision.joins} & {
        list_id for list_id, place in after.places.items() if place.status != "subscribed"
    }


@EXAMPLES
@given(situations())
def test_a_second_time_there_is_nothing_to_do(situation: tuple[PersonFacts, Rules]) -> None:
    before, rules = situation
    deeds, after = _run(before, rules)
    decision, _ = undo_decide(deeds, after, rules)
    again, _ = undo_decide(deeds, _undone(after, decision), rules)
    assert not effects(again)


@EXAMPLES
@given(situations())
def test_nothing_that_the_run_had_not_done_is_touched(situation: tuple[PersonFacts, Rules]) -> None:
    before, rules = situation
    deeds, after = _run(before, rules)
    decision, _ = undo_decide(deeds, after, rules)
    fields = {deed.field for deed in deeds.values}
    places = {deed.list_id for deed in deeds.places}
    assert decision.send.keys() <= fields
    assert {*decision.joins, *decision.leaves} <= places
    assert {column for change in decision.crm_changes for column in change.columns} <= fields
    assert {one.list_id for one in (*decision.crm_joins, *decision.crm_leaves)} <= places
    assert len(decision.leaves) == len({*decision.leaves})
    assert len(decision.crm_leaves) == len({(one.record_id, one.list_id) for one in decision.crm_leaves})


@EXAMPLES
@given(situations(), situations())
def test_whatever_has_changed_since_the_gate_holds(
    then: tuple[PersonFacts, Rules], now: tuple[PersonFacts, Rules]
) -> None:
    deeds, _ = _run(*then)
    person, rules = now
    decision, granted = undo_decide(deeds, person, rules)
    if granted is None:
        assert not decision.imports
        assert not decision.crm_joins
    assert not {*decision.joins} & person.places.keys()
    for label, value in decision.old.items():
        assert person.remote.get(label) == value


@EXAMPLES
@given(situations())
def test_no_consent_column_becomes_less_restrictive(situation: tuple[PersonFacts, Rules]) -> None:
    before, rules = situation
    deeds, after = _run(before, rules)
    decision, _ = undo_decide(deeds, after, rules)
    marks = [rule for of in rules.fields.values() for rule in of if rule.is_consent]
    labels = {rule.label for rule in marks}
    columns = {rule.write_column for rule in marks}
    for label in labels & decision.send.keys():
        assert decision.send[label] is True or decision.old.get(label) is not True
    for change in decision.crm_changes:
        for column in columns & change.columns.keys():
            present, then = change.columns[column]
            assert then is True or present is not True
