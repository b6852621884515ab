"""Web Behaviour: visits are shown, of a period and of whom one looks for."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from console.web_world import make_visit
from console.world import SignedIn, make_account
from syncline.accounts.models import EmailAccount
from syncline.accounts.roles import Role
from syncline.console.web_behaviour_page import VISITS_A_PAGE

ALICE, BOB = "alice@example.com", "bob@example.com"


def page(client: Client, account: EmailAccount, **query: str) -> str:
    return client.get(reverse("web-behaviour", args=[account.pk]), query).content.decode()


def shown(text: str) -> list[str]:
    return re.findall(r'<a class="row-title"[^>]*>([^<]+)<', text)


@pytest.fixture
def viewer(signed_in: SignedIn) -> Client:
    return signed_in(Role.VIEWER)


def test_without_visits_the_page_says_where_they_come_from(viewer: Client, contoso: EmailAccount) -> None:
    text = page(viewer, contoso)
    assert "No visit is known yet" in text
    assert reverse("schedule", args=[contoso.pk]) in text
    assert 'aria-current="true">Web Behaviour' in text, "in the menu"


def test_visits_are_shown_the_latest_first_with_how_far_they_are(
    viewer: Client, contoso: EmailAccount
) -> None:
    make_visit(contoso, ALICE, 2, told_digest="1")
    make_visit(contoso, BOB, 1)
    make_visit(contoso, "@gone:7", 3, refused_digest="1")
    make_visit(make_account("Fabrikam"), "theirs@example.com")
    text = page(viewer, contoso)
    assert shown(text) == [BOB, ALICE]
    assert "Contact 2, whose address is not known" in text
    cells = re.findall(r'data-label="In Dynamics">(?:<span[^>]*>)?([^<]+)<', text)
    assert cells == ["Not yet", "Yes", "Refused"]


def test_a_period_and_a_person_are_looked_for(viewer: Client, contoso: EmailAccount) -> None:
    make_visit(contoso, ALICE, 2)
    make_visit(contoso, ALICE, 40)
    make_visit(contoso, BOB, 1)
    assert shown(page(viewer, contoso, days="7")) == [BOB, ALICE]
    assert shown(page(viewer, contoso, days="90", address="ALICE")) == [ALICE, ALICE]
    assert shown(page(viewer, contoso, days="nonsense")) == [BOB, ALICE, ALICE]
    assert "No visit matches" in page(viewer, contoso, address="carol")


def test_many_visits_come_in_pages(viewer: Client, contoso: EmailAccount) -> None:
    for _ in range(VISITS_A_PAGE + 1):
        make_visit(contoso, ALICE)
    assert len(shown(page(viewer, contoso))) == VISITS_A_PAGE
    assert len(shown(page(viewer, contoso, page="2"))) == 1
