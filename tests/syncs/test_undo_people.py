"""Undo of runs that did more than change a value: that made records, moved addresses, or were partly refused;
and of people who have opted out or gone since.
"""

from __future__ import annotations

import pytest

from syncline.dotdigital import ImportRow
from syncline.engine.plans import approve
from syncline.ledger.models import Approval, Outcome, Run, RunStatus
from syncline.lists.models import MarketingList, MembershipAction
from syncline.people.models import Touched
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.marketing_lists.test_newcomers import enter, members, open_list, rows
from tests.syncs.test_undo import (
    ALICE,
    CAROL,
    MAYA,
    alice_renamed,
    carol_out,
    left_as_they_are,
    person,
    plan_of,
    undo,
)
from tests.syncs.world import World

NIA = "nia@example.com"


def told(run: Run) -> list[tuple[str, str, str, str]]:
    found = Outcome.objects.filter(run=run).order_by("pk")
    return [(row.side, row.action, row.reason, row.result) for row in found]


def assert_at_rest(world: World) -> None:
    """The next sync lets everything be."""
    world.forget_calls()
    world.sync()
    assert world.writes() == {}
    assert not Touched.objects.filter(account_id=world.account.pk).exists()


# Records that the run made.


def nia_made(world: World, sync_type: str, of: str = "contacts") -> tuple[MarketingList, Run]:
    """A run that made Nia, whom only Dotdigital knew, a record and a member."""
    news = open_list(world, of)
    enter(world, news, NIA, FIRSTNAME="Nia", POSTCODE="AB1 2CD")
    run = world.sync(sync_type)
    assert len(members(world, news)) == 1
    return news, run


@pytest.mark.parametrize("sync_type", ["lists_in", "lists_out"])
@pytest.mark.parametrize("of", ["contacts", "leads"])
def test_a_record_that_was_made_stays_and_leaves_the_list(world: World, sync_type: str, of: str) -> None:
    news, run = nia_made(world, sync_type, of)
    done = undo(world, run)
    assert done.status == RunStatus.COMPLETED
    [made] = rows(world, of, "firstname", "address1_postalcode")
    assert (made["firstname"], made["lastname"], made["address1_postalcode"]) == ("Nia", "nia", "AB1 2CD")
    assert members(world, news) == set()
    assert NIA in world.in_book(news)
    assert ("dynamics", "remove", "made_by_the_run", "removed") in told(done)
    assert_at_rest(world)
    assert members(world, news) == set()


def test_whoever_was_let_in_again_after_that_can_be_undone_again(world: World) -> None:
    news, run = nia_made(world, "lists_in")
    again = undo(world, undo(world, run))
    assert len(members(world, news)) == 1
    undo(world, again)
    assert members(world, news) == set()
    assert_at_rest(world)


def test_a_made_record_that_somebody_changed_since_keeps_the_change(world: World) -> None:
    news, run = nia_made(world, "lists_in")
    [made] = rows(world, "contacts")
    world.change("contacts", made["contactid"], firstname="Nina")
    undo(world, run)
    [made] = rows(world, "contacts", "firstname")
    assert made["firstname"] == "Nina"
    assert members(world, news) == set()


def test_a_made_record_that_was_deleted_since_is_passed_over(world: World) -> None:
    _, run = nia_made(world, "lists_in")
    [made] = rows(world, "contacts")
    world.crm.delete("contacts", made["contactid"])
    plan = plan_of(world, run)
    assert plan.status == RunStatus.COMPLETED
    assert plan.approval == Approval.NONE


@pytest.mark.parametrize("seed", range(3))
def test_an_undo_of_made_records_whose_workers_keep_dying_ends_alike(world: World, seed: int) -> None:
    news, run = nia_made(world, "lists_in")
    reaper = Reaper(after_gaps(seed))
    done = carry_out_dying(approve(plan_of(world, run), MAYA), reaper)
    assert reaper.deaths > 2
    assert done.status == RunStatus.COMPLETED, done.message
    assert members(world, news) == set()
    assert len(rows(world, "contacts")) == 1
    assert [row for row in told(done) if row[3] == "removed"] == [
        ("dynamics", "remove", "made_by_the_run", "removed")
    ]
    assert_at_rest(world)


# Refusals.


def test_only_what_dynamics_took_is_undone(world: World) -> None:
    """Bob was refused, so there is nothing of his to be put back."""
    ids = [person(world, name, lastname="Hall") for name in ("Alice", "Bob")]
    world.add_list("News", ids)
    world.sync()
    world.sandbox_dataverse.control.fault("reject_record", match="poison", times=None)
    world.put([ImportRow(email=ALICE, data_fields={"LASTNAME": "Hill"})])
    world.put([ImportRow(email="bob@example.com", data_fields={"LASTNAME": "poison"})])
    run = world.sync()
    assert run.rejected == 1
    undo(world, run)
    names = [world.crm_row("contacts", one, "lastname")["lastname"] for one in ids]
    assert names == ["Hall", "Hall"]
    assert world.contacts()["bob@example.com"].data_fields["LASTNAME"] == "poison"


