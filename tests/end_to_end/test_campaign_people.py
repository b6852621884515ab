"""Who did what with a campaign, in a real browser, asked of a real Dynamics."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from console.world import make_user
from end_to_end.conftest import OpenPage
from end_to_end.pages import sign_in
from end_to_end.test_accessibility import problems_of
from end_to_end.test_main_flow import press
from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.roles import Role
from syncline.console.campaign_people import PEOPLE_A_PAGE
from tests.syncs.campaigns.conftest import provisioned as provisioned
from tests.syncs.campaigns.conftest import world as world
from tests.syncs.campaigns.scene import ALICE, NOW, Scene, did
from tests.syncs.world import World

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [1280, 400])
def test_who_opened_is_paged_through_and_leads_to_the_record(
    visit: OpenPage, provisioned: World, width: int
) -> None:
    provisioned.sandbox_dotdigital.control.set_clock(NOW)
    provisioned.account.campaign_level = CampaignLevel.DETAILED
    provisioned.account.save()
    scene = Scene(provisioned)
    scene.world.add("contacts", firstname="Alice", lastname="Ash", emailaddress1=ALICE)
    scene.world.sync("suppressions")
    people = [ALICE, *(f"p{number:03}@example.com" for number in range(PEOPLE_A_PAGE))]
    scene.send("Spring", to=people, activity=[did(email, "open") for email in people])
    scene.sync()
    make_user("alice", Role.MANAGER)
    spring = scene.known("Spring")
    with visit(width=width) as page:
        sign_in(page)
        page.goto(reverse("campaign", args=[spring.account_id, spring.campaign_id]))
        press(page, page.get_by_role("link", name="Opened", exact=True))
        rows = page.locator("tbody tr")
        expect(rows).to_have_count(PEOPLE_A_PAGE)
        assert problems_of(page) == []
        press(page, page.get_by_role("link", name="Next"))
        expect(rows).to_have_count(1)
        press(page, page.get_by_role("link", name="First"))
        expect(rows).to_have_count(PEOPLE_A_PAGE)
        page.get_by_label("E-mail address, or the beginning of one").fill("alice")
        page.keyboard.press("Enter")
        expect(rows).to_have_count(1)
        expect(page.get_by_role("link", name="Alice Ash")).to_be_visible()
        press(page, page.get_by_role("link", name="Bounced"))
        expect(page.get_by_text("Dynamics holds nobody here")).to_be_visible()
