"""What is decided about one person, situation by situation."""

import pytest

from syncline.mapping.conversion import ConversionError
from syncline.mapping.models import ConflictRule
from syncline.mapping.specs import FieldSpec
from syncline.people.facts import CrmFlag
from syncline.syncs.marketing_lists.decide import decide
from syncline.syncs.marketing_lists.decisions import Decision, decode_decisions, encode_decisions
from tests.syncs.marketing_lists.people import (
    ALICE,
    FIRST,
    LAST,
    NEWS,
    OFFERS,
    alice,
    contact,
    field,
    in_list,
    rules,
)

KNOWN = {"contact_id": 7, "status": "subscribed"}


def test_someone_new_is_sent_with_all_values_and_lists() -> None:
    person = alice(contact(NEWS, firstname="Alice", lastname="Hall"))
    decision, permit = decide(person, rules())
    assert permit is not None
    assert decision.send == {"FIRSTNAME": "Alice", "LASTNAME": "Hall"}
    assert decision.joins == [NEWS]
    assert [(line.action, line.reason) for line in decision.lines] == [("create", "")]


def test_someone_in_step_is_left_alone() -> None:
    values = {"FIRSTNAME": "Alice"}
    person = alice(
        contact(NEWS, firstname="Alice"), remote=values, agreed=values, places=in_list(NEWS), **KNOWN
    )
    decision, _ = decide(person, rules(FIRST))
    assert not decision.imports
    assert not decision.crm_changes
    assert [(line.action, line.reason) for line in decision.lines] == [("none", "")]


def test_a_value_changed_in_dynamics_is_sent() -> None:
    person = alice(
        contact(NEWS, firstname="Alicia"),
        remote={"FIRSTNAME": "Alice"},
        agreed={"FIRSTNAME": "Alice"},
        places=in_list(NEWS),
        **KNOWN,
    )
    decision, _ = decide(person, rules(FIRST))
    assert decision.send == {"FIRSTNAME": "Alicia"}
    assert decision.old == {"FIRSTNAME": "Alice"}
    assert not decision.crm_changes


def test_a_value_changed_in_dotdigital_is_taken_over() -> None:
    person = alice(
        contact(NEWS, firstname="Alice"),
        remote={"FIRSTNAME": "Alicia"},
        agreed={"FIRSTNAME": "Alice"},
        places=in_list(NEWS),
        **KNOWN,
    )
    decision, _ = decide(person, rules(FIRST))
    assert not decision.send
    assert decision.crm_changes[0].columns == {"firstname": ["Alice", "Alicia"]}


@pytest.mark.parametrize(
    ("rule", "sent"),
    [(ConflictRule.DYNAMICS_WINS, {"FIRSTNAME": "Ann"}), (ConflictRule.DOTDIGITAL_WINS, {})],
)
def test_a_conflict_goes_by_the_rule_and_the_losing_value_is_told_and_kept(
    rule: ConflictRule, sent: dict[str, str]
) -> None:
    person = alice(
        contact(NEWS, firstname="Ann"),
        remote={"FIRSTNAME": "Bea"},
        agreed={"FIRSTNAME": "Alice"},
        places=in_list(NEWS),
        **KNOWN,
    )
    decision, _ = decide(person, rules(field("firstname", "FIRSTNAME", conflict_rule=rule)))
    assert decision.send == sent
    assert bool(decision.crm_changes) == (not sent)
    assert ("'Bea'" if sent else "'Ann'") in decision.lines[0].detail
    assert decision.lost == ({"FIRSTNAME": ["dotdigital", "Bea"]} if sent else {})
    assert [change.lost for change in decision.crm_changes] == (
        [] if sent else [{"firstname": ["dynamics", "Ann"]}]
    )


def test_first_meeting_fills_blanks_both_ways_without_overwriting() -> None:
    person = alice(
        contact(NEWS, firstname="Alice", lastname=None), remote={"LASTNAME": "Hall"}, places={}, **KNOWN
    )
    decision, _ = decide(person, rules(FIRST, LAST))
    assert decision.send == {"FIRSTNAME": "Alice"}
    assert decision.crm_changes[0].columns == {"lastname": [None, "Hall"]}


