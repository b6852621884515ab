"""A program that syncs: it plans, looks, approves, asks why, against both vendors' sandboxes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client

from api.conftest import items
from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.clients import close_clients
from syncline.ledger.models import Run
from syncs.world import World


@pytest.fixture
def world(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> Iterator[World]:
    try:
        yield World(dataverse, dotdigital)
    finally:
        close_clients()


def test_a_plan_is_looked_at_and_then_carried_out(world: World, manager: Client) -> None:
    alice = world.add("contacts", firstname="Alice", emailaddress1="alice@contoso.example")
    newsletter = world.add_list("Newsletter", [alice])

    plan = posted(manager, f"/accounts/{world.account.pk}/sync-types/lists_out/plans")
    world.carry_out(plan)
    [planned] = items(manager.get(f"/api/v1/runs/{plan.key}/records", {"action": "create"}))
    assert planned["address"] == "alice@contoso.example"
    assert {"name": "FIRSTNAME", "old": None, "new": "Alice"} in planned["fields"]
    assert world.contacts() == {}

    world.carry_out(posted(manager, f"/plans/{plan.key}/approve"))
    assert world.in_book(newsletter) == {"alice@contoso.example"}


def test_only_the_lists_that_were_asked_for(world: World, manager: Client) -> None:
    alice = world.add("contacts", firstname="Alice", emailaddress1="alice@contoso.example")
    bob = world.add("contacts", firstname="Bob", emailaddress1="bob@contoso.example")
    world.add_list("Newsletter", [alice])
    events = world.add_list("Events", [bob])

    run = posted(manager, f"/accounts/{world.account.pk}/sync-types/lists_out/runs", {"lists": [events.pk]})
    world.carry_out(run)
    assert set(world.contacts()) == {"bob@contoso.example"}


def test_a_list_that_was_synced_says_whom_it_comes_down_to(world: World, manager: Client) -> None:
    alice = world.add("contacts", emailaddress1="alice@contoso.example")
    nameless = world.add("contacts", firstname="Nobody")
    world.add_list("Newsletter", [alice, nameless])
    address = f"/api/v1/accounts/{world.account.pk}/lists"
    [before] = items(manager.get(address))
    assert (before["audience"], before["audience_counted_at"]) == ({}, None)
    world.sync()
    [after] = items(manager.get(address))
    counts = after["audience"]
    assert (counts["members"], counts["targets"], counts["no_address"]) == (2, 1, 1)
    assert datetime.fromisoformat(after["audience_counted_at"]) <= datetime.now(UTC)


def test_why_somebody_is_not_sent(world: World, manager: Client) -> None:
    dave = world.add("contacts", emailaddress1="dave@contoso.example", donotbulkemail=True)
    world.add_list("Newsletter", [dave])
    world.sync()
    address = f"/api/v1/accounts/{world.account.pk}/explanation"
    told = manager.get(address, {"address": "Dave@contoso.example"}).json()
    assert told["conclusion"] == "Not synced. A Dynamics record with this address says Do Not Bulk Email."
    out, *others = told["syncs"]
    assert out["sync_type"] == "lists_out"
    assert {"lists_in", "suppressions", "opt_in"} <= {one["sync_type"] for one in others}
    [shut] = [gate for gate in out["gates"] if not gate["open"]]
    assert shut["code"] == "do_not_bulk_email"
    assert [target["kind"] for target in shut["targets"]] == ["record"]
    assert [one["list_name"] for one in out["lists"]] == ["Newsletter"]

    stranger = manager.get(address, {"address": "nobody@contoso.example"}).json()
    assert stranger["dotdigital"] == "not known to Dotdigital"


def test_a_vendor_that_cannot_be_reached_is_told_and_the_rest_all_the_same(
    world: World, manager: Client
) -> None:
    world.account.dotdigital_password = "wrong"
    world.account.save()
    address = f"/api/v1/accounts/{world.account.pk}/explanation"
    answer = manager.get(address, {"address": "nobody@contoso.example"})
    assert answer.status_code == 200
    [told] = answer.json()["unasked"]
    assert told.startswith("Dotdigital could not be asked")


def posted(client: Client, address: str, body: object = None) -> Run:
    """The run that a call has started."""
    answer = client.post(f"/api/v1{address}", body or {}, content_type="application/json")
    assert answer.status_code == 202, answer.content
    return Run.objects.get(key=answer.json()["key"])
