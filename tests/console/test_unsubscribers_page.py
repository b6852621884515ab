"""List Unsubscribers: who left which list and when, by list, by address, and a page at a time."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from console.world import make_account, make_list
from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.clients import close_clients
from syncline.accounts.models import EmailAccount
from syncline.console.unsubscribers_page import LEAVERS_A_PAGE
from syncline.people import store
from syncs.world import World


def page(client: Client, account: EmailAccount, **query: str) -> str:
    return client.get(reverse("unsubscribers", args=[account.pk]), query).content.decode()


def shown(text: str) -> list[str]:
    return re.findall(r'class="row-title break">([^<]*)<', text)


def test_nobody_has_left_anything(manager: Client, contoso: EmailAccount) -> None:
    assert "Nobody is known to have left a list" in page(manager, contoso)


def test_who_left_is_found_by_list_and_address_and_by_page(manager: Client, contoso: EmailAccount) -> None:
    news, events = make_list(contoso, "News"), make_list(contoso, "Events")
    other = make_list(make_account("Fabrikam"), "Spares")
    names = [f"p{number:03}@x.example" for number in range(LEAVERS_A_PAGE)]
    left = [(news.pk, name, "suppressed", True, 1) for name in names]
    store.save_places(
        [
            *left,
            (events.pk, names[-1], "suppressed", True, 1),
            (events.pk, "stays@x.example", "subscribed", True, 1),
            (other.pk, "eve@x.example", "suppressed", True, 1),
        ]
    )
    first = page(manager, contoso)
    assert shown(first) == names
    link = re.search(r'rel="next" href="\?after=([^"]*)"', first)
    assert link is not None
    second = page(manager, contoso, after=link[1].replace("%3A", ":").replace("%40", "@"))
    assert shown(second) == [names[-1]]
    assert shown(page(manager, contoso, list=str(events.pk))) == [names[-1]]
    assert shown(page(manager, contoso, address="P00")) == names[:10]


@pytest.fixture
def world(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> Iterator[World]:
    yield World(dataverse, dotdigital)
    close_clients()


def test_a_sync_tells_when_somebody_left(world: World, manager: Client) -> None:
    address = "dave@contoso.example"
    news = world.add_list("News", [world.add("contacts", emailaddress1=address)])
    world.sync()
    news.refresh_from_db()
    world.unsubscribe_from(news, address)
    world.sync()
    text = page(manager, world.account)
    assert shown(text) == [address]
    assert "<time" in text
    assert "Resubscribe…" in text