@pytest.mark.parametrize(("blank_overwrites", "sent"), [(False, {}), (True, {"FIRSTNAME": None})])
def test_a_blank_overwrites_only_where_the_mapping_says_so(blank_overwrites: bool, sent: object) -> None:
    person = alice(
        contact(NEWS),
        remote={"FIRSTNAME": "Alice"},
        agreed={"FIRSTNAME": "Alice"},
        places=in_list(NEWS),
        **KNOWN,
    )
    rule = field("firstname", "FIRSTNAME", inward=False, blank_overwrites=blank_overwrites)
    decision, _ = decide(person, rules(rule))
    assert decision.send == sent


def test_a_one_way_mapping_restores_the_value_of_dynamics() -> None:
    person = alice(
        contact(NEWS, firstname="Alice"),
        remote={"FIRSTNAME": "Edited there"},
        agreed={"FIRSTNAME": "Alice"},
        places=in_list(NEWS),
        **KNOWN,
    )
    decision, _ = decide(person, rules(field("firstname", "FIRSTNAME", inward=False)))
    assert decision.send == {"FIRSTNAME": "Alice"}


@pytest.mark.parametrize("flag", [CrmFlag.DO_NOT_BULK_EMAIL, CrmFlag.DO_NOT_EMAIL])
def test_do_not_email_leaves_out_and_takes_out(flag: CrmFlag) -> None:
    person = alice(contact(NEWS, flags=flag, firstname="Alice"), places=in_list(NEWS), **KNOWN)
    decision, permit = decide(person, rules())
    assert permit is None
    assert not decision.imports
    assert decision.leaves == [NEWS]
    assert decision.lines[0].action == "remove"


def test_a_mark_on_another_record_with_the_address_counts_too() -> None:
    marked = contact(record_id="c2", flags=CrmFlag.DO_NOT_BULK_EMAIL)
    decision, permit = decide(alice(contact(NEWS, firstname="Alice"), marked), rules())
    assert permit is None
    assert not decision.imports


@pytest.mark.parametrize(
    "facts",
    [
        {"contact_id": 7, "status": "unsubscribed"},
        {"contact_id": 7, "status": "hardbounced"},
        {"contact_id": 7, "status": "pendingoptin"},
        {"suppressed_for": "Unsubscribed"},
        {"opted_out_as": "alice@old.example"},
        {"erased": True},
        {"status": "moved"},
    ],
)
def test_nobody_who_opted_out_is_imported_or_put_into_a_list(facts: dict[str, object]) -> None:
    decision, permit = decide(alice(contact(NEWS, firstname="Alice"), **facts), rules(action="allow_known"))
    assert permit is None
    assert not decision.imports
    assert not decision.joins
    assert not decision.crm_joins


@pytest.mark.parametrize(("status", "reason"), [("suppressed", "left_list"), ("removed", "removed_there")])
def test_whoever_left_a_list_is_not_put_back(status: str, reason: str) -> None:
    person = alice(contact(NEWS, firstname="Alice"), places=in_list(NEWS, status=status), **KNOWN)
    decision, _ = decide(person, rules(FIRST))
    assert decision.joins == []
    assert reason in {line.reason for line in decision.lines}


def test_leaving_the_marketing_list_leaves_the_dotdigital_list() -> None:
    person = alice(contact(firstname="Alice"), places=in_list(NEWS), **KNOWN)
    decision, _ = decide(person, rules())
    assert decision.leaves == [NEWS]
    assert decision.lines[0].reason == "left_marketing_list"


@pytest.mark.parametrize(
    ("action", "leaves", "enters"), [("ignore", [], 0), ("remove", [NEWS], 0), ("allow_known", [], 1)]
)
def test_strangers_in_the_dotdigital_list_go_by_the_membership_action(
    action: str, leaves: list[int], enters: int
) -> None:
    person = alice(contact(firstname="Alice"), places=in_list(NEWS, agreed=False), **KNOWN)
    decision, _ = decide(person, rules(action=action))
    assert decision.leaves == leaves
    assert len(decision.crm_joins) == enters


def test_a_dynamic_list_lets_nobody_in_and_removes_no_strangers() -> None:
    person = alice(contact(firstname="Alice"), places=in_list(NEWS, agreed=False), **KNOWN)
    for action in ("remove", "allow_known"):
        decision, _ = decide(person, rules(action=action, dynamic=True))
        assert not decision.leaves
        assert not decision.crm_joins


