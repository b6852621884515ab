"""Undo of a run: a plan first; what still stands is put back, what has changed since is told and stays, and
an opt-out is never undone.
"""

from __future__ import annotations

import pytest

from syncline.accounts.admin_log import Actor
from syncline.accounts.models import AdminLogEntry
from syncline.dotdigital import ImportRow
from syncline.engine.plans import approve
from syncline.engine.repairs import UndoProblem, start_undo
from syncline.ledger.models import Approval, Held, Outcome, Purpose, Run, RunStatus
from syncline.ledger.undoing import undone_by, undone_run
from syncline.lists.models import MarketingList, MembershipAction
from syncline.mapping.models import Label, LabelType
from syncline.people.models import Person, Touched
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World, fresh

MAYA = Actor("maya", "console")
ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@example.com"


def plan_of(world: World, run: Run) -> Run:
    return world.carry_out(start_undo(run, MAYA))


def undo(world: World, run: Run) -> Run:
    """Plan, approve, carry out."""
    plan = plan_of(world, run)
    assert plan.approval == Approval.WAITING, plan.message
    return world.carry_out(approve(plan, MAYA))


def person(world: World, name: str, **more: object) -> str:
    values = {"firstname": name, "emailaddress1": f"{name.lower()}@example.com", **more}
    return world.add("contacts", **values)


def members(world: World, marketing_list: MarketingList) -> set[str]:
    pages = world.crm.list_members(marketing_list.list_id)
    return {row["_entityid_value"] for page in pages for row in page.rows}


def left_as_they_are(run: Run) -> list[tuple[str, str]]:
    rows = Outcome.objects.filter(run=run, result="skipped").order_by("pk")
    return [(row.person_key, row.reason) for row in rows]


def first_name(world: World, email: str) -> object:
    return world.contacts()[email].data_fields.get("FIRSTNAME")


def alice_renamed(world: World) -> tuple[str, MarketingList, Run]:
    """A run that carried a new first name to Dotdigital."""
    alice = person(world, "Alice", lastname="Hall")
    news = world.add_list("News", [alice])
    world.sync()
    world.change("contacts", alice, firstname="Alicia")
    return alice, news, world.sync()


def test_a_value_is_put_back_and_the_next_sync_lets_it_be(world: World) -> None:
    alice, _, run = alice_renamed(world)
    assert first_name(world, ALICE) == "Alicia"
    done = undo(world, run)
    assert done.status == RunStatus.COMPLETED
    assert (done.updated, done.read) == (1, 1)
    assert first_name(world, ALICE) == "Alice"
    assert world.crm_row("contacts", alice, "firstname")["firstname"] == "Alicia"
    world.forget_calls()
    world.sync()
    assert world.writes() == {}
    assert first_name(world, ALICE) == "Alice"


def test_a_plan_comes_first_and_writes_nothing(world: World) -> None:
    _, _, run = alice_renamed(world)
    world.forget_calls()
    plan = plan_of(world, run)
    assert (plan.purpose, plan.plan_only, plan.subject) == (Purpose.UNDO, True, run)
    assert world.writes() == {}
    [row] = Outcome.objects.filter(run=plan)
    assert (row.result, row.action, row.reason) == ("planned", "update", "undone")
    assert '"FIRSTNAME":["Alicia","Alice"]' in row.fields
    assert AdminLogEntry.objects.filter(action="undo planned", actor="maya").exists()


def test_a_further_change_of_the_person_does_it_again(world: World) -> None:
    alice, _, run = alice_renamed(world)
    undo(world, run)
    world.change("contacts", alice, lastname="Hill")
    world.sync()
    assert first_name(world, ALICE) == "Alicia"


def test_a_change_that_waited_already_is_still_carried_over(world: World) -> None:
    """It came between the run and its undo; the undo reads it, and the next sync carries it over."""
    alice, _, run = alice_renamed(world)
    world.change("contacts", alice, address1_postalcode="LS1 4AP")
    undo(world, run)
    assert first_name(world, ALICE) == "Alice"
    world.sync()
    assert world.contacts()[ALICE].data_fields["POSTCODE"] == "LS1 4AP"


def test_what_has_changed_since_stays_and_is_told(world: World) -> None:
    _, _, run = alice_renamed(world)
    world.put([ImportRow(email=ALICE, data_fields={"FIRSTNAME": "Bea"})])
    plan = plan_of(world, run)
    assert first_name(world, ALICE) == "Bea"
    assert (ALICE, "changed_since_run") in left_as_they_are(plan)
    detail = Outcome.objects.get(run=plan, reason="changed_since_run").detail
    assert "'Bea'" in detail
    assert "'Alicia'" in detail


