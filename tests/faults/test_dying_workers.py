"""Killed at any moment of a list sync: the next worker finishes it, nothing lost, nothing doubled."""

from __future__ import annotations

import pytest

from syncline.dotdigital import ImportRow
from syncline.ledger.models import Outcome, Run, RunStatus
from syncline.lists.models import MarketingList, MembershipAction
from syncline.people.models import Touched
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.syncs.world import World

PEOPLE = ("Alice", "Bob", "Carol", "Dave", "Erin")


def address(name: str) -> str:
    return f"{name.lower()}@example.com"


def busy_world(world: World) -> tuple[MarketingList, dict[str, str]]:
    """A list with something to do of every kind, after a first sync: see `expected`."""
    ids = {name: world.add("contacts", firstname=name, emailaddress1=address(name)) for name in PEOPLE}
    news = world.add_list("News", list(ids.values())[:4], membership_action=MembershipAction.ALLOW_KNOWN)
    world.sync()
    news.refresh_from_db()
    world.change("contacts", ids["Alice"], firstname="Alicia")
    world.put([ImportRow(email=address("Bob"), data_fields={"LASTNAME": "Builder"})])
    world.crm.remove_list_member(news.list_id, ids["Carol"])
    world.dd.unsubscribe(address("Dave"))
    world.change("contacts", ids["Dave"], firstname="David")
    world.put([ImportRow(email=address("Erin"), lists=[news.address_book_id or 0])])
    return news, ids


def assert_settled(world: World, news: MarketingList, ids: dict[str, str]) -> None:
    contacts = world.contacts()
    assert contacts[address("Alice")].data_fields["FIRSTNAME"] == "Alicia"
    assert world.crm_row("contacts", ids["Bob"], "lastname")["lastname"] == "Builder"
    assert contacts[address("Dave")].email_status != "subscribed"
    assert world.in_book(news) == {address(name) for name in ("Alice", "Bob", "Erin")}
    members = {row["_entityid_value"] for page in world.crm.list_members(news.list_id) for row in page.rows}
    assert members == {ids[name] for name in ("Alice", "Bob", "Dave", "Erin")}
    assert not Touched.objects.filter(account_id=world.account.pk).exists()


def assert_told_once(run: Run) -> None:
    """Every record has one outcome a list and side, and the counts add up."""
    rows = list(Outcome.objects.filter(run=run).values_list("part_id", "side", "person_key", "record_id"))
    assert len(rows) == len(set(rows))
    results = (run.created, run.updated, run.removed, run.unchanged, run.skipped, run.rejected)
    assert run.read == sum(results) == len(rows)


@pytest.mark.parametrize("seed", range(6))
def test_a_run_whose_workers_keep_dying_ends_like_any_other(world: World, seed: int) -> None:
    news, ids = busy_world(world)
    reaper = Reaper(after_gaps(seed))
    run = carry_out_dying(world.start("lists_out"), reaper)
    assert reaper.deaths > 3
    assert run.status == RunStatus.COMPLETED, run.message
    assert_settled(world, news, ids)
    assert_told_once(run)
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


@pytest.mark.parametrize("seed", range(10, 14))
def test_a_first_load_whose_workers_keep_dying_sends_nobody_twice(world: World, seed: int) -> None:
    ids = [world.add("contacts", firstname=name, emailaddress1=address(name)) for name in PEOPLE]
    news = world.add_list("News", ids)
    world.forget_calls()
    reaper = Reaper(after_gaps(seed))
    run = carry_out_dying(world.start("lists_out"), reaper)
    assert reaper.deaths > 3
    assert run.created + run.updated == len(PEOPLE)
    assert world.in_book(news) == {address(name) for name in PEOPLE}
    assert_told_once(run)


def test_dying_at_each_single_moment(world: World) -> None:
    """One death a run, at eight moments spread over what such a run has."""
    news, ids = busy_world(world)
    world.sync()
    assert_settled(world, news, ids)

    def change(moment: int) -> None:
        world.change("contacts", ids["Alice"], firstname=f"Alice {moment}")
        world.put([ImportRow(email=address("Bob"), data_fields={"LASTNAME": f"Bob {moment}"})])

    change(0)
    counting = Reaper(lambda moment: False)
    carry_out_dying(world.start("lists_out"), counting)
    deaths = 0
    for moment in range(3, counting.moments - 3, max(1, counting.moments // 8)):
        change(moment)
        reaper = Reaper(lambda at, moment=moment: at == moment)  # type: ignore[misc]
        run = carry_out_dying(world.start("lists_out"), reaper)
        deaths += reaper.deaths
        assert run.status == RunStatus.COMPLETED, run.message
        assert world.contacts()[address("Alice")].data_fields["FIRSTNAME"] == f"Alice {moment}"
        assert world.crm_row("contacts", ids["Bob"], "lastname")["lastname"] == f"Bob {moment}"
        assert_told_once(run)
    # How often an import is looked at depends on its time, so the last moments may not come every time.
    assert deaths >= 6
