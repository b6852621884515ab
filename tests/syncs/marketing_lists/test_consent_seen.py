"""What a sync reads about consent is in the ledger afterwards: every change once, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from syncline.consent.models import ConsentEvent
from syncline.dotdigital import ImportRow
from syncline.lists.models import MarketingList
from syncline.people.models import Person
from tests.syncs.world import World

ALICE = "alice@example.com"


@pytest.fixture
def news(world: World) -> MarketingList:
    alice = world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    return world.add_list("News", [alice])


def alice_of(world: World) -> str:
    page = next(world.crm.pages("contacts", select=("contactid",)))
    return str(page.rows[0]["contactid"])


def told(key: str = ALICE) -> list[tuple[str, str, str, str]]:
    events = ConsentEvent.objects.filter(subject__person_key=key).order_by("pk")
    return [(one.what, one.before, one.after, one.source) for one in events]


def evidence(what: str) -> dict[str, Any]:
    found: dict[str, Any] = ConsentEvent.objects.get(what=what).evidence
    return found


def test_a_first_load_of_people_who_may_be_mailed_changes_nobodys_consent(
    world: World, news: MarketingList
) -> None:
    world.put([ImportRow(email="bob@example.com")])
    world.sync()
    world.sync()
    assert not ConsentEvent.objects.exists()


def test_an_unsubscribe_is_told_once_with_what_proves_it(world: World, news: MarketingList) -> None:
    world.sync()
    world.dd.unsubscribe(ALICE)
    run = world.sync()
    world.sync()
    assert ("email_status", "subscribed", "unsubscribed", "dotdigital") in told()
    assert ("suppression", "", "unsubscribed", "dotdigital") in told()
    assert len(told()) == 2
    assert evidence("email_status") == {"contact_id": world.contact(ALICE).contact_id}
    assert set(ConsentEvent.objects.values_list("run_id", "account_id")) == {(run.pk, world.account.pk)}


def test_somebody_seen_first_when_they_have_opted_out_is_told_too(world: World, news: MarketingList) -> None:
    world.put([ImportRow(email=ALICE)])
    world.dd.unsubscribe(ALICE)
    world.change("contacts", alice_of(world), donotbulkemail=True)
    world.sync()
    assert sorted(told()) == [
        ("do_not_bulk_email", "no", "yes", "dynamics"),
        ("email_status", "", "unsubscribed", "dotdigital"),
        ("suppression", "", "unsubscribed", "dotdigital"),
    ]
    assert evidence("do_not_bulk_email") == {"entity": "contact", "record_id": alice_of(world)}


def test_coming_back_by_themselves_is_told(world: World, news: MarketingList) -> None:
    world.sync()
    world.dd.unsubscribe(ALICE)
    world.sync()
    world.sandbox_dotdigital.control.advance(3600)
    world.resubscribe(ALICE)
    world.sync()
    assert told()[-2:] == [
        ("email_status", "unsubscribed", "subscribed", "dotdigital"),
        ("suppression", "unsubscribed", "", "dotdigital"),
    ]


def test_leaving_one_list_is_told_for_that_list(world: World, news: MarketingList) -> None:
    world.sync()
    news.refresh_from_db()
    world.unsubscribe_from(news, ALICE)
    world.sync()
    world.sync()
    event = ConsentEvent.objects.get()
    assert (event.what, event.before, event.after) == ("list", "subscribed", "suppressed")
    assert event.list_id == news.pk


@pytest.mark.parametrize(
    ("mark", "what"), [("donotbulkemail", "do_not_bulk_email"), ("donotemail", "do_not_email")]
)
def test_marks_of_dynamics_are_told_as_they_come_and_go(
    world: World, news: MarketingList, mark: str, what: str
) -> None:
    world.sync()
    for value in (True, False):
        world.change("contacts", alice_of(world), **{mark: value})
        world.sync()
    assert told() == [(what, "no", "yes", "dynamics"), (what, "yes", "no", "dynamics")]


def test_a_mark_is_told_of_the_address_that_the_record_moves_to(world: World, news: MarketingList) -> None:
    world.change("contacts", alice_of(world), donotemail=True)
    world.sync()
    world.change("contacts", alice_of(world), emailaddress1="alice@new.example")
    world.sync()
    assert told("alice@new.example") == [("do_not_email", "no", "yes", "dynamics")]


def test_records_without_an_address_are_nobodys_consent(world: World, news: MarketingList) -> None:
    world.add("contacts", firstname="Nobody", donotbulkemail=True)
    world.sync()
    assert not ConsentEvent.objects.exists()


def test_opt_in_types_are_kept_and_their_changes_told(world: World, news: MarketingList) -> None:
    world.sync()
    world.sync()
    opt_in = Person.objects.get(person_key=ALICE).opt_in
    assert opt_in == (world.contact(ALICE).opt_in or "").lower() != ""
    world.put([ImportRow(email=ALICE, opt_in="double")])
    run = world.sync()
    assert Person.objects.get(person_key=ALICE).opt_in == "double"
    assert told() == [("opt_in", opt_in, "double", "dotdigital")]
    assert (run.read, run.updated) == (0, 0), "the opt-in type is nothing that a list is decided by"


def test_a_contact_deleted_in_dotdigital_is_told(world: World, news: MarketingList) -> None:
    world.sync()
    world.sync()
    world.delete_contact(ALICE)
    world.change("contacts", alice_of(world), firstname="Alicia")
    world.sync()
    assert told() == [("email_status", "subscribed", "deleted", "dotdigital")]
