"""What undoing a run means for one person, situation by situation."""

from typing import Any

import pytest

from syncline.people.facts import CrmFlag, PersonFacts
from syncline.syncs.marketing_lists.decisions import Decision
from syncline.syncs.marketing_lists.deeds import Deeds, PlaceDeed, ValueDeed
from syncline.syncs.marketing_lists.rules import FieldRule
from syncline.syncs.marketing_lists.undo_decide import undo_decide
from tests.syncs.marketing_lists.people import ALICE, FIRST, NEWS, alice, contact, field, in_list, rules

KNOWN = {"contact_id": 7, "status": "subscribed"}


def wrote(field: str, old: Any, new: Any, side: str = "dotdigital") -> ValueDeed:
    return ValueDeed(side, NEWS, "contact", "c1", "Alice Hall", field, old, new)


def let_in(side: str = "dotdigital") -> PlaceDeed:
    return PlaceDeed(side, NEWS, "contact", "c1", "Alice Hall", joined=True, reason="")


def took_out(reason: str = "left_marketing_list", side: str = "dotdigital") -> PlaceDeed:
    return PlaceDeed(side, NEWS, "contact", "c1", "Alice Hall", joined=False, reason=reason)


def undone(
    person: PersonFacts, *deeds: ValueDeed | PlaceDeed, mapped: FieldRule = FIRST, **more: Any
) -> Decision:
    values = tuple(deed for deed in deeds if isinstance(deed, ValueDeed))
    places = tuple(deed for deed in deeds if isinstance(deed, PlaceDeed))
    return undo_decide(Deeds(ALICE, values, places, **more), person, rules(mapped))[0]


def told(decision: Decision) -> list[tuple[str, str]]:
    return [(line.action, line.reason) for line in decision.lines]


def writes(decision: Decision) -> bool:
    return bool(
        decision.imports
        or decision.leaves
        or decision.crm_changes
        or decision.crm_joins
        or decision.crm_leaves
    )


# Values in Dotdigital.


def test_a_value_that_still_stands_is_put_back_and_so_is_the_shadow() -> None:
    person = alice(
        contact(NEWS, firstname="Alicia"),
        remote={"FIRSTNAME": "Alicia"},
        agreed={"FIRSTNAME": "Alicia"},
        places=in_list(NEWS),
        **KNOWN,
    )
    decision = undone(person, wrote("FIRSTNAME", "Alice", "Alicia"))
    assert decision.send == {"FIRSTNAME": "Alice"}
    assert decision.old == {"FIRSTNAME": "Alicia"}
    assert decision.agreed == {"FIRSTNAME": "Alice"}
    assert told(decision) == [("update", "undone")]


def test_a_value_where_there_was_none_is_blanked_and_leaves_the_shadow() -> None:
    person = alice(contact(NEWS), remote={"FIRSTNAME": "A"}, agreed={"FIRSTNAME": "A"}, **KNOWN)
    decision = undone(person, wrote("FIRSTNAME", None, "A"))
    assert decision.send == {"FIRSTNAME": None}
    assert decision.agreed == {}


def test_a_value_changed_since_stays_and_both_values_are_told() -> None:
    person = alice(contact(NEWS), remote={"FIRSTNAME": "Bea"}, places=in_list(NEWS), **KNOWN)
    decision = undone(person, wrote("FIRSTNAME", "Alice", "Alicia"))
    assert not writes(decision)
    assert told(decision) == [("none", "changed_since_run")]
    assert "'Bea'" in decision.lines[0].detail
    assert "'Alicia'" in decision.lines[0].detail


def test_a_value_that_is_as_before_already_is_passed_over() -> None:
    person = alice(contact(NEWS), remote={"FIRSTNAME": "Alice"}, places=in_list(NEWS), **KNOWN)
    decision = undone(person, wrote("FIRSTNAME", "Alice", "Alicia"))
    assert not writes(decision)
    assert told(decision) == []


