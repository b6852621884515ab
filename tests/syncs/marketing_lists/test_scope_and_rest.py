"""Runs for some lists only, and lists that no scheduled run syncs because nobody uses them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from syncline.ledger.models import Run, RunPart, Trigger
from syncline.ledger.queue import request_run
from syncline.lists.models import MarketingList
from syncline.people import store
from tests.syncs.world import World


def two_lists(world: World) -> tuple[MarketingList, MarketingList, dict[str, str]]:
    """Ann is in News, Bob in Offers; both sides know them, and since then both were changed."""
    ids = {
        name: world.add("contacts", firstname=name, emailaddress1=f"{name}@example.com")
        for name in ("ann", "bob")
    }
    news, offers = world.add_list("News", [ids["ann"]]), world.add_list("Offers", [ids["bob"]])
    world.sync()
    for name, record_id in ids.items():
        world.change("contacts", record_id, firstname=f"New {name}")
    news.refresh_from_db()
    offers.refresh_from_db()
    return news, offers, ids


def first_names(world: World) -> dict[str, object]:
    return {email: one.data_fields["FIRSTNAME"] for email, one in world.contacts().items()}


def run(
    world: World, scope: Sequence[int] = (), trigger: Trigger = Trigger.MANUAL, kind: str = "lists_out"
) -> Run:
    return world.carry_out(request_run(world.account, kind, "people", trigger, scope=scope).run)


def let_rest(marketing_list: MarketingList) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=91)
    MarketingList.objects.filter(pk=marketing_list.pk).update(manual_only=True, used_at=long_ago)


def test_a_run_for_one_list_syncs_its_people_and_leaves_the_others_for_the_next(world: World) -> None:
    news, _, _ = two_lists(world)
    scoped = run(world, [news.pk])
    assert first_names(world) == {"ann@example.com": "New ann", "bob@example.com": "bob"}
    assert [part.name for part in scoped.parts.all()] == ["News"]
    assert store.count_touched(world.account.pk) == 1
    run(world)
    assert first_names(world)["bob@example.com"] == "New bob"
    assert store.count_touched(world.account.pk) == 0


def test_whoever_is_in_a_list_is_synced_whole_with_their_other_lists(world: World) -> None:
    news, offers, ids = two_lists(world)
    world.sync()
    world.crm.add_list_members(offers.list_id, "contact", [ids["ann"]])
    run(world, [news.pk])
    assert world.in_book(offers) == {"bob@example.com"}, "nobody has read who is new in Offers"
    run(world, [offers.pk])
    assert world.in_book(offers) == {"ann@example.com", "bob@example.com"}


def test_a_list_is_looked_at_as_a_whole_when_a_run_is_for_it(world: World) -> None:
    news, _, _ = two_lists(world)
    world.sync()
    assert run(world, [news.pk]).unchanged == 1
    assert run(world).read == 0


def test_a_list_that_nobody_used_for_90_days_is_manual_only(world: World) -> None:
    news, offers, _ = two_lists(world)
    world.sync()
    long_ago = datetime(2026, 1, 5, tzinfo=UTC)
    MarketingList.objects.filter(pk=news.pk).update(used_at=long_ago)
    done = run(world, trigger=Trigger.SCHEDULED)
    news.refresh_from_db()
    offers.refresh_from_db()
    assert (news.manual_only, offers.manual_only) == (True, False)
    assert done.message == "Manual Sync Only from now on: “News”"
    part = RunPart.objects.get(run=done, name="News")
    assert part.notes == "Not used since 2026-01-05: Manual Sync Only from now on."


def test_somebody_new_in_a_list_keeps_it_in_use(world: World) -> None:
    news, _, ids = two_lists(world)
    MarketingList.objects.filter(pk=news.pk).update(used_at=datetime(2026, 1, 5, tzinfo=UTC))
    world.crm.add_list_members(news.list_id, "contact", [ids["bob"]])
    run(world, trigger=Trigger.SCHEDULED)
    news.refresh_from_db()
    assert not news.manual_only


def test_a_dynamic_list_never_rests(world: World) -> None:
    query = '<fetch><entity name="contact"><attribute name="contactid"/></entity></fetch>'
    every = world.add_list("Every", query=query)
    world.sync()
    MarketingList.objects.filter(pk=every.pk).update(used_at=datetime(2026, 1, 5, tzinfo=UTC))
    run(world, trigger=Trigger.SCHEDULED)
    every.refresh_from_db()
    assert not every.manual_only


def test_scheduled_runs_leave_a_resting_list_out_and_a_sync_by_hand_catches_up(world: World) -> None:
    news, _, ids = two_lists(world)
    let_rest(news)
    for kind in ("lists_in", "lists_out"):
        done = run(world, trigger=Trigger.SCHEDULED, kind=kind)
        part = RunPart.objects.get(run=done, name="News")
        assert part.message == "Manual Sync Only: left out of scheduled syncs"
    assert first_names(world) == {"ann@example.com": "ann", "bob@example.com": "New bob"}
    # Ann was settled without regard to the list, and Bob enters it meanwhile.
    world.crm.add_list_members(news.list_id, "contact", [ids["bob"]])
    run(world, trigger=Trigger.SCHEDULED)
    assert world.in_book(news) == {"ann@example.com"}
    run(world, [news.pk])
    assert world.in_book(news) == {"ann@example.com", "bob@example.com"}
    assert first_names(world)["ann@example.com"] == "New ann"
    news.refresh_from_db()
    assert not news.manual_only, "a sync by hand switches it off"
    assert run(world, trigger=Trigger.SCHEDULED).read == 0


def test_a_run_of_everything_by_hand_syncs_a_resting_list_and_leaves_it_resting(world: World) -> None:
    news, _, _ = two_lists(world)
    let_rest(news)
    run(world)
    assert first_names(world)["ann@example.com"] == "New ann"
    news.refresh_from_db()
    assert news.manual_only
