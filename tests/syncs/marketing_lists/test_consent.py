"""Nobody who opted out is subscribed by a sync, whatever the order of events."""

from __future__ import annotations

import pytest

from syncline.dotdigital import ImportRow
from syncline.ledger.models import RunStatus
from syncline.lists.models import MarketingList, MembershipAction
from tests.syncs.world import World

ALICE = "alice@example.com"


@pytest.fixture
def news(world: World) -> MarketingList:
    alice = world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    return world.add_list("News", [alice])


def alice_of(world: World, news: MarketingList) -> str:
    return str(
        next(row["_entityid_value"] for page in world.crm.list_members(news.list_id) for row in page.rows)
    )


def statuses(world: World) -> dict[str, str | None]:
    return {email: contact.email_status for email, contact in world.contacts().items()}


@pytest.mark.parametrize("mark", ["donotbulkemail", "donotemail"])
def test_do_not_email_is_left_out_and_taken_out(world: World, news: MarketingList, mark: str) -> None:
    world.sync()
    assert world.in_book(news) == {ALICE}
    world.change("contacts", alice_of(world, news), **{mark: True})
    run = world.sync()
    assert world.in_book(news) == set()
    assert run.removed == 1
    assert statuses(world)[ALICE] == "subscribed", "the mark alone does not suppress the address"


def test_a_mark_on_a_record_outside_the_list_counts(world: World, news: MarketingList) -> None:
    """Also in a table that no list draws on."""
    world.sync()
    assert world.in_book(news) == {ALICE}
    world.add("leads", lastname="Hall", emailaddress1="ALICE@example.com", donotbulkemail=True)
    world.sync()
    assert world.in_book(news) == set()


def test_a_table_that_the_environment_lacks_holds_no_marks(world: World, news: MarketingList) -> None:
    world.sandbox_dataverse.control.settings(hidden_tables=["lead"])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED, run.message
    assert world.in_book(news) == {ALICE}


def test_suppressed_before_the_first_sync(world: World, news: MarketingList) -> None:
    world.put([ImportRow(email=ALICE)])
    world.dd.unsubscribe(ALICE)
    run = world.sync()
    assert run.created == 0
    assert world.in_book(news) == set()
    assert statuses(world)[ALICE] != "subscribed"


def test_unsubscribed_between_two_syncs(world: World, news: MarketingList) -> None:
    world.sync()
    world.dd.unsubscribe(ALICE)
    world.change("contacts", alice_of(world, news), firstname="Alicia")
    world.sync()
    assert statuses(world)[ALICE] != "subscribed"


def test_left_one_list_stays_out_of_it_and_in_the_others(world: World, news: MarketingList) -> None:
    offers = world.add_list("Offers", [alice_of(world, news)])
    world.sync()
    news.refresh_from_db()
    world.unsubscribe_from(news, ALICE)
    world.change("contacts", alice_of(world, news), firstname="Alicia")
    world.sync()
    assert world.in_book(news) == set()
    assert world.in_book(offers) == {ALICE}
    # Leaving and entering the marketing list in Dynamics is not the person's own wish.
    alice = alice_of(world, offers)
    world.crm.remove_list_member(news.list_id, alice)
    world.sync()
    world.crm.add_list_members(news.list_id, "contact", [alice])
    world.sync()
    assert world.in_book(news) == set()


def test_an_opt_out_follows_a_changed_address(world: World, news: MarketingList) -> None:
    world.sync()
    world.dd.unsubscribe(ALICE)
    world.sync()
    world.change("contacts", alice_of(world, news), emailaddress1="alice@new.example")
    world.sync()
    world.sync()
    assert world.in_book(news) == set()
    assert statuses(world).get("alice@new.example") != "subscribed"


def test_an_opt_out_that_arrives_with_the_change_of_address_follows_too(
    world: World, news: MarketingList
) -> None:
    world.sync()
    world.dd.unsubscribe(ALICE)
    world.change("contacts", alice_of(world, news), emailaddress1="alice@new.example")
    world.sync()
    world.sync()
    assert statuses(world).get("alice@new.example") != "subscribed"


def test_a_changed_address_takes_the_contact_along(world: World, news: MarketingList) -> None:
    world.sync()
    before = world.contact(ALICE).contact_id
    world.change("contacts", alice_of(world, news), emailaddress1="alice@new.example")
    world.sync()
    assert world.contact("alice@new.example").contact_id == before
    assert ALICE not in world.contacts()
    assert world.in_book(news) == {"alice@new.example"}
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_an_opted_out_stranger_is_not_let_into_a_list(world: World) -> None:
    bob = world.add("contacts", firstname="Bob", emailaddress1="bob@example.com", donotbulkemail=True)
    book = world.dd.create_address_book("News")
    world.put([ImportRow(email="bob@example.com", lists=[book.id])])
    news = world.add_list("News", membership_action=MembershipAction.ALLOW_KNOWN)
    world.sync()
    members = [row["_entityid_value"] for page in world.crm.list_members(news.list_id) for row in page.rows]
    assert bob not in members


def test_whoever_comes_back_by_themselves_is_welcome(world: World, news: MarketingList) -> None:
    world.sync()
    world.dd.unsubscribe(ALICE)
    world.sync()
    world.resubscribe(ALICE)
    world.change("contacts", alice_of(world, news), firstname="Back")
    world.sync()
    assert world.contacts()[ALICE].data_fields["FIRSTNAME"] == "Back"


def test_a_contact_deleted_there_is_not_made_again(world: World, news: MarketingList) -> None:
    world.sync()
    world.delete_contact(ALICE)
    world.change("contacts", alice_of(world, news), firstname="Alicia")
    run = world.sync()
    assert ALICE not in world.contacts()
    assert run.outcomes.get().reason == "deleted_there"
    world.change("contacts", alice_of(world, news), firstname="Alina")
    assert world.sync().skipped == 1
    assert ALICE not in world.contacts()
    world.put([ImportRow(email=ALICE)])
    world.sync()
    assert world.in_book(news) == {ALICE}
