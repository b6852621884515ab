"""Two Dotdigital accounts on one Dynamics environment: what holds for one of them, and what for all."""

from __future__ import annotations

from syncline.dotdigital import ImportRow
from tests.syncs.consent.scene import address, contact, crm_list, is_marked, put_on_crm_list, records
from tests.syncs.world import World

SYNC = "suppressions"


def known_to_both(north: World, south: World, name: str) -> str:
    for world in (north, south):
        world.put([ImportRow(email=address(name))])
    return contact(north, name)


def test_a_suppression_in_one_account_does_not_suppress_in_the_other(
    provisioned: World, south: World
) -> None:
    alice = known_to_both(provisioned, south, "Alice")
    provisioned.dd.unsubscribe(address("Alice"))
    for world in (provisioned, south, provisioned, south):
        world.sync(SYNC)

    assert is_marked(provisioned, alice)
    assert provisioned.contact(address("Alice")).email_status != "subscribed"
    assert south.contact(address("Alice")).email_status == "subscribed"


def test_the_mark_stays_while_one_account_suppresses_whoever_set_it(provisioned: World, south: World) -> None:
    alice = known_to_both(provisioned, south, "Alice")
    for world in (provisioned, south):
        world.dd.unsubscribe(address("Alice"))
        world.sync(SYNC)
    provisioned.resubscribe(address("Alice"))
    provisioned.sync(SYNC)

    assert is_marked(provisioned, alice)
    assert len(records(provisioned)) == 1, "the account's own record is struck, the other's stays"

    south.resubscribe(address("Alice"))
    south.sync(SYNC)

    assert not is_marked(provisioned, alice)
    assert records(provisioned) == []


def test_an_entry_by_hand_suppresses_in_both_accounts_whoever_comes_back_first(
    provisioned: World, south: World
) -> None:
    """It names no account. That somebody came back to one is no word about the other."""
    known_to_both(provisioned, south, "Alice")
    put_on_crm_list(provisioned, address("Alice"))
    provisioned.sync(SYNC)
    provisioned.resubscribe(address("Alice"))
    provisioned.sync(SYNC)
    south.sync(SYNC)

    assert south.contact(address("Alice")).email_status != "subscribed"


def test_an_entry_that_names_an_account_is_about_that_one_alone(provisioned: World, south: World) -> None:
    known_to_both(provisioned, south, "Alice")
    key = str(provisioned.account.connector_key)
    put_on_crm_list(provisioned, address("Alice"), syncline_account=key)
    for world in (provisioned, south):
        world.sync(SYNC)
    assert south.contact(address("Alice")).email_status == "subscribed"

    provisioned.resubscribe(address("Alice"))
    provisioned.sync(SYNC)

    assert crm_list(provisioned) == {}, "there is nobody else to wait for"


def test_who_came_back_to_both_is_on_the_crm_list_no_more(provisioned: World, south: World) -> None:
    known_to_both(provisioned, south, "Alice")
    for world in (provisioned, south):
        world.dd.unsubscribe(address("Alice"))
        world.sync(SYNC)
    for world in (provisioned, south):
        world.resubscribe(address("Alice"))
        world.sync(SYNC)
    provisioned.sync(SYNC)

    assert crm_list(provisioned) == {}