def test_a_change_between_plan_and_approval_stays_too(world: World) -> None:
    _, _, run = alice_renamed(world)
    plan = plan_of(world, run)
    world.put([ImportRow(email=ALICE, data_fields={"FIRSTNAME": "Bea"})])
    done = world.carry_out(approve(plan, MAYA))
    assert first_name(world, ALICE) == "Bea"
    assert (ALICE, "changed_since_run") in left_as_they_are(done)


def test_a_value_that_came_in_is_put_back_in_dynamics_with_what_dynamics_computes(world: World) -> None:
    alice = person(world, "Alice", lastname="Hall")
    world.add_list("News", [alice])
    world.sync()
    world.put([ImportRow(email=ALICE, data_fields={"FIRSTNAME": "Alicia"})])
    run = world.sync()
    assert world.crm_row("contacts", alice, "fullname")["fullname"] == "Alicia Hall"
    undo(world, run)
    assert world.crm_row("contacts", alice, "firstname")["firstname"] == "Alice"
    assert world.contacts()[ALICE].data_fields["FULLNAME"] == "Alice Hall"
    assert first_name(world, ALICE) == "Alicia"
    world.forget_calls()
    world.sync()
    assert world.writes() == {}
    assert not Touched.objects.filter(account_id=world.account.pk).exists()


def test_who_was_let_in_leaves_again_and_a_contact_that_was_made_is_kept(world: World) -> None:
    alice = person(world, "Alice")
    news = world.add_list("News", [alice])
    run = world.sync()
    done = undo(world, run)
    assert world.in_book(news) == set()
    assert first_name(world, ALICE) == "Alice"
    assert [row.reason for row in Outcome.objects.filter(run=done)] == ["made_by_the_run"]
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_who_left_by_themselves_meanwhile_is_let_alone(world: World) -> None:
    alice = person(world, "Alice")
    news = world.add_list("News", [alice])
    run = world.sync()
    world.unsubscribe_from(fresh_list(news), ALICE)
    plan = plan_of(world, run)
    assert plan.approval == Approval.NONE
    assert (ALICE, "changed_since_run") in left_as_they_are(plan)


def fresh_list(marketing_list: MarketingList) -> MarketingList:
    marketing_list.refresh_from_db()
    return marketing_list


def carol_out(world: World) -> tuple[MarketingList, Run]:
    """A run that took Carol out of the Dotdigital list, for she left the marketing list."""
    ids = [person(world, "Alice"), person(world, "Carol")]
    news = world.add_list("News", ids)
    world.sync()
    world.crm.remove_list_member(news.list_id, ids[1])
    run = world.sync()
    assert world.in_book(news) == {ALICE}
    return news, run


def test_who_was_taken_out_comes_back_once(world: World) -> None:
    news, run = carol_out(world)
    undo(world, run)
    assert world.in_book(news) == {ALICE, CAROL}
    world.forget_calls()
    world.sync()
    assert world.writes() == {}
    assert world.in_book(news) == {ALICE, CAROL}


@pytest.mark.parametrize("how", ["unsubscribe", "suppress"])
def test_nobody_comes_back_who_opted_out_since(world: World, how: str) -> None:
    news, run = carol_out(world)
    if how == "unsubscribe":
        world.dd.unsubscribe(CAROL)
    else:
        world.dd.suppress([CAROL])
    plan = plan_of(world, run)
    assert plan.approval == Approval.NONE
    assert {key for key, _ in left_as_they_are(plan)} == {CAROL}
    assert world.in_book(news) == {ALICE}


def test_an_opt_out_after_the_approval_stops_it_too(world: World) -> None:
    news, run = carol_out(world)
    approved = approve(plan_of(world, run), MAYA)
    world.dd.unsubscribe(CAROL)
    world.carry_out(approved)
    assert world.in_book(news) == {ALICE}
    assert world.contacts()[CAROL].email_status != "subscribed"


def test_who_was_taken_out_for_do_not_bulk_email_never_comes_back(world: World) -> None:
    """Also when the mark is gone by then: undoing never undoes an opt-out."""
    alice = person(world, "Alice")
    news = world.add_list("News", [alice])
    world.sync()
    world.change("contacts", alice, donotbulkemail=True)
    run = world.sync()
    assert world.in_book(news) == set()
    plan = plan_of(world, run)
    assert left_as_they_are(plan) == [(ALICE, "opt_out_stands")]
    assert plan.approval == Approval.NONE


def bob_let_in(world: World) -> tuple[str, MarketingList, Run]:
    """A run that let Bob, whom Dynamics knows, into the marketing list."""
    bob = person(world, "Bob")
    news = world.add_list("News", [person(world, "Alice")], membership_action=MembershipAction.ALLOW_KNOWN)
    world.sync()
    world.put([ImportRow(email=BOB, lists=[fresh_list(news).address_book_id or 0])])
    run = world.sync()
    assert bob in members(world, news)
    return bob, news, run


