"""Suppressions, both ways (product.md §4, no. 5, and §8)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncline.accounts.admin_log import Actor
from syncline.consent import suppressions
from syncline.consent.models import CrmSuppressed, Suppression, WrittenSuppression
from syncline.consent.suppression_reasons import ASKED
from syncline.dotdigital import ImportRow
from syncline.engine.plans import approve
from syncline.ledger.models import Held, Run, RunStatus
from tests.syncs.consent.scene import address, contact, crm_list, is_marked, put_on_crm_list, records
from tests.syncs.world import World

SYNC = "suppressions"
MAYA = Actor("maya", "test")


def suppress(world: World, *names: str) -> None:
    """These people unsubscribe from everything in Dotdigital."""
    world.put([ImportRow(email=address(name)) for name in names])
    for name in names:
        world.dd.unsubscribe(address(name))


def went_well(run: Run) -> Run:
    assert run.status == RunStatus.COMPLETED, (run.message, run.remedy)
    return run


def test_a_suppressed_address_is_marked_recorded_and_listed(provisioned: World) -> None:
    world = provisioned
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    lead = world.add("leads", firstname="Alice", emailaddress1="ALICE@example.com ")
    suppress(world, "Alice")

    run = went_well(world.sync(SYNC))

    assert (is_marked(world, alice), is_marked(world, lead, "leads"), is_marked(world, bob)) == (
        True,
        True,
        False,
    )
    assert records(world) == [("alice@example.com", "Unsubscribed", False)] * 2
    assert set(crm_list(world)) == {"alice@example.com"}
    assert (run.updated, run.created, run.rejected) == (2, 3, 0)


def test_the_second_run_writes_nothing(provisioned: World) -> None:
    world = provisioned
    contact(world, "Alice")
    put_on_crm_list(world, "zoe@example.com")
    suppress(world, "Alice")
    world.sync(SYNC)
    world.forget_calls()

    run = went_well(world.sync(SYNC))

    assert world.writes() == {}
    assert run.read == run.unchanged


def test_who_comes_back_by_a_form_is_free_in_dynamics_too(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    suppress(world, "Alice")
    world.sync(SYNC)

    world.resubscribe(address("Alice"))
    went_well(world.sync(SYNC))

    assert not is_marked(world, alice)
    assert records(world) == []
    assert crm_list(world) == {}
    assert not WrittenSuppression.objects.exists()
    assert not Suppression.objects.filter(person_key=address("Alice")).exists()


def test_a_mark_that_a_person_set_is_never_cleared(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice", donotbulkemail=True)
    suppress(world, "Alice")
    world.sync(SYNC)

    world.resubscribe(address("Alice"))
    went_well(world.sync(SYNC))

    assert is_marked(world, alice)


def test_a_mark_cleared_in_dynamics_is_set_again_while_dotdigital_suppresses(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    suppress(world, "Alice")
    world.sync(SYNC)

    world.change("contacts", alice, donotbulkemail=False)
    went_well(world.sync(SYNC))

    assert is_marked(world, alice)


def test_a_mark_that_a_person_set_after_clearing_ours_is_theirs(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    suppress(world, "Alice")
    world.sync(SYNC)
    world.resubscribe(address("Alice"))
    world.change("contacts", alice, donotbulkemail=False)
    world.sync(SYNC)

    world.change("contacts", alice, donotbulkemail=True)
    went_well(world.sync(SYNC))
    world.sync("lists_out")
    went_well(world.sync(SYNC))

    assert is_marked(world, alice)


def test_an_address_put_on_the_crm_list_by_hand_is_suppressed_in_dotdigital(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    world.put([ImportRow(email=address("Alice"))])
    put_on_crm_list(world, " Alice@Example.com")
    put_on_crm_list(world, "stranger@example.com")

    went_well(world.sync(SYNC))

    assert world.contact(address("Alice")).email_status == "suppressed"
    assert world.contact("stranger@example.com").email_status == "suppressed"
    assert is_marked(world, alice)
    assert set(CrmSuppressed.objects.values_list("told", flat=True)) == {True}


def test_the_date_that_dotdigital_tells_of_our_own_suppression_is_no_news(provisioned: World) -> None:
    """It differs by moments from the one at which we had asked."""
    world = provisioned
    contact(world, "Alice")
    put_on_crm_list(world, address("Alice"))
    went_well(world.sync(SYNC))
    world.forget_calls()

    went_well(world.sync(SYNC))

    assert world.writes() == {}


def test_who_was_put_on_the_crm_list_by_hand_and_comes_back_leaves_it(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    put_on_crm_list(world, address("Alice"))
    world.sync(SYNC)

    world.resubscribe(address("Alice"))
    went_well(world.sync(SYNC))
    went_well(world.sync(SYNC))

    assert crm_list(world) == {}
    assert not is_marked(world, alice)
    assert world.contact(address("Alice")).email_status == "subscribed"


def test_an_entry_taken_off_the_crm_list_by_hand_comes_back(provisioned: World) -> None:
    """Taking it off is no resubscribe: Dotdigital still suppresses the address."""
    world = provisioned
    contact(world, "Alice")
    suppress(world, "Alice")
    world.sync(SYNC)
    world.crm.delete("syncline_suppressedemails", crm_list(world)[address("Alice")])

    went_well(world.sync(SYNC))

    assert set(crm_list(world)) == {address("Alice")}


def test_someone_on_the_crm_list_is_sent_to_no_list(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    world.account.keep_crm_suppression_list = False
    world.account.save()
    put_on_crm_list(world, address("Alice"))
    world.sync(SYNC)
    list_id = world.crm.create(
        "lists", {"listname": "News", "createdfromcode": 2, "type": False, "syncline_activated": True}
    )
    world.crm.add_list_members(list_id, "contact", [alice])

    run = world.sync("lists_out")

    assert world.outcomes(run) == [(address("Alice"), "skipped", "on_crm_list")]
    assert address("Alice") not in world.contacts()


@pytest.mark.parametrize("setting", ["mark_do_not_bulk_email", "keep_crm_suppression_list"])
def test_each_setting_switches_its_own_effect_off(provisioned: World, setting: str) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    suppress(world, "Alice")
    setattr(world.account, setting, False)
    world.account.save()

    went_well(world.sync(SYNC))

    assert is_marked(world, alice) == (setting != "mark_do_not_bulk_email")
    assert bool(crm_list(world)) == (setting != "keep_crm_suppression_list")
    assert records(world) == [(address("Alice"), "Unsubscribed", False)]


def test_a_contact_made_later_is_marked_too(provisioned: World) -> None:
    world = provisioned
    suppress(world, "Alice")
    world.sync(SYNC)

    alice = contact(world, "Alice")
    went_well(world.sync(SYNC))

    assert is_marked(world, alice)


def test_without_our_tables_the_mark_is_set_and_the_run_says_what_is_missing(world: World) -> None:
    alice = contact(world, "Alice")
    suppress(world, "Alice")

    run = world.sync(SYNC)

    assert is_marked(world, alice)
    assert run.message_code == "no_consent_tables"
    world.resubscribe(address("Alice"))
    world.sync(SYNC)
    assert not is_marked(world, alice)


def test_a_plan_writes_nothing_and_is_then_carried_out(provisioned: World) -> None:
    world = provisioned
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    suppress(world, "Alice")
    put_on_crm_list(world, address("Bob"))
    world.forget_calls()

    plan = world.sync(SYNC, plan_only=True)

    assert world.writes() == {}
    assert plan.approval == "waiting"
    assert {(row.person_key, row.side) for row in plan.outcomes.all()} == {
        (address("Alice"), "dynamics"),
        (address("Bob"), "dynamics"),
        (address("Bob"), "dotdigital"),
    }
    run = world.carry_out(approve(plan, MAYA))
    assert run.status == RunStatus.COMPLETED, run.message
    assert is_marked(world, alice) and is_marked(world, bob)
    assert world.contact(address("Bob")).email_status == "suppressed"


def test_who_changed_since_the_plan_is_left_out(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    suppress(world, "Alice")
    plan = world.sync(SYNC, plan_only=True)

    world.resubscribe(address("Alice"))
    bob = contact(world, "Bob")
    suppress(world, "Bob")
    run = world.carry_out(approve(plan, MAYA))

    assert not is_marked(world, alice) and not is_marked(world, bob)
    assert run.message_code in {"changed_since_plan", "nothing_new", ""}
    world.sync(SYNC)
    assert is_marked(world, bob) and not is_marked(world, alice)


def test_many_at_once_trip_the_fuse(provisioned: World) -> None:
    world = provisioned
    names = [f"Person{number}" for number in range(60)]
    people = [contact(world, name) for name in names]
    suppress(world, *names)

    run = world.sync(SYNC)

    assert run.status == RunStatus.WAITING
    assert run.fuse == ["Would suppress 60 of 60 people; the fuse is set to 20 % and 50 people."]
    assert not any(is_marked(world, one) for one in people)
    world.carry_out(approve(run, MAYA))
    assert all(is_marked(world, one) for one in people)


def test_an_address_that_dotdigital_refuses_is_held_and_not_sent_again(
    provisioned: World,
) -> None:
    world = provisioned
    put_on_crm_list(world, "no address at all")
    put_on_crm_list(world, address("Alice"))

    run = world.sync(SYNC)

    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert [row.person_key for row in Held.objects.all()] == ["no address at all"]
    assert world.contact(address("Alice")).email_status == "suppressed"
    world.forget_calls()
    world.sync(SYNC)
    assert world.writes() == {}


def test_a_suppression_by_hand_whose_answer_was_lost_is_asked_for_again(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    world.put([ImportRow(email=address("Alice"))])
    suppressions.save(world.account.pk, [(address("Alice"), ASKED, datetime.now(UTC))])

    went_well(world.sync(SYNC))

    assert world.contact(address("Alice")).email_status == "suppressed"
    assert is_marked(world, alice)
    assert records(world) == [(address("Alice"), "Suppressed", False)]
    world.forget_calls()
    went_well(world.sync(SYNC))
    assert world.writes() == {}


def test_an_entry_by_hand_that_is_not_carried_over_lets_no_mark_be_cleared(
    provisioned: World,
) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    suppress(world, "Alice")
    world.account.keep_crm_suppression_list = False
    world.account.save()
    world.sync(SYNC)
    put_on_crm_list(world, address("Alice"))

    world.resubscribe(address("Alice"))
    went_well(world.sync(SYNC))

    assert is_marked(world, alice)