def test_a_label_that_nothing_is_mapped_to_any_more_is_let_alone() -> None:
    decision = undone(alice(contact(NEWS), **KNOWN), wrote("TOWN", "Leeds", "York"))
    assert told(decision) == [("none", "no_longer_mapped")]


def test_a_changed_address_is_not_put_back() -> None:
    decision = undone(alice(contact(NEWS), **KNOWN), wrote("EMAIL", "al@example.com", ALICE))
    assert not writes(decision)
    assert told(decision) == [("none", "address_stays")]


# Values in Dynamics.


def test_a_column_that_still_stands_is_put_back() -> None:
    person = alice(contact(NEWS, firstname="Alicia"), places=in_list(NEWS), **KNOWN)
    decision = undone(person, wrote("firstname", "Alice", "Alicia", "dynamics"))
    [change] = decision.crm_changes
    assert change.columns == {"firstname": ["Alicia", "Alice"]}
    assert change.labels == {"FIRSTNAME": "Alice"}
    assert change.list_id == NEWS


def test_a_column_changed_since_stays() -> None:
    person = alice(contact(NEWS, firstname="Bea"), places=in_list(NEWS), **KNOWN)
    decision = undone(person, wrote("firstname", "Alice", "Alicia", "dynamics"))
    assert not writes(decision)
    assert told(decision) == [("none", "changed_since_run")]


def test_a_record_that_is_gone_or_has_another_address_is_let_alone() -> None:
    decision = undone(alice(**KNOWN), wrote("firstname", "Alice", "Alicia", "dynamics"))
    assert told(decision) == [("none", "changed_since_run")]


# Marks of consent.

NO_CALLS = field("donotphone", "NOCALLS", restrictive=True, is_consent=True)


@pytest.mark.parametrize("before", [None, False])
def test_a_consent_mark_that_the_run_carried_to_dynamics_stays(before: bool | None) -> None:
    person = alice(contact(NEWS, donotphone=True), remote={"NOCALLS": True}, places=in_list(NEWS), **KNOWN)
    decision = undone(person, wrote("donotphone", before, True, "dynamics"), mapped=NO_CALLS)
    assert not writes(decision)
    assert told(decision) == [("none", "consent_mark_stands")]


@pytest.mark.parametrize("before", [None, False])
def test_a_consent_mark_that_the_run_carried_to_dotdigital_stays(before: bool | None) -> None:
    person = alice(contact(NEWS, donotphone=True), remote={"NOCALLS": True}, places=in_list(NEWS), **KNOWN)
    decision = undone(person, wrote("NOCALLS", before, True), mapped=NO_CALLS)
    assert not writes(decision)
    assert told(decision) == [("none", "consent_mark_stands")]


def test_a_consent_mark_that_the_run_had_lifted_comes_back() -> None:
    person = alice(contact(NEWS, donotphone=False), remote={"NOCALLS": False}, places=in_list(NEWS), **KNOWN)
    decision = undone(person, wrote("donotphone", True, False, "dynamics"), mapped=NO_CALLS)
    assert [change.columns for change in decision.crm_changes] == [{"donotphone": [False, True]}]


# Places in Dotdigital lists.


def test_who_was_let_in_leaves_again() -> None:
    decision = undone(alice(contact(NEWS), places=in_list(NEWS), **KNOWN), let_in())
    assert decision.leaves == [NEWS]
    assert told(decision) == [("remove", "undone")]


def test_who_is_there_without_our_doing_stays() -> None:
    person = alice(contact(NEWS), places=in_list(NEWS, agreed=False), **KNOWN)
    decision = undone(person, let_in())
    assert not writes(decision)
    assert told(decision) == [("none", "changed_since_run")]


