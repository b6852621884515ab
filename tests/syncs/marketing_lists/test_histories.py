"""Histories that the property tests found to go wrong, told step by step."""

from __future__ import annotations

import pytest

from syncline.dotdigital import ImportRow
from syncline.ledger.models import Run, RunStatus
from syncline.ledger.queue import request_cancel
from syncline.lists.linking import unlink
from syncline.lists.models import MarketingList, MembershipAction
from syncline.mapping.models import Direction, FieldMapping
from syncline.syncs.running import advance
from tests.syncs.world import World

ALICE, BOB = "alice@example.com", "bob@example.com"


def in_step(world: World, *addresses: str, name: str = "News") -> tuple[MarketingList, list[str]]:
    """People in a list, and a sync that has brought them to Dotdigital."""
    ids = [world.add("contacts", firstname=one[:3].title(), emailaddress1=one) for one in addresses]
    marketing_list = world.add_list(name, ids)
    world.sync()
    marketing_list.refresh_from_db()
    return marketing_list, ids


def run_until(world: World, phase: str) -> Run:
    """A run that has reached a phase and not yet begun it."""
    from syncline.syncs.lists_out import PHASES

    number = [name for name, _ in PHASES].index(phase)
    run = world.start("lists_out")
    for _ in range(200):
        advance(str(run.key))
        run.refresh_from_db()
        if run.position.get("phase", 0) >= number:
            return run
    raise AssertionError(f"The run never came to {phase}")


def cancel(world: World, run: Run) -> None:
    request_cancel(run, "somebody")
    assert world.carry_out(run).status == RunStatus.CANCELLED


def test_a_deleted_dotdigital_list_costs_that_list_alone(world: World) -> None:
    news, _ = in_step(world, ALICE)
    offers, [bob] = in_step(world, BOB, name="Offers")
    world.dd.delete_address_book(news.address_book_id or 0)
    world.change("contacts", bob, firstname="Robert")
    run = world.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS, run.message
    news.refresh_from_db()
    assert "deleted there" in news.problem
    assert world.contacts()[BOB].data_fields["FIRSTNAME"] == "Robert"
    assert world.in_book(offers) == {BOB}


def test_whoever_changed_while_a_list_had_a_problem_is_looked_at_when_it_is_over(world: World) -> None:
    news, [alice, _] = in_step(world, ALICE, BOB)
    original = news.name
    world.dd.delete_address_book(news.address_book_id or 0)
    world.sync()
    world.change("contacts", alice, donotbulkemail=True)
    world.sync()
    book = world.dd.create_address_book(original)
    world.put([ImportRow(email=one, lists=[book.id]) for one in (ALICE, BOB)])
    MarketingList.objects.filter(pk=news.pk).update(address_book_id=book.id)
    world.sync()
    assert world.in_book(news) == {BOB}


def test_a_removal_that_a_cancelled_run_never_sent_is_not_forgotten(world: World) -> None:
    news, [alice, _] = in_step(world, ALICE, BOB)
    world.change("contacts", alice, donotbulkemail=True)
    cancel(world, run_until(world, "removals"))
    assert world.in_book(news) == {ALICE, BOB}
    world.sync()
    assert world.in_book(news) == {BOB}


def test_a_change_after_an_import_that_a_cancelled_run_left_behind_is_sent(world: World) -> None:
    _, [alice] = in_step(world, ALICE)
    world.change("contacts", alice, firstname="Second")
    run = world.start("lists_out")
    while not run.batches.filter(state="sent").exists():
        advance(str(run.key))
        run.refresh_from_db()
    cancel(world, run)
    world.change("contacts", alice, firstname="Third")
    world.sync()
    world.sync()
    assert world.contacts()[ALICE].data_fields["FIRSTNAME"] == "Third"


def test_a_contact_does_not_follow_to_an_address_that_opted_out(world: World) -> None:
    """Its owner may not be mailed there, and the former address is nobody's any more."""
    news, [alice] = in_step(world, ALICE)
    world.dd.unsubscribe("alice@new.example")
    world.change("contacts", alice, emailaddress1="alice@new.example")
    world.sync()
    assert world.in_book(news) == set()


