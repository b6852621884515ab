"""Resubscribe: only on a ground, by a manager, and what became of it in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from console.world import SignedIn, make_account
from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.clients import close_clients
from syncline.accounts.models import EmailAccount
from syncline.accounts.roles import Role
from syncline.consent.models import Resubscription, Suppression
from syncline.dotdigital import ImportRow
from syncs.world import World

DAVE = "dave@contoso.example"
GROUND = {"ground": "written", "evidence": "E-mail of 3 May", "asked_themselves": "on"}


def address(account: EmailAccount, **more: str) -> str:
    return reverse("resubscribe", args=[account.pk], query={"address": DAVE} | more)


def suppressed(account: EmailAccount, reason: str = "unsubscribed") -> None:
    at = datetime(2026, 5, 3, tzinfo=UTC)
    Suppression.objects.create(account_id=account.pk, person_key=DAVE, reason=reason, since=at)


@pytest.fixture
def world(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> Iterator[World]:
    yield World(dataverse, dotdigital)
    close_clients()


def test_dotdigital_asks_the_person_and_the_page_says_what_that_means(world: World, manager: Client) -> None:
    world.put([ImportRow(email=DAVE, email_status="unsubscribed")])
    suppressed(world.account)
    text = manager.post(address(world.account), GROUND, follow=True).content.decode()
    assert "Dotdigital has sent them an e-mail." in text
    assert world.contact(DAVE).email_status == "pendingOptIn"
    assert Suppression.objects.exists()
    stored = Resubscription.objects.get()
    assert (stored.state, stored.asked_by, stored.evidence) == (
        "challenged",
        "manager-person",
        "E-mail of 3 May",
    )
    assert "They were asked for already" in manager.get(address(world.account)).content.decode()


@pytest.mark.parametrize("missing", ["ground", "evidence", "asked_themselves"])
def test_without_a_ground_or_its_confirmation_nobody_is_asked(
    manager: Client, contoso: EmailAccount, missing: str
) -> None:
    suppressed(contoso)
    sent = {name: value for name, value in GROUND.items() if name != missing}
    answer = manager.post(address(contoso), sent)
    assert answer.status_code == 422
    assert 'class="problem"' in answer.content.decode()
    assert not Resubscription.objects.exists()


def test_whoever_complained_is_told_to_be_out_of_reach(manager: Client, contoso: EmailAccount) -> None:
    suppressed(contoso, "ispComplained")
    text = manager.get(address(contoso)).content.decode()
    assert "Nobody may ask for them" in text
    assert "Let Dotdigital ask them" not in text
    assert manager.post(address(contoso), GROUND).status_code == 422
    assert not Resubscription.objects.exists()


def test_the_pages_that_lead_there_offer_it_to_managers_only(
    signed_in: SignedIn, contoso: EmailAccount
) -> None:
    suppressed(contoso)
    one = reverse("suppression", args=[contoso.pk], query={"address": DAVE})
    link = reverse("resubscribe", args=[contoso.pk])
    assert link in signed_in(Role.MANAGER).get(one).content.decode()
    assert link not in signed_in(Role.VIEWER).get(one).content.decode()


def test_why_leads_there(world: World, manager: Client) -> None:
    world.put([ImportRow(email=DAVE, email_status="unsubscribed")])
    why = reverse("why", args=[world.account.pk], query={"address": DAVE})
    assert address(world.account) in manager.get(why).content.decode()


def test_an_unknown_list_is_not_found(manager: Client, contoso: EmailAccount) -> None:
    assert manager.get(address(contoso, list="99")).status_code == 404
    assert manager.get(reverse("resubscribe", args=[make_account("Fabrikam").pk])).status_code == 404
