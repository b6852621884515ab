"""The page of one contact or lead: what it shows, to whom, and in whose frame."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from api.conftest import new_token
from console.world import make_account, make_list
from syncline.accounts import record_links
from syncline.accounts.models import EmailAccount
from syncline.accounts.record_links import LinkedRecord, Table, link_text
from syncline.accounts.roles import Role
from syncline.consent.models import Suppression
from syncline.console.record_timeline import EVENTS_SHOWN, ROWS_A_TABLE
from syncline.people import store
from syncline.people.facts import CrmFlag
from syncline.people.models import Person
from syncline.people.store.scores import Scored, save_scores
from tests.syncs.campaigns.conftest import provisioned as provisioned
from tests.syncs.campaigns.conftest import scene as scene
from tests.syncs.campaigns.conftest import world as world
from tests.syncs.campaigns.scene import ALICE, BOB, Scene, did

ELSEWHERE = "http://127.0.0.1:9"
"""Nobody listens there."""


def opened(account: EmailAccount, record_id: str, table: Table = "contact") -> HttpResponse:
    """As a browser in a frame opens it: nobody is signed in."""
    answer = Client().get(reverse("record", args=[link_text(LinkedRecord(account.pk, table, record_id))]))
    assert isinstance(answer, HttpResponse)
    return answer


def text_of(answer: HttpResponse) -> str:
    return unescape(answer.content.decode())


def told(text: str) -> list[str]:
    """What the timeline says happened, newest first."""
    return re.findall(r"<div><p><strong>([^<]+)</strong>", text.partition("What they did")[2])


def policy(answer: HttpResponse) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


@pytest.fixture
def away(contoso: EmailAccount) -> EmailAccount:
    """An account whose Dynamics cannot be asked."""
    contoso.client_secret_encrypted = "not a token"
    contoso.save()
    return contoso


def know(account: EmailAccount, address: str, flags: int = 0) -> str:
    """A contact that a sync has read."""
    record_id = str(uuid4())
    store.save_crm_records([(account.pk, "contact", record_id, address, "Dave Hall", flags, "{}", "", 1)])
    return record_id


class TestWhatItShows:
    def test_everything_of_somebody_who_is_synced(self, scene: Scene) -> None:
        world = scene.world
        alice = world.add("contacts", firstname="Alice", lastname="Ash", emailaddress1=ALICE)
        world.sync("suppressions")
        newsletter = make_list(world.account, "Newsletter")
        store.save_members(newsletter.pk, [alice], 1)
        store.save_places([(newsletter.pk, ALICE, "subscribed", True, 1)])
        store.save_persons([(world.account.pk, ALICE, 4711, "", "subscribed", "{}", "{}")])
        Person.objects.filter(person_key=ALICE).update(opt_in="verifieddouble")
        save_scores(world.account.pk, [(ALICE, Scored(71, 80, 62, "Hot", "2026-03-01T00:00:00Z"))])
        scene.send(
            "Spring",
            activity=[
                did(ALICE, "open", "2026-03-03T10:00:00Z"),
                did(ALICE, "click", "2026-03-03T10:01:00Z", url="javascript:alert(1)"),
                did(ALICE, "pageView", "2026-03-03T10:02:00Z", url="https://shop.example/shoes"),
                did(
                    ALICE, "roi", "2026-03-03T10:09:00Z", markerName="Basket", dataType="Numeric", value=19.5
                ),
                did(BOB, "click", "2026-03-03T11:00:00Z"),
            ],
        )
        scene.sync()
        text = text_of(opened(world.account, alice))
        assert told(text) == ["ROI marker", "Looked at a page", "Clicked", "Opened", "Sent"]
        for words in ("Alice Ash", ALICE, "May be mailed.", "Verified double", "Hot", "71", "Basket: 19.5"):
            assert words in text
        assert re.search(r"Newsletter</th><td role=.cell.>Member</td><td role=.cell.>Subscribed<", text)
        assert text.count(">Spring<") == 2
        assert "Spring · javascript:alert(1)" in text
        assert 'href="javascript' not in text
        assert BOB not in text
        assert f"address={ALICE.replace('@', '%40')}" in text
        # The same environment may be that of another account, whose rows are nobody's business here.
        other = EmailAccount.objects.get(pk=world.account.pk)
        other.pk, other.name, other.connector_key, other.is_default = None, "Other", uuid4(), False
        other._state.adding = True
        other.save()
        assert told(text_of(opened(other, alice))) == []

    def test_what_is_older_than_can_be_told_in_order_is_left_to_dynamics(self, scene: Scene) -> None:
        bob = scene.world.add("leads", firstname="Bob", lastname="Birch", emailaddress1=BOB)
        scene.world.sync("suppressions")
        first = datetime(2026, 3, 4, 10, tzinfo=UTC)
        clicks = [
            did(BOB, "click", (first + timedelta(minutes=n)).isoformat(), url=f"https://shop.example/{n}")
            for n in range(ROWS_A_TABLE + 5)
        ]
        scene.send("Spring", activity=[did(BOB, "open", "2026-03-03T10:00:00Z"), *clicks])
        scene.sync()
        text = text_of(opened(scene.world.account, bob, "lead"))
        # The opening may have clicks before and after it that were not read, so it is not told.
        assert told(text) == ["Clicked"] * ROWS_A_TABLE
        assert "https://shop.example/24" in text
        assert "Older ones are on the record in Dynamics." in text
        assert ROWS_A_TABLE < EVENTS_SHOWN

    def test_a_record_that_no_sync_has_read_is_asked_of_dynamics(self, scene: Scene) -> None:
        carol = scene.world.add("contacts", firstname="Carol", emailaddress1=" Carol@Example.com ")
        text = text_of(opened(scene.world.account, carol))
        assert ("carol@example.com" in text, "No sync has read this contact yet" in text) == (True, True)
        assert "May be mailed." not in text
        nameless = scene.world.add("contacts", firstname="Nobody")
        assert "The contact has no e-mail address" in text_of(opened(scene.world.account, nameless))
        assert "Dynamics has no such lead" in text_of(opened(scene.world.account, str(uuid4()), "lead"))

    def test_one_table_that_may_not_be_read_costs_the_others_nothing(self, scene: Scene) -> None:
        world = scene.world
        alice = world.add("contacts", firstname="Alice", emailaddress1=ALICE)
        world.sync("suppressions")
        scene.send("Spring", activity=[did(ALICE, "click")])
        scene.sync()
        world.sandbox_dataverse.control.settings(denied=["prvReadsyncline_EmailSend"])
        text = text_of(opened(world.account, alice))
        assert told(text) == ["Clicked"]
        assert "Not read: what was sent and opened." in text

    def test_whoever_opted_out_is_told_first(self, away: EmailAccount) -> None:
        dave = know(away, "dave@contoso.example", CrmFlag.DO_NOT_BULK_EMAIL)
        since = datetime(2026, 3, 1, tzinfo=UTC)
        Suppression.objects.create(
            account_id=away.pk, person_key="dave@contoso.example", reason="unsubscribed", since=since
        )
        text = text_of(opened(away, dave))
        assert ("Not to be mailed." in text, "May be mailed." in text) == (True, False)
        for words in ("Unsubscribed", "They unsubscribed from everything.", "Do Not Bulk Email"):
            assert words in text

    def test_where_anything_is_uncertain_it_does_not_say_that_they_may_be_mailed(self, scene: Scene) -> None:
        account = scene.world.account
        alice = scene.world.add("contacts", firstname="Alice", emailaddress1=ALICE)
        scene.world.sync("suppressions")
        sure, unsure = "May be mailed.", "It is not certain that they may be mailed."
        assert unsure in text_of(opened(account, alice))
        store.save_persons([(account.pk, ALICE, 4711, "", "subscribed", "{}", "{}")])
        assert sure in text_of(opened(account, alice))
        # Dotdigital tells it of the campaign; the sync of suppressions has not run since.
        scene.send("Spring", activity=[did(ALICE, "unsubscribe")])
        scene.sync()
        text = text_of(opened(account, alice))
        assert (unsure in text, sure in text, "They left by a campaign below." in text) == (True, False, True)

    def test_without_dynamics_it_says_what_syncline_knows(self, away: EmailAccount) -> None:
        text = text_of(opened(away, know(away, "dave@contoso.example")))
        assert ("Dave Hall" in text, "Dynamics could not be asked." in text) == (True, True)
        assert "The stored Dynamics credentials of Contoso cannot be read" in text


class TestWhoMaySeeIt:
    def test_the_environment_alone_may_frame_it_and_nothing_may_run_in_it(self, away: EmailAccount) -> None:
        answer = opened(away, know(away, "dave@contoso.example"))
        told = policy(answer)
        assert told["frame-ancestors"] == "https://contoso.crm4.dynamics.com"
        assert {told[name] for name in ("script-src", "connect-src", "form-action", "default-src")} == {
            "'none'"
        }
        assert "X-Frame-Options" not in answer
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["Cache-Control"] == "private, no-store"
        assert not answer.cookies
        assert b"<script" not in answer.content

    def test_every_other_page_stays_out_of_every_frame(self, manager: Client, away: EmailAccount) -> None:
        answer = manager.get(reverse("why", args=[away.pk]))
        assert policy(answer)["frame-ancestors"] == "'none'"
        assert answer["X-Frame-Options"] == "DENY"

    def test_an_old_link_shows_nothing_and_says_so_where_it_was_shown(
        self, away: EmailAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dave = know(away, "dave@contoso.example")
        monkeypatch.setattr(record_links, "GOOD_FOR", timedelta(seconds=-1))
        answer = opened(away, dave)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert ("This link has expired" in text_of(answer), "Dave" in text_of(answer)) == (True, False)
        assert policy(answer)["frame-ancestors"] == "https://contoso.crm4.dynamics.com"

    def test_a_link_that_is_none_of_ours_shows_nothing_anywhere(self, away: EmailAccount) -> None:
        dave = know(away, "dave@contoso.example")
        link = link_text(LinkedRecord(away.pk, "contact", dave))
        gone = make_account("Gone", dataverse_url=ELSEWHERE)
        of_the_gone = link_text(LinkedRecord(gone.pk, "contact", dave))
        gone.delete()
        for bad in (link[:-8] + "AAAAAAAA", dave, of_the_gone):
            answer = Client().get(reverse("record", args=[bad]))
            assert answer.status_code == HTTPStatus.FORBIDDEN
            assert ("This link is not valid" in text_of(answer), "Dave" in text_of(answer)) == (True, False)
            assert policy(answer)["frame-ancestors"] == "'none'"
            assert answer["X-Frame-Options"] == "DENY"

    def test_a_program_with_a_token_gets_a_link_and_a_form_shows_it(self, away: EmailAccount) -> None:
        dave = know(away, "dave@contoso.example")
        secret = new_token("Dynamics form", Role.VIEWER)
        program = Client(headers={"Authorization": f"Bearer {secret}"})
        address = f"/api/v1/accounts/{away.pk}/record-links"
        wanted = {"table": "contact", "record_id": dave.upper()}
        made = program.post(address, wanted, content_type="application/json").json()
        left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
        assert timedelta(minutes=4) < left <= timedelta(minutes=5)
        assert made["url"].startswith("http://testserver/record/")
        assert "Dave Hall" in text_of(Client().get(made["url"].removeprefix("http://testserver")))
        for wrong in ({"table": "account", "record_id": dave}, {"table": "lead", "record_id": "x"}):
            assert program.post(address, wrong, content_type="application/json").status_code == 422

    def test_somebody_signed_in_gets_there_from_why(self, manager: Client, away: EmailAccount) -> None:
        dave = know(away, "dave@contoso.example")
        text = manager.get(reverse("why", args=[away.pk]), {"address": "dave@contoso.example"}).content
        way = reverse("record-open", args=[away.pk, "contact", dave])
        assert way.encode() in text
        assert "Dave Hall" in text_of(manager.get(way, follow=True))
        for table, record_id in (("account", dave), ("contact", "dave")):
            assert manager.get(reverse("record-open", args=[away.pk, table, record_id])).status_code == 404
