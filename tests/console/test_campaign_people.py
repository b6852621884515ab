"""Who opened, clicked, left, bounced or bought: asked of Dynamics itself, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.campaign_world import make_campaign
from console.world import make_account
from syncline.accounts.models import EmailAccount
from syncline.campaigns.models import Campaign
from syncline.console.campaign_people import PEOPLE_A_PAGE
from tests.syncs.campaigns.conftest import provisioned as provisioned
from tests.syncs.campaigns.conftest import scene as scene
from tests.syncs.campaigns.conftest import world as world
from tests.syncs.campaigns.scene import ALICE, BOB, CAROL, MONDAY, Scene, did

DAVE = "dave@example.com"


def page(client: Client, campaign: Campaign, what: str, **query: str) -> str:
    address = reverse("campaign-people", args=[campaign.account_id, campaign.campaign_id, what])
    answer = client.get(address, query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def shown(text: str) -> list[str]:
    return re.findall(r'class="row-title(?: break)?">([^<]+)<', text)


def spring(
    scene: Scene, activity: Sequence[dict[str, Any]], to: Sequence[str] = (ALICE, BOB, CAROL)
) -> Campaign:
    scene.send("Spring", to=to, activity=activity)
    scene.sync()
    return scene.known("Spring")


def test_who_did_what_is_read_from_dynamics(scene: Scene, manager: Client) -> None:
    campaign = spring(
        scene,
        [
            did(ALICE, "open", "2026-03-03T10:00:00Z"),
            did(BOB, "open", "2026-03-04T10:00:00Z"),
            did(BOB, "click", "2026-03-04T10:01:00Z", url="https://shop.example/?a=1&b=2"),
            did(BOB, "unsubscribe", "2026-03-04T10:02:00Z"),
            did(CAROL, "hardBounce", "2026-03-02T09:00:10Z"),
            did(DAVE, "softBounce", "2026-03-02T09:10:00Z"),
            did(ALICE, "roi", markerName="Basket", dataType="Numeric", value=19.5),
        ],
        to=[ALICE, BOB, CAROL, DAVE],
    )
    assert shown(page(manager, campaign, "opened")) == [BOB, ALICE]
    clicked = page(manager, campaign, "clicked")
    assert (shown(clicked), "https://shop.example/?a=1&b=2" in clicked) == ([BOB], True)
    assert shown(page(manager, campaign, "left")) == [BOB]
    bounced = page(manager, campaign, "bounced")
    assert shown(bounced) == [CAROL, DAVE]
    assert ("For good (hard bounce)" in bounced, "For now (soft bounce)" in bounced) == (True, True)
    bought = page(manager, campaign, "bought")
    assert (shown(bought), "Basket" in bought, "19.5" in bought) == ([ALICE], True, True)


def test_somebody_known_leads_to_their_record_and_a_stranger_does_not(scene: Scene, manager: Client) -> None:
    alice = scene.world.add("contacts", firstname="Alice", lastname="Ash", emailaddress1=ALICE)
    scene.world.sync("suppressions")
    campaign = spring(scene, [did(ALICE, "open"), did(BOB, "open")])
    text = page(manager, campaign, "opened", address="alice")
    assert (shown(text), f"etn=contact&id={alice}" in text, "Alice Ash" in text) == ([ALICE], True, True)
    text = page(manager, campaign, "opened", address="BOB")
    assert (shown(text), "Nobody known" in text) == ([BOB], True)
    assert "Nobody with such an address" in page(manager, campaign, "opened", address="o'hara")


def test_many_come_in_pages_each_of_one_call_and_nobody_twice(scene: Scene, manager: Client) -> None:
    people = [f"p{number:03}@example.com" for number in range(2 * PEOPLE_A_PAGE + 5)]
    monday = datetime.fromisoformat(MONDAY).astimezone(UTC)
    # All at the same few moments, so that pages begin within one of them.
    opens = [
        did(email, "open", f"{monday + timedelta(hours=1 + number // 40):%Y-%m-%dT%H:%M:%SZ}")
        for number, email in enumerate(people)
    ]
    campaign = spring(scene, opens, to=people)
    found: list[str] = []
    query: dict[str, str] = {}
    for size in (PEOPLE_A_PAGE, PEOPLE_A_PAGE, 5):
        scene.world.sandbox_dataverse.control.clear_journal()
        text = page(manager, campaign, "opened", **query)
        assert scene.world.sandbox_dataverse.control.calls("GET /syncline_emailsends") == 1
        assert len(shown(text)) == size
        found += shown(text)
        after = re.search(r'rel="next" href="\?(?:[^"]*&)?after=([^"&]+)', text)
        query = {"after": after[1].replace("%3A", ":")} if after else {}
    assert (sorted(found), query) == (people, {})


def test_a_link_that_is_not_ours_leads_to_the_first_page(scene: Scene, manager: Client) -> None:
    campaign = spring(scene, [did(ALICE, "open")])
    address = reverse("campaign-people", args=[campaign.account_id, campaign.campaign_id, "opened"])
    scene.world.sandbox_dataverse.control.clear_journal()
    answer = manager.get(address, {"after": "http://elsewhere.example/contacts"})
    assert (answer.status_code, answer.headers["Location"]) == (302, address)
    assert scene.world.sandbox_dataverse.control.journal()["routes"] == {}


def test_dynamics_that_refuses_or_is_away_is_told(scene: Scene, manager: Client) -> None:
    campaign = spring(scene, [did(ALICE, "open")])
    control = scene.world.sandbox_dataverse.control
    control.settings(denied=["prvReadsyncline_EmailSend"])
    text = page(manager, campaign, "opened")
    assert "Dynamics could not be asked." in text
    assert "prvRead" in text
    control.settings(denied=[])
    EmailAccount.objects.update(dataverse_url="http://127.0.0.1:9", dataverse_authority="http://127.0.0.1:9")
    text = page(manager, campaign, "opened")
    assert ("Dynamics could not be asked." in text, "Try again" in text) == (True, True)


@pytest.mark.parametrize("level", ["summary", "detailed"])
def test_of_a_campaign_that_dynamics_does_not_know_nobody_is_asked(
    level: str, manager: Client, contoso: EmailAccount
) -> None:
    campaign = make_campaign(contoso, "Spring", told_digest="", level=level)
    text = page(manager, campaign, "opened")
    assert "Dynamics holds nobody here" in text
    assert ("at Summary" in text) == (level == "summary")


def test_there_is_no_page_of_anything_else(manager: Client, contoso: EmailAccount) -> None:
    campaign = make_campaign(contoso, "Spring")
    assert (
        manager.get(reverse("campaign-people", args=[contoso.pk, campaign.campaign_id, "x"])).status_code
        == 404
    )
    theirs = make_campaign(make_account("Fabrikam"), "Theirs")
    where = reverse("campaign-people", args=[contoso.pk, theirs.campaign_id, "opened"])
    assert manager.get(where).status_code == 404