def test_a_list_that_lets_new_people_in_makes_a_record_of_its_own_kind() -> None:
    person = alice(places=in_list(OFFERS, agreed=False), remote={"FIRSTNAME": "Alice"}, **KNOWN)
    decision, _ = decide(person, rules(action="allow_new"))
    [made] = decision.crm_creates
    assert (made.entity, made.record_id) == ("lead", f"lead of {ALICE}")
    assert made.columns == {"emailaddress1": [None, ALICE], "firstname": [None, "Alice"]}
    assert [(join.list_id, join.record_id) for join in decision.crm_joins] == [(OFFERS, made.record_id)]
    for action in ("ignore", "allow_known"):
        assert not decide(person, rules(action=action))[0].crm_creates
    assert not decide(person, rules(action="allow_new", dynamic=True))[0].crm_creates


def test_nobody_is_made_a_record_without_a_permit() -> None:
    person = alice(places=in_list(NEWS, agreed=False), contact_id=7, status="unsubscribed")
    decision, granted = decide(person, rules(action="allow_new"))
    assert granted is None
    assert not decision.crm_creates
    assert [line.reason for line in decision.lines] == ["not_subscribed"]


def test_an_inactive_record_comes_back_by_its_address_unless_the_switch_is_off() -> None:
    person = alice(contact(flags=CrmFlag.INACTIVE), places=in_list(NEWS, agreed=False), **KNOWN)
    for action in ("allow_known", "allow_new"):
        decision, _ = decide(person, rules(action=action))
        assert [join.list_id for join in decision.crm_joins] == [NEWS]
        decision, _ = decide(person, rules(action=action, readmit_inactive=False))
        assert not decision.crm_joins
        assert [line.reason for line in decision.lines] == ["not_active"]
        decision, _ = decide(person, rules(action=action, readmit_inactive=False, only_active=False))
        assert decision.crm_joins


def test_inactive_records_are_skipped_unless_the_setting_lets_them() -> None:
    person = alice(contact(NEWS, flags=CrmFlag.INACTIVE, firstname="Alice"))
    decision, _ = decide(person, rules())
    assert not decision.imports
    assert decision.lines[0].reason == "not_active"
    decision, _ = decide(person, rules(only_active=False))
    assert decision.imports


def test_of_records_that_share_an_address_the_contact_decides_the_values() -> None:
    lead = contact(OFFERS, entity="lead", record_id="l1", firstname="Lead")
    decision, _ = decide(alice(lead, contact(NEWS, firstname="Contact")), rules(FIRST))
    assert decision.send == {"FIRSTNAME": "Contact"}
    assert sorted(decision.joins) == [NEWS, OFFERS]
    assert {line.reason for line in decision.lines} == {"", "shared_address"}


def test_a_value_that_cannot_be_carried_is_this_records_error() -> None:
    def refuse(value: object) -> object:
        name = FieldSpec(entity="contact", logical_name="firstname", type="String")
        raise ConversionError(name, value, "it is too long")

    decision, _ = decide(
        alice(contact(NEWS, firstname="Alice")), rules(field("firstname", "FIRSTNAME", convert=refuse))
    )
    assert not decision.imports
    assert decision.lines[0].reason == "conversion"
    assert "too long" in decision.lines[0].detail


def test_lists_with_a_problem_are_let_alone() -> None:
    person = alice(contact(NEWS, firstname="Alice"), places=in_list(OFFERS), **KNOWN)
    decision, _ = decide(person, rules(usable=False))
    assert not decision.imports
    assert not decision.leaves


def test_a_changed_address_takes_the_contact_along() -> None:
    person = alice(
        contact(NEWS, firstname="Alice"), known_as="alice@old.example", places=in_list(NEWS), **KNOWN
    )
    decision, _ = decide(person, rules(FIRST))
    assert decision.moved_from == "alice@old.example"
    assert decision.imports


def test_decisions_survive_storage() -> None:
    decision, _ = decide(alice(contact(NEWS, firstname="Älice 😀", lastname=None)), rules())
    assert decode_decisions(encode_decisions([decision])) == [decision]
    assert isinstance(decision, Decision)
