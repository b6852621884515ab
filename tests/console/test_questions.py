"""Whoever only looks, looks as often as they like, and takes from no sync the calls that it needs."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from api.conftest import client_with, new_token
from console.world import SignedIn
from syncline.accounts import quotas
from syncline.accounts.limits import Quota
from syncline.accounts.roles import Role
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World

pytestmark = pytest.mark.django_db(transaction=True)

ALLOWED = 12
"""Calls in a minute, of questions to one vendor. Fewer than usual, for a quicker test."""


@pytest.fixture(autouse=True)
def _few_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "QUESTIONS_QUOTA", Quota(calls=ALLOWED, window_s=60.0))


def calls(world: World) -> tuple[int, int]:
    """How many Dynamics and Dotdigital were asked since the last look, the sign-in not counted."""
    told = []
    for sandbox in (world.sandbox_dataverse, world.sandbox_dotdigital):
        routes = sandbox.control.journal()["routes"]
        told.append(sum(one["calls"] for route, one in routes.items() if "{tenant}" not in route))
        sandbox.control.clear_journal()
    return told[0], told[1]


def why(world: World, viewer: Client) -> Callable[[int], str]:
    address = reverse("why", args=[world.account.pk])
    return lambda n: viewer.get(address, {"address": f"nobody{n}@example.com"}).content.decode()


def explanation(world: World, program: Client) -> Callable[[int], str]:
    address = f"/api/v1/accounts/{world.account.pk}/explanation"
    return lambda n: program.get(address, {"address": f"nobody{n}@example.com"}).content.decode()


def test_why_stops_asking_and_says_so(world: World, signed_in: SignedIn) -> None:
    viewer = signed_in(Role.VIEWER)
    ask = why(world, viewer)
    calls(world)
    assert "could not be asked" not in ask(0)
    told = [ask(number) for number in range(1, 2 * ALLOWED)]
    assert "The allowance of calls is used up for the moment" in told[-1]
    dynamics, dotdigital = calls(world)
    assert ALLOWED / 2 < dynamics <= ALLOWED
    assert ALLOWED / 2 < dotdigital <= ALLOWED


def test_a_program_that_only_reads_shares_the_allowance(world: World, signed_in: SignedIn) -> None:
    ask_page = why(world, signed_in(Role.VIEWER))
    ask_api = explanation(world, client_with(new_token("report", Role.VIEWER)))
    calls(world)
    for number in range(2 * ALLOWED):
        ask_page(number)
    calls(world)
    assert "The allowance of calls is used up for the moment" in ask_api(0)
    assert calls(world) == (0, 0)


def test_the_preview_of_mappings_stops_asking_too(world: World, signed_in: SignedIn) -> None:
    viewer = signed_in(Role.VIEWER)
    address = reverse("mappings-preview", args=[world.account.pk, "contact"])
    world.add("contacts", firstname="Alice", emailaddress1="alice@example.com")
    calls(world)
    told = [viewer.get(address, headers={"HX-Request": "true"}).content.decode() for _ in range(2 * ALLOWED)]
    assert "Alice" in told[0]
    assert "The allowance of calls is used up for the moment" in told[-1]
    assert calls(world)[0] <= ALLOWED


def test_a_sync_goes_on_whatever_was_asked(world: World, signed_in: SignedIn) -> None:
    ask = why(world, signed_in(Role.VIEWER))
    news = world.add_list("News", [world.add("contacts", emailaddress1="alice@example.com")])
    for number in range(2 * ALLOWED):
        ask(number)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        time.sleep(min(seconds, 1.0))

    world.wait = wait
    world.sync()
    assert world.in_book(news) == {"alice@example.com"}
    assert max(waits, default=0) < 1, "That is longer than it takes to ask after an import."
