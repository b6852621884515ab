"""Suppressions by program: a page at a time, suppressing, and asking somebody back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from api.conftest import items
from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.clients import close_clients
from syncline.accounts.models import EmailAccount
from syncline.consent.models import Suppression
from syncline.dotdigital import ImportRow
from syncs.world import World

DAVE = "dave@contoso.example"
WISH = {"address": DAVE, "ground": "written", "evidence": "E-mail of 3 May", "asked_themselves": True}


@pytest.fixture
def world(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> Iterator[World]:
    yield World(dataverse, dotdigital)
    close_clients()


def post(client: Client, account: EmailAccount, what: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/v1/accounts/{account.pk}/{what}", body, content_type="application/json")


def test_the_list_comes_in_pages_by_address(viewer: Client, contoso: EmailAccount) -> None:
    for name in ("alice", "bob", "carol"):
        Suppression.objects.create(
            account_id=contoso.pk, person_key=f"{name}@contoso.example", reason="hardBounced",
            since=datetime(2026, 5, 3, tzinfo=UTC),
        )  # fmt: skip
    address = f"/api/v1/accounts/{contoso.pk}/suppressions"
    first = viewer.get(address, {"limit": 2}).json()
    assert [one["address"] for one in first["items"]] == ["alice@contoso.example", "bob@contoso.example"]
    assert first["items"][0]["words"] == "The address does not exist, or no longer."
    last = viewer.get(address, {"after": first["next"]}).json()
    assert ([one["address"] for one in last["items"]], last["next"]) == (["carol@contoso.example"], None)
    assert items(viewer.get(address, {"address": "CAR"}))[0]["address"] == "carol@contoso.example"
    assert items(viewer.get(address, {"reason": "unsubscribed"})) == []


def test_a_program_suppresses(world: World, manager: Client) -> None:
    answer = post(manager, world.account, "suppressions", {"addresses": [DAVE.upper()], "note": "By letter"})
    assert answer.json() == {"accepted": [DAVE], "known": [], "refused": {}, "waiting": []}
    bad = post(manager, world.account, "suppressions", {"addresses": ["nobody"]})
    assert (bad.status_code, bad.json()["error"]["code"]) == (422, "no_address")


def test_a_program_has_somebody_asked_back_once(world: World, manager: Client) -> None:
    world.put([ImportRow(email=DAVE, email_status="unsubscribed")])
    answer = post(manager, world.account, "resubscriptions", WISH)
    assert (answer.status_code, answer.json()["state"]) == (200, "challenged")
    again = post(manager, world.account, "resubscriptions", WISH)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_asked")


def test_a_program_has_somebody_asked_back_to_one_list(world: World, manager: Client) -> None:
    news = world.add_list("News", [world.add("contacts", emailaddress1=DAVE)])
    before = post(manager, world.account, "resubscriptions", WISH | {"list_id": news.pk})
    assert (before.status_code, before.json()["error"]["code"]) == (409, "not_asked")
    world.sync()
    news.refresh_from_db()
    world.unsubscribe_from(news, DAVE)
    answer = post(manager, world.account, "resubscriptions", WISH | {"list_id": news.pk})
    assert (answer.status_code, answer.json()["state"]) == (200, "challenged")
    calls = world.sandbox_dotdigital.control.calls
    assert calls("POST /v2/address-books/{id}/contacts/resubscribe") == 1
    assert calls("POST /v2/contacts/resubscribe") == 0


def test_a_list_that_there_is_not_is_not_found(manager: Client, contoso: EmailAccount) -> None:
    answer = post(manager, contoso, "resubscriptions", WISH | {"list_id": 99})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_marketing_list")


@pytest.mark.parametrize("change", [{"evidence": "  "}, {"ground": "none"}, {"asked_themselves": False}])
def test_a_wish_without_its_ground_is_refused(
    manager: Client, contoso: EmailAccount, change: dict[str, Any]
) -> None:
    assert post(manager, contoso, "resubscriptions", WISH | change).status_code in {409, 422}
