"""Active Email Accounts."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.world import make_account, make_run
from syncline.accounts.models import EmailAccount
from syncline.console.regions import region_of
from syncline.ledger.models import RunStatus


def test_an_empty_installation_says_how_accounts_are_added(manager: Client) -> None:
    text = _page(manager)
    assert "No email account is connected yet" in text
    assert "syncline account add" in text


def test_every_column_is_there(manager: Client, contoso: EmailAccount, now: datetime) -> None:
    make_run(contoso, "labels", started_at=now - timedelta(hours=3))
    make_run(contoso, status=RunStatus.FAILED, started_at=now - timedelta(minutes=5))
    text = _page(manager)
    for words in (
        "Contoso",
        "Newsletter and events",
        "owner@contoso.example",
        "Europe (r1)",
        "Active",
        "Default",
        "Failed",
        "Two-way marketing list sync",
        "5 minutes ago",
    ):
        assert words in text
    assert "Data field labels" not in text  # That run is not the last one.


def test_a_disabled_account_and_one_that_never_ran_say_so(manager: Client) -> None:
    make_account("Fabrikam", disabled=True)
    text = _page(manager)
    assert "Disabled" in text
    assert "No run yet" in text


def test_a_run_that_only_waits_is_not_the_last_run(manager: Client, contoso: EmailAccount) -> None:
    make_run(contoso, status=RunStatus.QUEUED)
    assert "No run yet" in _page(manager)


def test_the_page_takes_the_same_queries_for_two_accounts_and_for_forty(
    manager: Client, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(40):
        make_run(make_account(f"Account {number}"), started_at=now)
    with django_assert_max_num_queries(6):
        text = _page(manager)
    assert "Account 39" in text


def test_many_accounts_come_in_pages_and_can_be_found_by_name(manager: Client) -> None:
    for number in range(51):
        make_account(f"Account {number:02}")
    first = _page(manager)
    assert "Account 49" in first
    assert "Account 50" not in first
    assert "Account 50" in manager.get(reverse("accounts"), {"page": "2"}).content.decode()
    found = manager.get(reverse("accounts"), {"name": "account 50"}).content.decode()
    assert "Account 50" in found
    assert "Account 49" not in found
    nothing = manager.get(reverse("accounts"), {"name": "<b>nobody"}).content.decode()
    assert "No account is called anything like “&lt;b&gt;nobody”" in nothing


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("https://r1-api.dotdigital.com", "Europe (r1)"),
        ("https://r2-api.dotmailer.com", "North America (r2)"),
        ("https://r3-api.dotdigital.com", "Asia Pacific (r3)"),
        ("https://r9-api.dotdigital.com", "r9"),
        ("http://127.0.0.1:8701", "Sandbox (127.0.0.1:8701)"),
    ],
)
def test_the_region_comes_from_the_host(address: str, region: str) -> None:
    assert region_of(address) == region


def _page(client: Client) -> str:
    return client.get(reverse("accounts")).content.decode()
