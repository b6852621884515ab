"""Suppressions: looking through the list, exporting it, suppressing by hand, and the note."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from console.world import SignedIn, make_account
from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.clients import close_clients
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.consent.in_dynamics import Written, keep_written
from syncline.consent.models import Suppression
from syncline.console.suppressions_page import SUPPRESSIONS_A_PAGE
from syncs.world import World

AT = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)


def make_suppression(account: EmailAccount, address: str, reason: str = "unsubscribed", **more: str) -> None:
    Suppression.objects.create(account_id=account.pk, person_key=address, reason=reason, since=AT, **more)


def page(client: Client, account: EmailAccount, **query: str) -> str:
    answer = client.get(reverse("suppressions", args=[account.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def shown(text: str) -> list[str]:
    return re.findall(r'class="row-title break" href="[^"]*">([^<]*)<', text)


def test_the_page_says_how_many_records_of_dynamics_were_told(manager: Client, contoso: EmailAccount) -> None:
    for address in ("alice@contoso.example", "bob@contoso.example"):
        make_suppression(contoso, address)
    written = [
        Written("alice@contoso.example", record, 0, "contact", "unsubscribed", AT, recorded=True, marked=True)
        for record in ("one", "two")
    ]
    keep_written(contoso.pk, written)
    text = page(manager, contoso)
    assert re.findall(r"<div>(2 records|1 record|<p class=.row-note.>None yet)", text) == [
        "2 records",
        '<p class="row-note">None yet',
    ]


def test_an_empty_list_says_what_fills_it(manager: Client, contoso: EmailAccount) -> None:
    text = page(manager, contoso)
    assert "No suppressed address is known yet" in text
    assert "reads Dotdigital’s suppression list and fills this page" in text
    assert "Export CSV" not in text


def test_each_address_is_shown_with_its_reason_in_words(manager: Client, contoso: EmailAccount) -> None:
    make_suppression(contoso, "bob@contoso.example", "hardBounced")
    make_suppression(contoso, "alice@contoso.example", "suppressed", note="By letter", asked_by="carol")
    make_suppression(contoso, "dave@contoso.example", "aWordOfNextYear")
    make_suppression(make_account("Fabrikam"), "eve@fabrikam.example")
    text = page(manager, contoso)
    assert shown(text) == ["alice@contoso.example", "bob@contoso.example", "dave@contoso.example"]
    for words in ("The address does not exist", "By letter", "by carol", "aWordOfNextYear", "3 May 2026"):
        assert words in text


def test_the_beginning_of_an_address_and_a_reason_narrow_it_down(
    manager: Client, contoso: EmailAccount
) -> None:
    make_suppression(contoso, "alice@contoso.example")
    make_suppression(contoso, "alistair@contoso.example", "hardBounced")
    make_suppression(contoso, "bob@contoso.example")
    assert shown(page(manager, contoso, address="ALI")) == [
        "alice@contoso.example",
        "alistair@contoso.example",
    ]
    assert shown(page(manager, contoso, reason="hardBounced")) == ["alistair@contoso.example"]
    assert shown(page(manager, contoso, address="bob@contoso.example")) == ["bob@contoso.example"]
    assert "No suppressed address matches" in page(manager, contoso, address="nobody")


def test_pages_go_by_address_forwards_and_back(manager: Client, contoso: EmailAccount) -> None:
    addresses = [f"p{number:03}@contoso.example" for number in range(2 * SUPPRESSIONS_A_PAGE + 1)]
    for address in addresses:
        make_suppression(contoso, address)
    first = page(manager, contoso)
    assert shown(first) == addresses[:SUPPRESSIONS_A_PAGE]
    assert 'rel="prev"' not in first
    second = page(manager, contoso, after=addresses[SUPPRESSIONS_A_PAGE - 1])
    assert shown(second) == addresses[SUPPRESSIONS_A_PAGE : 2 * SUPPRESSIONS_A_PAGE]
    assert shown(page(manager, contoso, after=addresses[-2])) == addresses[-1:]
    assert shown(page(manager, contoso, before=addresses[SUPPRESSIONS_A_PAGE])) == shown(first)


def test_the_export_holds_what_the_search_lets_through(manager: Client, contoso: EmailAccount) -> None:
    make_suppression(contoso, "alice@contoso.example", note="=cmd()", asked_by="carol")
    make_suppression(contoso, "bob@contoso.example", "hardBounced")
    answer = manager.get(reverse("suppressions-export", args=[contoso.pk]), {"reason": "unsubscribed"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    [row] = csv.DictReader(io.StringIO(text))
    assert row == {
        "address": "alice@contoso.example",
        "reason": "unsubscribed",
        "reason_words": "They unsubscribed from everything.",
        "since": "2026-05-03T09:30:00+00:00",
        "suppressed_by": "carol",
        "note": "'=cmd()",
    }


def test_only_a_manager_is_offered_to_suppress(signed_in: SignedIn, contoso: EmailAccount) -> None:
    make_suppression(contoso, "alice@contoso.example", note="By letter")
    viewer = signed_in(Role.VIEWER)
    assert reverse("suppression-new", args=[contoso.pk]) not in page(viewer, contoso)
    one = reverse("suppression", args=[contoso.pk], query={"address": "Alice@contoso.example"})
    text = viewer.get(one).content.decode()
    assert "By letter" in text
    assert "<textarea" not in text
    assert viewer.post(one, {"note": "x"}).status_code == 403


def test_the_note_is_what_can_be_changed(manager: Client, contoso: EmailAccount) -> None:
    make_suppression(contoso, "alice+news@contoso.example")
    one = reverse("suppression", args=[contoso.pk], query={"address": "alice+news@contoso.example"})
    assert one.replace("&", "&amp;") in page(manager, contoso)
    assert "Dotdigital keeps the reason" in manager.get(one).content.decode()
    assert manager.post(one, {"note": "Asked by telephone"}).headers["Location"] == one
    assert Suppression.objects.get().note == "Asked by telephone"
    assert AdminLogEntry.objects.get().after == {"note": "Asked by telephone"}
    assert manager.post(one, {"note": "x" * 501}).status_code == 422


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        ("", "Write the address to suppress."),
        ("nobody, alice@contoso.example", "No e-mail address: nobody."),
        (" ".join(f"p{number}@x.example" for number in range(1001)), "These are 1,001 addresses"),
    ],
)
def test_what_cannot_be_suppressed_is_said_and_nothing_is_done(
    manager: Client, contoso: EmailAccount, addresses: str, words: str
) -> None:
    answer = manager.post(reverse("suppression-new", args=[contoso.pk]), {"addresses": addresses})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Suppression.objects.exists()


@pytest.fixture
def world(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> Iterator[World]:
    yield World(dataverse, dotdigital)
    close_clients()


def test_addresses_are_suppressed_at_once_on_both_sides(world: World, manager: Client) -> None:
    sent = {"addresses": "Dave <dave@contoso.example>\nerin@contoso.example", "note": "By letter"}
    answer = manager.post(reverse("suppression-new", args=[world.account.pk]), sent, follow=True)
    text = answer.content.decode()
    assert "2 addresses are suppressed in Dotdigital." in text
    assert shown(text) == ["dave@contoso.example", "erin@contoso.example"]
    assert world.contact("dave@contoso.example").email_status == "suppressed"
    assert Suppression.objects.filter(asked_by="manager-person", note="By letter").count() == 2


def test_a_lost_answer_is_told_and_the_stop_stands(world: World, manager: Client) -> None:
    world.sandbox_dotdigital.control.fault("cut", route="PUT /v2/contacts/suppress-contacts", times=None)
    new = reverse("suppression-new", args=[world.account.pk])
    text = manager.post(new, {"addresses": "dave@contoso.example"}, follow=True).content.decode()
    assert "dave@contoso.example is stopped here, and Dotdigital has not confirmed it." in text
    assert "Not confirmed yet" in text
    assert Suppression.objects.get().reason == "asked"