def test_who_was_let_into_a_marketing_list_leaves_it_and_stays_where_they_were(world: World) -> None:
    bob, news, run = bob_let_in(world)
    undo(world, run)
    assert bob not in members(world, news)
    assert BOB in world.in_book(news)
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_an_undo_can_itself_be_undone(world: World) -> None:
    bob, news, run = bob_let_in(world)
    done = undo(world, run)
    assert undone_run(done) == run
    assert undone_by(run) == done
    again = undo(world, done)
    assert bob in members(world, news)
    assert BOB in world.in_book(news)
    assert undone_by(done) == again
    assert undone_by(run) is None
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_an_undone_value_can_be_had_back(world: World) -> None:
    _, _, run = alice_renamed(world)
    undo(world, undo(world, run))
    assert first_name(world, ALICE) == "Alicia"
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_an_approved_plan_that_was_carried_out_can_be_undone(world: World) -> None:
    alice, _, _ = alice_renamed(world)
    world.change("contacts", alice, firstname="Ally")
    plan = world.sync(plan_only=True)
    run = world.carry_out(approve(plan, MAYA))
    assert first_name(world, ALICE) == "Ally"
    undo(world, run)
    assert first_name(world, ALICE) == "Alicia"


def test_the_shadow_goes_back_too(world: World) -> None:
    _, _, run = alice_renamed(world)
    undo(world, run)
    row = Person.objects.get(account_id=world.account.pk, person_key=ALICE)
    assert '"FIRSTNAME":"Alice"' in row.agreed


def test_an_undo_holds_nobody_and_lets_nobody_go(world: World) -> None:
    _, _, run = alice_renamed(world)
    Held.objects.create(account=world.account, sync_type="lists_out", person_key=ALICE, reason="conversion")
    undo(world, run)
    assert Held.objects.filter(account=world.account, person_key=ALICE).exists()


# What cannot be undone.


def problem(run: Run) -> str:
    with pytest.raises(UndoProblem) as caught:
        start_undo(run, MAYA)
    assert caught.value.words
    assert caught.value.remedy
    return caught.value.code


def test_what_cannot_be_undone_is_refused_with_words(world: World, settings: object) -> None:
    _, _, run = alice_renamed(world)
    assert problem(world.sync()) == "nothing_written"
    assert problem(world.sync("crm_metadata")) == "type"
    assert problem(world.sync(plan_only=True)) == "a_plan"
    waiting = world.start("lists_out")
    assert problem(waiting) == "under_way"
    world.carry_out(waiting)
    undo(world, run)
    assert problem(run) == "already_undone"


def test_a_run_older_than_what_is_kept_is_refused(world: World, settings: object) -> None:
    _, _, run = alice_renamed(world)
    settings.RUN_RETENTION_DAYS = 0  # type: ignore[attr-defined]
    assert problem(run) == "too_old"


def test_a_disabled_account_is_refused(world: World) -> None:
    _, _, run = alice_renamed(world)
    account = fresh(world.account)
    account.disabled = True
    account.save()
    assert problem(Run.objects.get(pk=run.pk)) == "disabled"


# Dying.


@pytest.mark.parametrize("seed", range(3))
def test_an_undo_whose_workers_keep_dying_ends_like_any_other(world: World, seed: int) -> None:
    bob, news, run = bob_let_in(world)
    alice_id = next(iter(members(world, news) - {bob}))
    world.change("contacts", alice_id, firstname="Alicia")
    world.put([ImportRow(email=BOB, data_fields={"LASTNAME": "Builder"})])
    run = world.sync()
    plan = plan_of(world, run)
    reaper = Reaper(after_gaps(seed))
    done = carry_out_dying(approve(plan, MAYA), reaper)
    assert reaper.deaths > 2
    assert done.status == RunStatus.COMPLETED, done.message
    assert first_name(world, ALICE) == "Alice"
    assert world.crm_row("contacts", bob, "lastname")["lastname"] is None
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


# Labels.


def test_a_label_that_was_made_in_dotdigital_stays_and_says_why(world: World) -> None:
    Label.objects.create(account=world.account, name="SHOE_SIZE", type=LabelType.NUMERIC)
    run = world.sync("labels")
    plan = plan_of(world, run)
    assert (plan.sync_type, plan.approval) == ("labels", Approval.NONE)
    assert left_as_they_are(plan) == [("SHOE_SIZE", "label_stays")]
    assert "SHOE_SIZE" in {field.name for field in world.dd.data_fields()}
