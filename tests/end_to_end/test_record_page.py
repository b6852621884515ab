"""The page of one record in a real browser: in a frame of its environment, and of anybody else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from console.world import make_list
from end_to_end.browser import WIDTHS
from end_to_end.conftest import OpenPage
from end_to_end.test_accessibility import problems_of
from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.models import EmailAccount
from syncline.accounts.record_links import LinkedRecord, frame_of, link_text
from syncline.people import store
from syncline.people.store.scores import Scored, save_scores
from tests.syncs.campaigns.conftest import provisioned as provisioned
from tests.syncs.campaigns.conftest import world as world
from tests.syncs.campaigns.scene import ALICE, NOW, Scene, did, of_every_kind
from tests.syncs.world import World

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.django_db(transaction=True)]

ANYBODY_ELSE = "http://127.0.0.1:9"


@pytest.fixture
def alice(provisioned: World) -> LinkedRecord:
    """Somebody who did everything."""
    provisioned.sandbox_dotdigital.control.set_clock(NOW)
    provisioned.account.campaign_level = CampaignLevel.DETAILED
    provisioned.account.save()
    scene = Scene(provisioned)
    record_id = scene.world.add("contacts", firstname="Alice", lastname="Ash", emailaddress1=ALICE)
    scene.world.sync("suppressions")
    account = provisioned.account.pk
    newsletter = make_list(provisioned.account, "Newsletter with a name that goes on and on")
    store.save_members(newsletter.pk, [record_id], 1)
    store.save_places([(newsletter.pk, ALICE, "subscribed", True, 1)])
    save_scores(account, [(ALICE, Scored(71, 80, 62, "Hot", "2026-03-01T00:00:00Z"))])
    scene.send("Spring", activity=[did(ALICE, "open"), *of_every_kind(ALICE), did(ALICE, "unsubscribe")])
    scene.sync()
    return LinkedRecord(account, "contact", record_id)


def form_with(page: Page, origin: str, framed: str) -> None:
    """A page of that origin which shows another in a frame, as a form of Dynamics does."""

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html", body=f'<iframe src="{framed}" width="600" height="800">')

    page.route(f"{origin}/main.aspx", answer)
    page.goto(f"{origin}/main.aspx")


def test_it_reads_well_in_both_widths_and_themes(visit: OpenPage, alice: LinkedRecord) -> None:
    for width in WIDTHS.values():
        for theme in ("light", "dark"):
            with visit(width=width, theme=theme) as page:
                page.goto(f"/record/{link_text(alice)}")
                expect(page.get_by_role("heading", name="Alice Ash")).to_be_visible()
                expect(page.locator(".timeline-event").first).to_be_visible()
                assert problems_of(page) == []


def test_the_environment_frames_it_and_nobody_else(
    browser: Browser, live_server: LiveServer, alice: LinkedRecord
) -> None:
    account = EmailAccount.objects.get(pk=alice.account_id)
    address = f"{live_server.url}/record/{link_text(alice)}"
    page = browser.new_page()
    try:
        form_with(page, frame_of(account), address)
        heading = page.frame_locator("iframe").get_by_role("heading", name="Alice Ash")
        expect(heading).to_be_visible()
        with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            form_with(page, ANYBODY_ELSE, address)
        expect(heading).not_to_be_visible()
    finally:
        page.close()