def test_a_contact_that_the_run_made_keeps_its_values_and_leaves_its_lists() -> None:
    person = alice(contact(NEWS), remote={"FIRSTNAME": "A"}, places=in_list(NEWS), **KNOWN)
    decision = undone(person, wrote("FIRSTNAME", None, "A"), let_in(), made_contact=True)
    assert not decision.send
    assert decision.leaves == [NEWS]
    assert told(decision) == [("remove", "made_by_the_run")]


def test_who_was_taken_out_comes_back() -> None:
    decision = undone(alice(contact(), **KNOWN), took_out())
    assert decision.joins == [NEWS]
    assert told(decision) == [("update", "undone")]


@pytest.mark.parametrize(
    "reason", ["do_not_bulk_email", "do_not_email", "suppressed", "left_list", "some_new_reason"]
)
def test_who_was_taken_out_for_consent_never_comes_back(reason: str) -> None:
    """Also one who may be mailed again by now: they choose their lists themselves."""
    decision = undone(alice(contact(NEWS), **KNOWN), took_out(reason))
    assert not writes(decision)
    assert told(decision) == [("none", "opt_out_stands")]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"suppressed_for": "Unsubscribed"}, "suppressed"),
        ({"status": "unsubscribed"}, "not_subscribed"),
        ({"opted_out_as": "al@example.com"}, "opted_out_before"),
        ({"erased": True}, "erased"),
        ({"places": in_list(NEWS, status="suppressed")}, "left_list"),
        ({"places": in_list(NEWS, status="removed")}, "removed_there"),
    ],
)
def test_nobody_comes_back_past_an_opt_out(facts: dict[str, Any], reason: str) -> None:
    decision = undone(alice(contact(), **{**KNOWN, **facts}), took_out())
    assert not writes(decision)
    assert told(decision) == [("none", reason)]


def test_nobody_comes_back_past_a_mark_in_dynamics() -> None:
    person = alice(contact(flags=CrmFlag.DO_NOT_BULK_EMAIL), **KNOWN)
    assert told(undone(person, took_out())) == [("none", "do_not_bulk_email")]


def test_a_contact_that_is_gone_is_not_made_again() -> None:
    assert told(undone(alice(contact()), took_out())) == [("none", "changed_since_run")]


def test_values_of_one_who_opted_out_stay_and_they_still_leave_the_list() -> None:
    person = alice(
        contact(NEWS),
        remote={"FIRSTNAME": "Alicia"},
        places=in_list(NEWS),
        contact_id=7,
        status="unsubscribed",
    )
    decision = undone(person, let_in(), wrote("FIRSTNAME", "Alice", "Alicia"))
    assert not decision.imports
    assert told(decision) == [("remove", "undone"), ("none", "not_subscribed")]


# Marketing lists in Dynamics.


def test_a_known_record_that_was_let_in_leaves_the_marketing_list() -> None:
    decision = undone(alice(contact(NEWS), places=in_list(NEWS), **KNOWN), let_in("dynamics"))
    assert [(leave.list_id, leave.record_id) for leave in decision.crm_leaves] == [(NEWS, "c1")]
    assert not decision.leaves


def test_an_undo_that_is_undone_lets_the_record_in_again_through_the_gate() -> None:
    deed = took_out("undone", "dynamics")
    decision = undone(alice(contact(), places=in_list(NEWS, agreed=False), **KNOWN), deed)
    assert [(join.list_id, join.record_id) for join in decision.crm_joins] == [(NEWS, "c1")]
    stopped = alice(contact(), places=in_list(NEWS), contact_id=7, status="unsubscribed")
    assert told(undone(stopped, deed)) == [("none", "not_subscribed")]


def test_a_list_that_is_not_synced_is_let_alone() -> None:
    person = alice(contact(NEWS), places=in_list(NEWS), **KNOWN)
    decision, _ = undo_decide(Deeds(ALICE, places=(let_in(),)), person, rules(FIRST, usable=False))
    assert not writes(decision)
    assert told(decision) == [("none", "list_not_synced")]
