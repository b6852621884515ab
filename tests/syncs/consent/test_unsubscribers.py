"""Who left a list in Dotdigital (product.md §4, no. 6)."""

from __future__ import annotations

from syncline.consent.models import ListUnsubscriber
from syncline.ledger.models import Held, RunPart, RunStatus
from syncline.lists.models import MarketingList
from tests.syncs.consent.scene import address, contact, is_marked, members, records
from tests.syncs.world import World

SYNC = "unsubscribers"


def synced_list(world: World, name: str, *people: str, query: str = "") -> MarketingList:
    """A list that both sides have."""
    row = {"listname": name, "createdfromcode": 2, "type": bool(query), "syncline_activated": True}
    list_id = world.crm.create("lists", {**row, **({"query": query} if query else {})})
    if people:
        world.crm.add_list_members(list_id, "contact", list(people))
    world.sync("lists_out")
    return MarketingList.objects.get(list_id=list_id)


def test_who_leaves_a_list_leaves_the_static_marketing_list_and_a_record_says_so(provisioned: World) -> None:
    world = provisioned
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    news = synced_list(world, "News", alice, bob)
    world.unsubscribe_from(news, address("Alice"))

    run = world.sync(SYNC)

    assert members(world, news.list_id) == {bob}
    assert records(world) == [(address("Alice"), "Unsubscribed", True)]
    assert not is_marked(world, alice)
    part = RunPart.objects.get(run=run)
    assert (part.audit_type, part.name, part.created, part.removed) == ("Unsubscribers", "News", 1, 1)
    assert ListUnsubscriber.objects.filter(list_id=news.pk, person_key=address("Alice")).exists()


def test_a_second_run_and_the_list_sync_put_nobody_back(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    news = synced_list(world, "News", alice)
    world.unsubscribe_from(news, address("Alice"))
    world.sync(SYNC)
    world.forget_calls()

    world.sync(SYNC)
    assert world.writes() == {}

    world.sync("lists_out")
    world.sync("lists_in")
    assert members(world, news.list_id) == set()
    assert world.in_book(news) == set()


def test_a_locked_list_keeps_whom_it_has_and_is_tried_again_with_every_sync(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    news = synced_list(world, "News", alice)
    world.unsubscribe_from(news, address("Alice"))
    world.change("lists", news.list_id, lockstatus=True)

    assert world.sync(SYNC).status == RunStatus.COMPLETED_WITH_ERRORS
    assert Held.objects.values_list("sync_type", "reason").get() == (SYNC, "list_closed")
    assert members(world, news.list_id) == {alice}

    world.change("lists", news.list_id, lockstatus=False)
    world.sync(SYNC)
    assert members(world, news.list_id) == set()
    assert not Held.objects.exists()


def test_who_left_a_list_before_is_not_looked_at_again(provisioned: World) -> None:
    """Dotdigital tells of them once more in the next run, for readings overlap."""
    world = provisioned
    alice = contact(world, "Alice")
    news = synced_list(world, "News", alice)
    world.unsubscribe_from(news, address("Alice"))
    assert world.sync("lists_out").read == 1

    assert world.sync("lists_out").read == 0


def test_someone_put_back_into_the_marketing_list_by_hand_is_taken_out_again(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    news = synced_list(world, "News", alice)
    world.unsubscribe_from(news, address("Alice"))
    world.sync(SYNC)

    world.crm.add_list_members(news.list_id, "contact", [alice])
    world.sync(SYNC)

    assert members(world, news.list_id) == set()


def test_a_dynamic_list_keeps_its_members_and_gets_the_record(provisioned: World) -> None:
    world = provisioned
    contact(world, "Alice")
    query = '<fetch><entity name="contact"><attribute name="contactid"/></entity></fetch>'
    news = synced_list(world, "All", query=query)
    world.unsubscribe_from(news, address("Alice"))

    run = world.sync(SYNC)

    assert (run.removed, run.rejected) == (0, 0)
    assert records(world) == [(address("Alice"), "Unsubscribed", True)]