def test_who_left_a_list_stays_out_of_it_under_a_new_address_that_shared_the_old_one(world: World) -> None:
    news, [first, second] = in_step(world, ALICE, ALICE)
    offers = world.add_list("Offers", [first, second])
    world.sync()
    world.unsubscribe_from(news, ALICE)
    world.change("contacts", first, emailaddress1="first@example.com")
    world.sync()
    assert world.in_book(news) == set()
    world.change("contacts", second, emailaddress1="second@example.com")
    world.sync()
    world.change("contacts", first, firstname="Anew")
    world.sync()
    assert world.in_book(news) == set()
    assert world.in_book(offers) == {"first@example.com", "second@example.com"}


def test_an_address_that_comes_back_before_it_was_sent_costs_nothing(world: World) -> None:
    _, [alice] = in_step(world, ALICE)
    world.change("contacts", alice, emailaddress1="alice@new.example")
    cancel(world, run_until(world, "outward"))
    world.change("contacts", alice, emailaddress1=ALICE)
    world.forget_calls()
    world.sync()
    assert world.writes() == {}
    assert set(world.contacts()) == {ALICE}


def test_contacts_that_swap_addresses_in_dotdigital_are_both_known_afterwards(world: World) -> None:
    news, [alice, bob] = in_step(world, ALICE, BOB)
    for email, to in ((ALICE, "between@example.com"), (BOB, ALICE), ("between@example.com", BOB)):
        world.rename(email, to)
    world.sync()
    world.change("contacts", alice, firstname="Alicia")
    world.change("contacts", bob, firstname="Robert")
    world.sync()
    contacts = world.contacts()
    assert contacts[ALICE].data_fields["FIRSTNAME"] == "Alicia"
    assert contacts[BOB].data_fields["FIRSTNAME"] == "Robert"
    assert world.in_book(news) == {ALICE, BOB}


@pytest.mark.parametrize("side", ["dynamics", "dotdigital"])
def test_a_value_emptied_on_one_side_comes_back_where_blanks_do_not_overwrite(
    world: World, side: str
) -> None:
    _, [alice] = in_step(world, ALICE)
    if side == "dynamics":
        world.change("contacts", alice, firstname=None)
    else:
        world.put([ImportRow(email=ALICE, data_fields={"FIRSTNAME": None})])
    world.sync()
    assert world.crm_row("contacts", alice, "firstname")["firstname"] == "Ali"
    assert world.contacts()[ALICE].data_fields["FIRSTNAME"] == "Ali"


def test_who_opted_out_and_came_back_between_two_syncs_is_mailed_again(world: World) -> None:
    _, [alice] = in_step(world, ALICE)
    world.dd.unsubscribe(ALICE)
    world.resubscribe(ALICE)
    world.sync()
    world.change("contacts", alice, firstname="Back")
    world.sync()
    assert world.contacts()[ALICE].data_fields["FIRSTNAME"] == "Back"


def test_the_list_of_an_unlinked_marketing_list_is_made_anew(world: World) -> None:
    news, _ = in_step(world, ALICE)
    world.dd.delete_address_book(news.address_book_id or 0)
    world.sync()
    news.refresh_from_db()
    unlink(news)
    world.sync()
    assert world.in_book(news) == {ALICE}


def test_who_is_let_into_a_marketing_list_brings_their_values_along(world: World) -> None:
    alice = world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    news = world.add_list("News", membership_action=MembershipAction.ALLOW_KNOWN)
    world.sync()
    news.refresh_from_db()
    world.put([ImportRow(email=ALICE, data_fields={"LASTNAME": "Hall"}, lists=[news.address_book_id or 0])])
    world.sync()
    assert world.crm_row("contacts", alice, "lastname")["lastname"] == "Hall"
    assert world.contacts()[ALICE].data_fields["FULLNAME"] == "Alice Hall"


def test_a_label_that_only_goes_to_dynamics_empties_nothing_for_being_blank_from_the_start(
    world: World,
) -> None:
    mapped = FieldMapping.objects.filter(account=world.account, label="FIRSTNAME")
    mapped.update(direction=Direction.TO_DYNAMICS, blank_overwrites=True)
    _, [alice] = in_step(world, ALICE)
    world.change("contacts", alice, lastname="Hall")
    world.sync()
    assert world.crm_row("contacts", alice, "firstname")["firstname"] == "Ali"
