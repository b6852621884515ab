"""The CRM suppression list of Dynamics, as every sync that touches people reads it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest

from syncline.consent.models import ConsentEvent, CrmSuppressed
from syncline.dataverse import RowChange
from syncline.dataverse.reading import MOST_ROWS_A_PAGE
from syncline.ledger.models import Run
from syncline.lists.in_dynamics import write_settings
from syncline.lists.models import MarketingList
from syncline.syncs.contract import Done
from syncline.syncs.running import advance
from tests.faults.test_bad_input import track_changes
from tests.syncs.consent.scene import address, contact, crm_list, put_on_crm_list
from tests.syncs.world import World

TABLE = "syncline_suppressedemail"
SET = "syncline_suppressedemails"
A_PAGE_AND_A_BIT = MOST_ROWS_A_PAGE + 100


def calls(world: World) -> int:
    """Times that the list has been read from since the journal was last emptied."""
    routes = world.sandbox_dataverse.control.journal()["routes"]
    return sum(numbers["calls"] for route, numbers in routes.items() if SET in route and "GET" in route)


def put_many(world: World, number: int) -> None:
    """Entries with the ids from 1000 on."""
    rows = [
        RowChange(str(UUID(int=1000 + place)), {"syncline_email": f"person{place}@example.com"})
        for place in range(number)
    ]
    answers = world.crm.upsert_isolated(SET, TABLE, rows, at_a_time=1000)
    assert {answer.state for answer in answers} == {"done"}


def add_list(world: World, name: str, members: Sequence[str]) -> MarketingList:
    """Its settings stand in Dynamics, for the environment is provisioned."""
    one = world.add_list(name, members)
    write_settings(world.crm, world.account, one)
    return one


def most_calls_a_step(world: World, run: Run) -> int:
    found = []
    while True:
        world.forget_calls()
        answer = advance(str(run.key))
        found.append(calls(world))
        if isinstance(answer, Done):
            return max(found)


def test_an_entry_by_hand_stops_the_very_next_list_sync(provisioned: World) -> None:
    world = provisioned
    news = add_list(world, "News", [contact(world, "Alice"), contact(world, "Bob")])
    put_on_crm_list(world, " ALICE@example.com")

    run = world.sync("lists_out")

    assert (address("Alice"), "skipped", "on_crm_list") in world.outcomes(run)
    assert world.in_book(news) == {address("Bob")}
    assert address("Alice") not in world.contacts()


def test_an_entry_made_later_stops_what_is_new_about_the_person(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    add_list(world, "News", [alice])
    world.sync("lists_out")
    put_on_crm_list(world, address("Alice"))
    world.change("contacts", alice, firstname="Alicia")

    run = world.sync("lists_out")

    assert world.outcomes(run) == [(address("Alice"), "skipped", "on_crm_list")]
    assert world.contacts()[address("Alice")].data_fields["FIRSTNAME"] == "Alice"


def test_what_a_list_sync_has_read_is_carried_over_by_the_next_suppressions(provisioned: World) -> None:
    world = provisioned
    add_list(world, "News", [contact(world, "Alice")])
    put_on_crm_list(world, address("Alice"))
    world.sync("lists_out")

    world.sync("suppressions")

    assert world.contact(address("Alice")).email_status == "suppressed"
    listed = ConsentEvent.objects.filter(subject__person_key=address("Alice"), what="crm_suppression")
    assert listed.count() == 1


@pytest.mark.parametrize("sync_type", ["lists_out", "lists_in", "suppressions", "unsubscribers"])
def test_a_list_that_has_not_changed_costs_one_call(provisioned: World, sync_type: str) -> None:
    world = provisioned
    add_list(world, "News", [contact(world, "Alice")])
    put_on_crm_list(world, "zoe@example.com")
    for _ in range(2):
        world.sync("suppressions")
        world.sync("lists_out")
    world.forget_calls()

    world.sync(sync_type)

    assert calls(world) == 1


def test_what_is_entered_while_the_list_is_first_read_is_found(provisioned: World) -> None:
    """On a page that has been read already: the token of changes is stamped at the last page."""
    world = provisioned
    put_many(world, A_PAGE_AND_A_BIT)
    run = world.start("lists_out")
    for _ in range(200):
        advance(str(run.key))
        run.refresh_from_db()
        if run.position.get("crm_list", {}).get("link"):
            break
    early = RowChange(str(UUID(int=1)), {"syncline_email": address("Alice")})
    world.crm.upsert_isolated(SET, TABLE, [early], at_a_time=1)

    world.carry_out(run)

    assert CrmSuppressed.objects.filter(person_key=address("Alice")).exists()
    assert CrmSuppressed.objects.count() == A_PAGE_AND_A_BIT + 1


def test_without_change_tracking_the_list_is_still_read_a_page_a_step(provisioned: World) -> None:
    world = provisioned
    put_many(world, A_PAGE_AND_A_BIT)
    track_changes(world, TABLE, False)

    assert most_calls_a_step(world, world.start("unsubscribers")) == 1
    assert CrmSuppressed.objects.count() == A_PAGE_AND_A_BIT

    world.crm.delete(SET, str(UUID(int=1000)))
    world.sync("unsubscribers")
    assert CrmSuppressed.objects.count() == A_PAGE_AND_A_BIT - 1


def test_without_change_tracking_a_list_sync_reads_what_is_new(provisioned: World) -> None:
    world = provisioned
    news = add_list(world, "News", [contact(world, "Alice"), contact(world, "Bob")])
    put_on_crm_list(world, "zoe@example.com")
    track_changes(world, TABLE, False)
    world.sync("lists_out")
    assert world.in_book(news) == {address("Alice"), address("Bob")}
    carol = contact(world, "Carol")
    world.crm.add_list_members(news.list_id, "contact", [carol])
    put_on_crm_list(world, address("Carol"))

    world.sync("lists_out")

    assert world.in_book(news) == {address("Alice"), address("Bob")}
    track_changes(world, TABLE, True)
    world.crm.delete(SET, crm_list(world)[address("Carol")])
    world.sync("lists_out")
    assert not CrmSuppressed.objects.filter(person_key=address("Carol")).exists()
