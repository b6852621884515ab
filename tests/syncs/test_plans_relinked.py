"""A plan whose marketing list was unlinked and linked again before it is carried out: what is written is what
was approved, in the Dotdigital list that the marketing list has by then; who is concerned by anything else is
left out.
"""

from __future__ import annotations

import pytest

from syncline.dotdigital import ImportRow
from syncline.ledger.models import Outcome, Run, RunStatus
from syncline.lists.linking import unlink
from syncline.lists.models import MarketingList, MembershipAction
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.test_plans import carry_out, make_plan, person, told
from tests.syncs.test_undo import fresh_list, members, plan_of
from tests.syncs.world import World

ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@example.com"


def relink(world: World, news: MarketingList, *, anew: bool) -> None:
    """Unlinked, so that the next run links the Dotdigital list of the same name: the one that it had, or
    (`anew`) another one, for that was deleted.
    """
    news.refresh_from_db()
    if anew:
        world.dd.delete_address_book(news.address_book_id or 0)
    unlink(news)


def in_step(world: World, **settings: object) -> tuple[MarketingList, str, str]:
    """News with Alice and Carol, whom both sides know."""
    alice, carol = (world.add("contacts", **person(name)) for name in ("Alice", "Carol"))
    news = world.add_list("News", [alice, carol], **settings)
    world.sync()
    return news, alice, carol


def assert_quiet(world: World) -> None:
    world.sync()
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


@pytest.mark.parametrize("anew", [False, True])
def test_who_was_to_join_joins_the_list_that_is_linked_by_then(world: World, anew: bool) -> None:
    news, _, _ = in_step(world)
    world.crm.add_list_members(news.list_id, "contact", [world.add("contacts", **person("Bob"))])
    plan = make_plan(world)
    relink(world, news, anew=anew)
    run = carry_out(world, plan)
    assert run.status == RunStatus.COMPLETED
    assert told(run)["created"] == {BOB}
    assert world.in_book(news) == ({BOB} if anew else {ALICE, BOB, CAROL}), "nobody else was in the plan"
    assert_quiet(world)
    assert world.in_book(news) == {ALICE, BOB, CAROL}


def test_who_was_to_get_a_value_does_not_join_another_list_on_the_way(world: World) -> None:
    news, alice, _ = in_step(world)
    world.change("contacts", alice, lastname="Liddell")
    plan = make_plan(world)
    relink(world, news, anew=True)
    run = carry_out(world, plan)
    assert world.outcomes(run) == [(ALICE, "skipped", "changed_since_plan")]
    assert world.in_book(news) == set()
    assert world.contact(ALICE).data_fields["LASTNAME"] == "Hall"
    assert_quiet(world)
    assert world.contact(ALICE).data_fields["LASTNAME"] == "Liddell"
    assert world.in_book(news) == {ALICE, CAROL}


def test_who_was_to_get_a_value_gets_it_where_the_same_list_was_linked_again(world: World) -> None:
    news, alice, _ = in_step(world)
    world.change("contacts", alice, lastname="Liddell")
    plan = make_plan(world)
    relink(world, news, anew=False)
    run = carry_out(world, plan)
    assert world.outcomes(run) == [(ALICE, "updated", "")]
    assert world.contact(ALICE).data_fields["LASTNAME"] == "Liddell"
    assert_quiet(world)


@pytest.mark.parametrize("action", list(MembershipAction))
@pytest.mark.parametrize("anew", [False, True])
def test_who_was_to_leave_is_not_let_in_instead(world: World, action: str, anew: bool) -> None:
    """That both sides had agreed on Carol is forgotten with the link: she is a stranger in the list, whom
    some membership actions would let into the marketing list. That was not approved.
    """
    news, _, carol = in_step(world, membership_action=action)
    world.crm.remove_list_member(news.list_id, carol)
    plan = make_plan(world)
    assert told(plan)["planned"] == {CAROL}
    relink(world, news, anew=anew)
    carry_out(world, plan)
    assert carol not in members(world, news)
    removed = anew or action == MembershipAction.REMOVE
    assert (CAROL in world.in_book(news)) is not removed


def test_who_was_to_enter_the_marketing_list_and_is_no_longer_in_the_other_does_not(world: World) -> None:
    news, _, _ = in_step(world, membership_action=MembershipAction.ALLOW_KNOWN)
    bob = world.add("contacts", **person("Bob"))
    world.put([ImportRow(email=BOB, lists=[fresh_list(news).address_book_id or 0])])
    plan = make_plan(world)
    relink(world, news, anew=True)
    run = carry_out(world, plan)
    assert bob not in members(world, news)
    assert BOB not in {row.person_key for row in Outcome.objects.filter(run=run, result="created")}
    assert_quiet(world)
    assert bob not in members(world, news)


def test_who_left_the_list_by_themselves_stays_out_of_the_new_one(world: World) -> None:
    news, _, _ = in_step(world)
    world.crm.add_list_members(news.list_id, "contact", [world.add("contacts", **person("Bob"))])
    plan = make_plan(world)
    world.put([ImportRow(email=BOB, lists=[fresh_list(news).address_book_id or 0])])
    world.unsubscribe_from(fresh_list(news), BOB)
    world.sync()
    relink(world, news, anew=True)
    run = carry_out(world, plan)
    assert BOB not in world.in_book(news)
    assert (BOB, "skipped") in {(key, result) for key, result, _ in world.outcomes(run)}
    assert_quiet(world)
    assert BOB not in world.in_book(news)


@pytest.mark.parametrize("anew", [False, True])
def test_the_undo_of_a_joining_takes_out_of_the_list_that_is_linked_by_then(world: World, anew: bool) -> None:
    """Even where a later sync put them into that one: what was approved is that they leave the marketing
    list's counterpart.
    """
    news, _, _ = in_step(world)
    world.crm.add_list_members(news.list_id, "contact", [world.add("contacts", **person("Bob"))])
    joined: Run = world.sync()
    plan = plan_of(world, joined)
    relink(world, news, anew=anew)
    world.sync()
    assert BOB in world.in_book(news)
    run = carry_out(world, plan)
    assert run.status == RunStatus.COMPLETED
    assert world.in_book(news) == {ALICE, CAROL}
