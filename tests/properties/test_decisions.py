"""What holds of every decision, whoever it is about and whatever the rules."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings

from syncline.consent.gate import Permit, permit
from syncline.mapping.models import ConflictRule
from syncline.people.facts import CrmFlag, PersonFacts
from syncline.syncs.marketing_lists.decide import decide, standing
from syncline.syncs.marketing_lists.decisions import Decision, decode_decisions, encode_decisions
from syncline.syncs.marketing_lists.rules import Rules
from syncline.syncs.reasons import REASONS
from tests.properties.after import after_inward, after_joining, after_outward
from tests.properties.generated import KEY, LABELS, people, rule_sets, situations

pytestmark = pytest.mark.one_database

Situation = tuple[PersonFacts, Rules]

TEXT_RULES = [rule for rule in ConflictRule if rule != ConflictRule.MOST_RESTRICTIVE_WINS]

many = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much],
)


def settled(person: PersonFacts, rules: Rules) -> tuple[PersonFacts, Decision]:
    """Both passes of one run, and what stands then. Each round decides anew: people are let in, their values
    go to Dynamics, and then everything else goes to Dotdigital.
    """
    joined = after_joining(person, decide(person, rules)[0])
    between = after_inward(joined, decide(joined, rules)[0])
    outward, _ = decide(between, rules)
    return after_outward(between, outward), outward


def welcomed(situation: Situation) -> Situation:
    """The same people without anything that keeps them from being synced."""
    person, rules = situation
    person.key, person.suppressed_for, person.opted_out_as, person.erased = KEY, "", "", False
    person.status = "subscribed" if person.contact_id is not None else ""
    for record in person.records:
        record.flags &= CrmFlag.INACTIVE
    return person, rules


def memberships(person: PersonFacts, rules: Rules) -> Counter[tuple[int, str]]:
    return Counter(
        (list_id, record.record_id)
        for record in person.records
        for list_id in record.lists
        if rules.lists[list_id].usable
    )


@many
@given(situations())
def test_without_a_permit_nothing_is_sent_and_nobody_joins(situation: Situation) -> None:
    person, rules = situation
    decision, granted = decide(person, rules)
    assert isinstance(permit(standing(person)), Permit) == (granted is not None)
    if granted is None:
        assert not decision.imports
        assert not decision.joins and not decision.confirmed
        assert not decision.crm_joins and not decision.crm_changes


@many
@given(situations())
def test_every_shut_gate_refuses_the_permit(situation: Situation) -> None:
    person, rules = situation
    stops = [
        person.status not in {"", "subscribed"},
        bool(person.suppressed_for),
        bool(person.opted_out_as),
        person.erased,
        any(record.flags & (CrmFlag.DO_NOT_BULK_EMAIL | CrmFlag.DO_NOT_EMAIL) for record in person.records),
    ]
    if any(stops):
        assert decide(person, rules)[1] is None


@many
@given(situations())
def test_nobody_joins_a_list_that_they_have_or_had_a_place_in(situation: Situation) -> None:
    person, rules = situation
    decision, _ = decide(person, rules)
    assert not set(decision.joins) & person.places.keys()
    assert len(decision.joins) == len(set(decision.joins))
    for list_id in decision.confirmed:
        assert person.places[list_id].status == "subscribed"


@many
@given(situations())
def test_nobody_joins_a_list_without_a_membership_behind_it(situation: Situation) -> None:
    person, rules = situation
    decision, _ = decide(person, rules)
    behind = {list_id for list_id, _ in memberships(person, rules)}
    assert {*decision.joins, *decision.confirmed} <= behind


@many
@given(situations(), st.sampled_from([CrmFlag.DO_NOT_BULK_EMAIL, CrmFlag.DO_NOT_EMAIL]))
def test_do_not_email_leaves_nobody_in_a_list_of_theirs(situation: Situation, flag: CrmFlag) -> None:
    person, rules = situation
    assume(person.records)
    person.key, person.records[0].flags = KEY, person.records[0].flags | flag
    then, _ = settled(person, rules)
    for list_id, _ in memberships(person, rules):
        assert list_id not in then.places or then.places[list_id].status != "subscribed"


@many
@given(situations())
def test_the_same_decided_again_changes_nothing(situation: Situation) -> None:
    person, rules = situation
    then, _ = settled(person, rules)
    again, _ = decide(then, rules)
    assert not again.imports, again
    assert not again.crm_changes and not again.crm_joins and not again.leaves and not again.confirmed
    assert {line.action for line in again.lines} <= {"none"}


@many
@given(situations())
def test_what_is_sent_is_no_echo(situation: Situation) -> None:
    """After one run no value has been carried both ways, and none was sent that Dotdigital held already."""
    person, rules = situation
    first, _ = decide(person, rules)
    for label, value in first.send.items():
        assert person.remote.get(label) != value
    taken = {label for change in first.crm_changes for label in change.labels}
    assert not taken & first.send.keys()
    _, outward = settled(person, rules)
    assert not taken & outward.send.keys()
    assert not outward.crm_changes


@many
@given(situations())
def test_mapped_values_agree_once_all_is_settled(situation: Situation) -> None:
    """Of the record that decides; but for blanks that overwrite nothing on a one-way mapping."""
    person, rules = welcomed(situation)
    then, _ = settled(person, rules)
    active = [r for r in then.records if not (rules.only_open_and_active and r.flags & CrmFlag.INACTIVE)]
    synced = [r for r in active if any(rules.lists[list_id].usable for list_id in r.lists)]
    assume(synced)
    rank = rules.priority
    decides = min(synced, key=lambda r: (r.flags & CrmFlag.INACTIVE, rank[r.entity], r.record_id))
    for rule in rules.fields[decides.entity]:
        raw, remote = decides.columns.get(rule.column), then.remote.get(rule.label)
        crm = None if raw is None else rule.convert_out(raw)
        both_ways = rule.outward and rule.convert_in is not None
        if crm == remote:
            continue
        assert not both_ways, (rule, crm, remote)
        if rule.is_consent and not rule.outward and crm is True:
            continue
        source = crm if rule.outward else remote
        assert source is None, (rule, crm, remote)
        assert not rule.blank_overwrites or person.agreed.get(rule.label) is None, (rule, crm, remote)


@many
@given(situations(), st.sampled_from(TEXT_RULES))
def test_when_both_sides_changed_the_mapping_decides(situation: Situation, rule: ConflictRule) -> None:
    person, rules = welcomed(situation)
    ours, theirs, agreed = "ann", "BEA", "ALICE"
    for record in person.records:
        record.columns = {"first": ours}
    person.contact_id, person.status = 7, "subscribed"
    person.remote, person.agreed = {"FIRST": theirs}, {"FIRST": agreed}
    fields = {
        entity: tuple(replace(one, conflict_rule=rule) for one in of_entity if one.label == "FIRST")
        for entity, of_entity in rules.fields.items()
    }
    rules = replace(rules, fields=fields)
    decision, _ = decide(person, rules)
    assume(decision.send or decision.crm_changes)
    chosen = {one.label: one for one in fields[person.records[0].entity]}["FIRST"]
    if decision.send:
        assert decision.send == {"FIRST": "ANN"}
        assert not decision.crm_changes
    else:
        assert decision.crm_changes[0].columns == {"first": [ours, "bea"]}
    if chosen.outward and chosen.convert_in is not None and len(person.records) == 1:
        dotdigital_wins = rule is ConflictRule.DOTDIGITAL_WINS or (
            rule is ConflictRule.NEWEST_WINS and 0 < person.records[0].modified_ms < person.updated_ms
        )
        assert bool(decision.crm_changes) == dotdigital_wins
        lost = repr("ANN" if dotdigital_wins else theirs)
        assert any(lost in line.detail for line in decision.lines)


@many
@given(situations())
def test_a_conflict_is_told_as_it_was_decided(situation: Situation) -> None:
    person, rules = situation
    decision, _ = decide(person, rules)
    taken = {label for change in decision.crm_changes for label in change.labels}
    told = " ".join(line.detail for line in decision.lines)
    for label in LABELS:
        if f"{label}: Dynamics wins" in told:
            assert label in decision.send
        if f"{label}: Dotdigital wins" in told:
            assert label in taken


@many
@given(situations())
def test_what_lost_a_conflict_is_kept_beside_what_overwrites_it(situation: Situation) -> None:
    person, rules = situation
    decision, _ = decide(person, rules)
    for label, lost in decision.lost.items():
        assert label in decision.send
        assert lost == ["dotdigital", person.remote.get(label)]
    for change in decision.crm_changes:
        for column, lost in change.lost.items():
            assert lost == ["dynamics", change.columns[column][0]]


@many
@given(situations())
def test_no_sync_takes_back_that_somebody_is_not_to_be_contacted(situation: Situation) -> None:
    """Not in Dynamics by any rule, nor in Dotdigital where the mapping goes both ways."""
    person, rules = situation
    for decision in (decide(person, rules)[0], settled(person, rules)[1]):
        for change in decision.crm_changes:
            assert change.columns.get("quiet", [None])[0] is not True
        two_way = all(
            rule.convert_in is not None
            for of_entity in rules.fields.values()
            for rule in of_entity
            if rule.label == "QUIET"
        )
        if two_way and decision.old.get("QUIET") is True:
            assert decision.send["QUIET"] is True


@many
@given(situations())
def test_every_membership_has_one_line_and_every_line_a_reason_it_needs(situation: Situation) -> None:
    person, rules = situation
    decision, _ = decide(person, rules)
    lines = Counter((line.list_id, line.record_id) for line in decision.lines)
    members = memberships(person, rules)
    held = {list_id for list_id, _ in members}
    assert Counter({key: n for key, n in lines.items() if key[0] in held}) == members
    for line in decision.lines:
        assert line.reason in REASONS or not line.reason
        if line.list_id not in held:
            assert line.reason
    removed = [line.list_id for line in decision.lines if line.action == "remove"]
    assert set(removed) == set(decision.leaves)
    assert len(decision.leaves) == len(set(decision.leaves))


@many
@given(situations())
def test_whoever_is_written_to_has_a_line_that_says_so(situation: Situation) -> None:
    person, rules = situation
    decision, _ = decide(person, rules)
    written = [line for line in decision.lines if line.action in {"create", "update"}]
    if decision.imports:
        assert written
    else:
        assert not written


@many
@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_records_lists_and_places_does_not_matter(
    situation: Situation, shuffle: random.Random
) -> None:
    person, rules = situation
    other = msgspec.convert(msgspec.to_builtins(person), PersonFacts)
    shuffle.shuffle(other.records)
    for record in other.records:
        shuffle.shuffle(record.lists)
    other.places = dict(shuffle.sample(list(other.places.items()), len(other.places)))
    one, _ = decide(person, rules)
    two, _ = decide(other, rules)
    assert encode_decisions([one]) == encode_decisions([two])


@many
@given(st.data())
def test_decisions_survive_storage(data: st.DataObject) -> None:
    rules = data.draw(rule_sets())
    decisions = [decide(person, rules)[0] for person in data.draw(st.lists(people(rules), max_size=3))]
    assert decode_decisions(encode_decisions(decisions)) == decisions
