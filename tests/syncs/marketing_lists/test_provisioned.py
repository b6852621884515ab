"""An environment that has been provisioned: settings are read from the lists, results are written to them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from syncline.dotdigital import ImportRow
from syncline.ledger.models import RunPart, RunStatus
from syncline.lists.models import MarketingList, MembershipAction
from syncline.provisioning.declaration import option
from syncline.syncs.messages import MESSAGES
from tests.our_tables import provision
from tests.syncs.world import World

NOTE = ("syncline_name", "syncline_listid", "syncline_message", "syncline_read", "syncline_created")


@pytest.fixture
def provisioned(world: World) -> World:
    provision(world.sandbox_dataverse, world.crm)
    world.account.provisioned = True
    world.account.save()
    return world


def add_list(world: World, name: str, *members: str, activated: bool = True, **columns: Any) -> str:
    """A list as people make it in Dynamics; its id."""
    row = {"listname": name, "createdfromcode": 2, "type": False, "syncline_activated": activated, **columns}
    list_id = world.crm.create("lists", row)
    if members:
        world.crm.add_list_members(list_id, "contact", list(members))
    return list_id


def contact(world: World, name: str) -> str:
    return world.add("contacts", firstname=name, emailaddress1=f"{name.lower()}@example.com")


def ours(list_id: str) -> MarketingList:
    return MarketingList.objects.get(list_id=list_id)


def notes(world: World) -> list[dict[str, Any]]:
    pages = world.crm.pages("syncline_syncnotes", select=(*NOTE, "syncline_status", "_syncline_list_value"))
    return [row for page in pages for row in page.rows]


def last_result(world: World, list_id: str) -> str | None:
    row = world.crm_row("lists", list_id, "syncline_lastresult")
    return str(row["syncline_lastresult"]) if row["syncline_lastresult"] else None


def test_only_lists_that_are_activated_there_are_synced(provisioned: World) -> None:
    alice = contact(provisioned, "Alice")
    news, drafts = (
        add_list(provisioned, "News", alice),
        add_list(provisioned, "Drafts", alice, activated=False),
    )
    provisioned.sync()
    assert provisioned.in_book(ours(news)) == {"alice@example.com"}
    assert ours(drafts).address_book_id is None
    provisioned.change("lists", drafts, syncline_activated=True)
    provisioned.change("lists", news, syncline_activated=False)
    provisioned.crm.add_list_members(news, "contact", [contact(provisioned, "Bob")])
    provisioned.sync()
    assert provisioned.in_book(ours(drafts)) == {"alice@example.com"}
    assert provisioned.in_book(ours(news)) == {"alice@example.com"}, "switching off takes nobody out"


def test_order_and_membership_action_are_read_there(provisioned: World) -> None:
    alice = contact(provisioned, "Alice")
    for name, order in (("Third", None), ("Second", 2), ("First", 1)):
        add_list(provisioned, name, alice, syncline_syncorder=order, syncline_membershipaction=option(1))
    run = provisioned.sync()
    assert [part.name for part in run.parts.order_by("pk")] == ["First", "Second", "Third"]
    first = MarketingList.objects.get(name="First")
    assert (first.sync_order, first.membership_action) == (1, MembershipAction.REMOVE)
    provisioned.put([ImportRow(email="stranger@example.com", lists=[first.address_book_id or 0])])
    provisioned.sync()
    assert provisioned.in_book(first) == {"alice@example.com"}
    provisioned.change("lists", first.list_id, syncline_membershipaction=None)
    provisioned.put([ImportRow(email="stranger@example.com", lists=[first.address_book_id or 0])])
    provisioned.sync()
    assert provisioned.in_book(first) == {"alice@example.com", "stranger@example.com"}


def test_a_list_with_news_is_told_once_and_no_other(provisioned: World) -> None:
    alice, bob = contact(provisioned, "Alice"), contact(provisioned, "Bob")
    news, offers = add_list(provisioned, "News", alice, bob), add_list(provisioned, "Offers", alice)
    provisioned.sync()
    assert last_result(provisioned, news) == "2 read: 2 created"
    assert last_result(provisioned, offers) == "1 read: 1 created"
    told = {note["syncline_listid"]: note for note in notes(provisioned)}
    assert told.keys() == {news, offers}
    assert (told[news]["syncline_read"], told[news]["syncline_created"]) == (2, 2)
    assert told[news]["_syncline_list_value"] == news
    assert told[news]["syncline_status"] == option(1)
    provisioned.forget_calls()
    provisioned.sync()
    assert provisioned.writes() == {}
    assert len(notes(provisioned)) == 2
    provisioned.change("contacts", bob, firstname="Robert")
    provisioned.sync()
    assert last_result(provisioned, news) == "1 read: 1 updated"
    assert last_result(provisioned, offers) == "1 read: 1 created"
    assert len(notes(provisioned)) == 3


@pytest.mark.parametrize("kind", ["lost_answer", "cut"])
def test_a_note_whose_answer_was_lost_is_not_written_twice(provisioned: World, kind: str) -> None:
    add_list(provisioned, "News", contact(provisioned, "Alice"))
    control = provisioned.sandbox_dataverse.control
    control.fault(kind, route="POST /syncline_syncnotes/*", times=1)
    provisioned.sync()
    assert control.faults()[0]["struck"] == 1
    assert len(notes(provisioned)) == 1


def test_a_problem_is_told_when_it_comes_and_when_it_goes(provisioned: World) -> None:
    news = add_list(provisioned, "News", contact(provisioned, "Alice"))
    provisioned.sync()
    provisioned.dd.delete_address_book(ours(news).address_book_id or 0)
    run = provisioned.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert "Unlink" in (last_result(provisioned, news) or "")
    assert [note["syncline_status"] for note in notes(provisioned)].count(option(2)) == 1
    provisioned.forget_calls()
    run = provisioned.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert provisioned.writes() == {}, "the same problem is no news"


def test_notes_that_may_not_be_written_are_no_reason_to_fail(provisioned: World) -> None:
    news = add_list(provisioned, "News", contact(provisioned, "Alice"))
    control = provisioned.sandbox_dataverse.control
    control.settings(denied=["prvCreatesyncline_SyncNote", "prvWriteList"])
    run = provisioned.sync()
    assert provisioned.in_book(ours(news)) == {"alice@example.com"}
    part = RunPart.objects.get(run=run)
    assert "prvCreatesyncline_SyncNote" in part.notes
    assert "prvWriteList" in part.notes


def test_a_list_of_another_account_is_left_alone(provisioned: World) -> None:
    alice, bob = contact(provisioned, "Alice"), contact(provisioned, "Bob")
    other = str(uuid4())
    theirs = add_list(provisioned, "Theirs", alice, syncline_account=other)
    news = add_list(
        provisioned, "News", alice, syncline_account=str(provisioned.account.connector_key).upper()
    )
    run = provisioned.sync()
    assert run.status == RunStatus.COMPLETED
    assert provisioned.in_book(ours(news)) == {"alice@example.com"}
    assert ours(theirs).address_book_id is None
    published = MESSAGES["account_mismatch"].text
    assert ours(theirs).problem == published
    assert last_result(provisioned, theirs) is None
    # A list of ours that is given to somebody else: told once, and nobody is taken out of it.
    provisioned.change("lists", news, syncline_account=other)
    provisioned.crm.add_list_members(news, "contact", [bob])
    before = last_result(provisioned, news)
    run = provisioned.sync()
    part = RunPart.objects.get(run=run, name="News")
    assert (part.status, part.message_code, part.message) == (
        RunStatus.FAILED,
        "account_mismatch",
        published,
    )
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert provisioned.in_book(ours(news)) == {"alice@example.com"}
    assert last_result(provisioned, news) == before
    assert provisioned.sync().status == RunStatus.COMPLETED
    # And back again.
    provisioned.change("lists", news, syncline_account=None)
    provisioned.sync()
    assert provisioned.in_book(ours(news)) == {"alice@example.com", "bob@example.com"}
    assert ours(news).problem == ""