def test_only_what_was_taken_of_an_import_in_pieces_is_undone(world: World) -> None:
    """The import fails as a whole and is halved twice; one of the rows is refused then too."""
    names = ("Alice", "Bob", "Carol", "Dan", "Eve")
    ids = {name: person(world, name) for name in names}
    world.add_list("News", list(ids.values()))
    world.sync()
    for name, record_id in ids.items():
        world.change("contacts", record_id, firstname=f"{name} II")
    world.sandbox_dotdigital.control.fault("import_failed", route="PUT /contacts/v3/import", times=3)
    world.sandbox_dotdigital.control.fault("reject_record", match="bob@example.com", code="invalidContact")
    run = world.sync()
    assert (run.updated, run.rejected) == (4, 1)
    done = undo(world, run)
    assert done.updated == 4
    found = world.contacts()
    assert {found[f"{name.lower()}@example.com"].data_fields["FIRSTNAME"] for name in names} == {*names}


# Addresses.


def test_a_changed_address_stays_and_the_values_that_came_with_it_go_back(world: World) -> None:
    alice = person(world, "Alice", lastname="Hall")
    news = world.add_list("News", [alice])
    world.sync()
    contact = world.contacts()[ALICE].contact_id
    world.change("contacts", alice, emailaddress1="ally@example.com", firstname="Ally")
    run = world.sync()
    assert world.contacts()["ally@example.com"].contact_id == contact
    plan = plan_of(world, run)
    assert ("ally@example.com", "address_stays") in left_as_they_are(plan)
    world.carry_out(approve(plan, MAYA))
    moved = world.contacts()["ally@example.com"]
    assert (moved.contact_id, moved.data_fields["FIRSTNAME"]) == (contact, "Alice")
    assert world.in_book(news) == {"ally@example.com"}
    assert ALICE not in world.contacts()
    assert_at_rest(world)


def test_a_run_before_a_change_of_address_is_let_alone_under_the_old_one(world: World) -> None:
    """The values belong to somebody who goes by another address now, and are told as changed since."""
    alice, _, run = alice_renamed(world)
    world.change("contacts", alice, emailaddress1="ally@example.com")
    world.sync()
    plan = plan_of(world, run)
    assert (ALICE, "changed_since_run") in left_as_they_are(plan)
    assert world.contacts()["ally@example.com"].data_fields["FIRSTNAME"] == "Alicia"


# People who opted out or went since.


@pytest.mark.parametrize("how", ["suppress", "unsubscribe"])
def test_nothing_is_sent_about_who_opted_out_since(world: World, how: str) -> None:
    _, news, run = alice_renamed(world)
    _go(world, ALICE, how)
    plan = plan_of(world, run)
    assert plan.status == RunStatus.COMPLETED
    assert plan.approval == Approval.NONE
    assert ALICE in {key for key, _ in left_as_they_are(plan)}
    assert ALICE not in world.in_book(news)


@pytest.mark.parametrize("how", ["suppress", "unsubscribe"])
def test_who_opted_out_after_the_approval_is_let_alone_too(world: World, how: str) -> None:
    news, run = carol_out(world)
    approved = approve(plan_of(world, run), MAYA)
    _go(world, CAROL, how)
    done = world.carry_out(approved)
    assert done.status == RunStatus.COMPLETED
    assert world.in_book(news) == {ALICE}
    assert CAROL in {key for key, _ in left_as_they_are(done)}


def test_a_contact_that_was_erased_is_not_made_again(world: World) -> None:
    """No feed tells of an erased contact: the attempt to write to it by its id does."""
    news, run = carol_out(world)
    plan = plan_of(world, run)
    _go(world, CAROL, "erase")
    done = world.carry_out(approve(plan, MAYA))
    assert [(row.person_key, row.result, row.reason) for row in Outcome.objects.filter(run=done)] == [
        (CAROL, "rejected", "deleted_there")
    ]
    assert CAROL not in world.contacts()
    assert world.in_book(news) == {ALICE}
    assert_at_rest(world)


@pytest.mark.parametrize("how", ["suppress", "unsubscribe", "erase"])
def test_who_was_let_into_dynamics_leaves_it_also_when_they_went_since(world: World, how: str) -> None:
    """Taking out needs no consent."""
    news, run = nia_made(world, "lists_in")
    _go(world, NIA, how)
    done = undo(world, run)
    assert done.status == RunStatus.COMPLETED
    assert members(world, news) == set()
    assert (how == "erase") == (NIA not in world.contacts())


def _go(world: World, email: str, how: str) -> None:
    match how:
        case "suppress":
            world.dd.suppress([email])
        case "unsubscribe":
            world.dd.unsubscribe(email)
        case _:
            world.delete_contact(email)


# Approved plans.


def test_an_approved_plan_that_let_people_in_is_undone_and_the_undo_undone(world: World) -> None:
    news = world.add_list("News", [person(world, "Alice")], membership_action=MembershipAction.ALLOW_NEW)
    world.sync()
    news.refresh_from_db()
    world.put([ImportRow(email=NIA, lists=[news.address_book_id or 0])])
    run = world.carry_out(approve(world.sync(plan_only=True), MAYA))
    assert len(members(world, news)) == 2
    done = undo(world, run)
    assert len(members(world, news)) == 1
    undo(world, done)
    assert len(members(world, news)) == 2
    assert len(rows(world, "contacts")) == 2
    assert_at_rest(world)
