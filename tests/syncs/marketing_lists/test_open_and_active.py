"""Sync only open Leads and active Contacts: what the setting does, both ways, and what it does not."""

from __future__ import annotations

import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.changing import change_sync_of_inactive, set_record_priority
from syncline.accounts.models import AdminLogEntry
from syncline.dotdigital import ImportRow
from syncline.lists.models import MarketingList, MembershipAction
from tests.syncs.world import World, fresh

CLOSED = {"contacts": {"statecode": 1, "statuscode": 2}, "leads": {"statecode": 2, "statuscode": 4}}
OPEN = {"statecode": 0, "statuscode": 1}


def set_to(world: World, **settings: bool) -> None:
    change_sync_of_inactive(fresh(world.account), by=OPERATOR, **settings)


def closed(world: World, set_name: str, email: str, **values: str) -> str:
    record_id = world.add(set_name, emailaddress1=email, **values)
    world.change(set_name, record_id, **CLOSED[set_name])
    return record_id


def members(world: World, marketing_list: MarketingList) -> set[str]:
    pages = world.crm.list_members(marketing_list.list_id)
    return {row["_entityid_value"] for page in pages for row in page.rows}


@pytest.mark.parametrize("set_name", ["contacts", "leads"])
def test_records_that_are_not_active_are_synced_in_neither_direction(world: World, set_name: str) -> None:
    ann = closed(world, set_name, "ann@example.com", firstname="Ann")
    news = world.add_list("News", [ann], of=set_name)
    world.put([ImportRow(email="ann@example.com", data_fields={"FIRSTNAME": "Anna"})])
    run = world.sync()
    assert world.in_book(news) == set()
    assert world.crm_row(set_name, ann, "firstname")["firstname"] == "Ann"
    assert world.outcomes(run) == [("ann@example.com", "skipped", "not_active")]


def test_a_change_of_the_setting_holds_for_what_is_decided_afterwards_alone(world: World) -> None:
    ann, bob = (closed(world, "contacts", f"{name}@example.com", firstname=name) for name in ("ann", "bob"))
    news = world.add_list("News", [ann, bob])
    world.sync()
    set_to(world, only_open_and_active=False)
    assert world.sync().read == 0, "nobody is looked at again because of it"
    world.change("contacts", bob, firstname="Bobby")
    world.sync()
    assert world.in_book(news) == {"bob@example.com"}
    # The advice of the product: a new list.
    offers = world.add_list("Offers", [ann])
    world.sync()
    assert world.in_book(offers) == {"ann@example.com"}
    entry = AdminLogEntry.objects.latest("pk")
    assert (entry.before, entry.after) == ({"only_open_and_active": True}, {"only_open_and_active": False})


def test_a_lead_disqualified_in_a_list_does_not_start_to_sync_by_its_status_alone(world: World) -> None:
    ann = closed(world, "leads", "ann@example.com", firstname="Ann")
    news = world.add_list("News", [ann], of="leads")
    world.sync()
    world.change("leads", ann, **OPEN)
    run = world.sync()
    assert world.in_book(news) == set()
    assert world.outcomes(run) == [("ann@example.com", "skipped", "reopened")]
    assert world.sync().read == 0
    world.change("leads", ann, firstname="Anna")
    world.sync()
    assert world.in_book(news) == {"ann@example.com"}


def test_entering_a_list_anew_starts_it(world: World) -> None:
    ann = closed(world, "leads", "ann@example.com", firstname="Ann")
    news = world.add_list("News", [ann], of="leads")
    world.sync()
    world.change("leads", ann, **OPEN)
    world.sync()
    offers = world.add_list("Offers", [ann], of="leads")
    world.sync()
    assert world.in_book(offers) == world.in_book(news) == {"ann@example.com"}


def test_a_lead_that_enters_a_list_as_it_is_opened_is_synced(world: World) -> None:
    ann = closed(world, "leads", "ann@example.com", firstname="Ann")
    news = world.add_list("News", of="leads")
    world.sync()
    world.change("leads", ann, **OPEN)
    world.crm.add_list_members(news.list_id, "lead", [ann])
    world.sync()
    assert world.in_book(news) == {"ann@example.com"}


def test_a_contact_that_is_activated_again_is_synced(world: World) -> None:
    ann = closed(world, "contacts", "ann@example.com", firstname="Ann")
    news = world.add_list("News", [ann])
    world.sync()
    world.change("contacts", ann, **OPEN)
    world.sync()
    assert world.in_book(news) == {"ann@example.com"}


@pytest.mark.parametrize("readmits", [True, False])
@pytest.mark.parametrize("action", [MembershipAction.ALLOW_KNOWN, MembershipAction.ALLOW_NEW])
def test_the_documented_hole_is_there_and_can_be_closed(
    world: World, readmits: bool, action: MembershipAction
) -> None:
    ann = closed(world, "leads", "ann@example.com", firstname="Ann")
    news = world.add_list("News", of="leads", membership_action=action)
    world.sync()
    set_to(world, readmit_inactive=readmits)
    news.refresh_from_db()
    world.put([ImportRow(email="ann@example.com", lists=[news.address_book_id or 0])])
    run = world.sync("lists_in")
    assert members(world, news) == ({ann} if readmits else set())
    assert ("not_active" in {reason for _, _, reason in world.outcomes(run)}) or readmits


def test_another_order_of_tables_looks_at_everybody_again(world: World) -> None:
    ann = world.add("contacts", emailaddress1="ann@example.com", firstname="Ann")
    anna = world.add("leads", emailaddress1="ann@example.com", firstname="Anna")
    world.add_list("News", [ann])
    world.add_list("Leads", [anna], of="leads")
    world.sync()
    assert world.sync().read == 0
    set_record_priority(fresh(world.account), ["lead", "contact", "account"], by=OPERATOR)
    assert world.sync().updated == 1
    assert world.contacts()["ann@example.com"].data_fields["FIRSTNAME"] == "Anna"
