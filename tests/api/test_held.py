"""Held records by API: by reason, and replayed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from api.conftest import Program, items
from console.world import make_account
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.ledger.models import Held, Run
from syncline.people.facts import NO_ADDRESS


def make_held(account: EmailAccount, address: str, reason: str, sync_type: str = "lists_out") -> Held:
    return Held.objects.create(
        account=account,
        sync_type=sync_type,
        person_key=address,
        entity="contact",
        record_id="0b0a1c2e-0000-4000-8000-000000000001",
        reason=reason,
        detail="The postcode is too long.",
        vendor_code="ERROR_INVALID_VALUE",
    )


@pytest.fixture
def held(contoso: EmailAccount) -> list[Held]:
    make_held(make_account("Fabrikam"), "eve@fabrikam.example", "conversion")
    return [
        make_held(contoso, "alice@contoso.example", "refused_by_dotdigital"),
        make_held(contoso, "bob@contoso.example", "refused_by_dotdigital"),
        make_held(contoso, NO_ADDRESS + "1", "conversion"),
        make_held(contoso, "POSTCODE", "conversion", "labels"),
    ]


def test_they_are_told_with_the_vendors_words_and_ours(viewer: Client, held: list[Held]) -> None:
    rows = items(viewer.get(f"{held_of(held)}?reason=refused_by_dotdigital"))
    assert [row["address"] for row in rows] == ["bob@contoso.example", "alice@contoso.example"]
    assert rows[0]["detail"] == "The postcode is too long."
    assert rows[0]["reason"]["words"] == "Dotdigital did not accept the record."


def test_page_by_page(viewer: Client, held: list[Held]) -> None:
    first = viewer.get(f"{held_of(held)}?limit=3").json()
    rest = viewer.get(f"{held_of(held)}?limit=3&after={first['next']}").json()
    assert [row["id"] for row in first["items"] + rest["items"]] == [one.pk for one in reversed(held)]
    assert rest["next"] is None


def test_how_many_for_which_reason(viewer: Client, held: list[Held]) -> None:
    told = viewer.get(f"{held_of(held)}/reasons").json()
    assert {(one["reason"]["code"], one["records"]) for one in told} == {
        ("refused_by_dotdigital", 2),
        ("conversion", 2),
    }


@pytest.mark.parametrize(
    ("choice", "records"),
    [
        ({"reason": "refused_by_dotdigital"}, 2),
        ({"address": "Bob@contoso.example"}, 1),
        ({"ids": ["first"]}, 1),
        ({"all": True}, 4),
    ],
)
def test_replay(choice: dict[str, Any], records: int, manager: Client, held: list[Held]) -> None:
    body = {"ids": [held[0].pk]} if "ids" in choice else choice
    answer = replayed(manager, held, body)
    assert answer.status_code == 202
    assert answer.json()["records"] == records
    assert "lists_out" in {run["sync_type"] for run in answer.json()["runs"]}
    assert AdminLogEntry.objects.get(action="held records replayed").actor == "API token manager program"


def test_only_what_the_token_may_start(program: Program, held: list[Held]) -> None:
    answer = replayed(program(Role.PROFESSIONAL), held, {"reason": "conversion"})
    assert answer.json()["records"] == 1
    assert set(Run.objects.values_list("sync_type", flat=True)) == {"lists_out"}


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"all": False}, {"address": " "}, {"reason": ""}, {"everything": True}]
)
def test_nothing_is_replayed_by_accident(body: dict[str, Any], manager: Client, held: list[Held]) -> None:
    assert replayed(manager, held, body).status_code == 422
    assert not Run.objects.exists()


def held_of(held: list[Held]) -> str:
    return f"/api/v1/accounts/{held[0].account_id}/held"


def replayed(client: Client, held: list[Held], body: dict[str, Any]) -> Any:
    return client.post(f"{held_of(held)}/replay", body, content_type="application/json")
