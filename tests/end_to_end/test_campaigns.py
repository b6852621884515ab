"""Email Campaigns, in a real browser and with the keyboard."""

import pytest
from playwright.sync_api import Page, expect

from end_to_end.pages import pages_of
from end_to_end.scene import Scene
from end_to_end.test_main_flow import press, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_campaigns_are_found_through_the_menu_and_get_a_level_with_the_keyboard(
    page: Page, scene: Scene
) -> None:
    page.goto(pages_of(scene)["general"])
    press(page, page.get_by_label("More pages of this account"))
    press(page, page.get_by_role("link", name="Email Campaigns"))
    row = page.get_by_role("row").filter(has_text="Spring collection")
    expect(row).to_contain_text("35.0 %")
    button = page.get_by_role("button", name="Set level")
    expect(button).to_have_attribute("aria-disabled", "true")
    tab_to(page, page.get_by_label("Level of the chosen campaigns"))
    page.keyboard.type("Sum")
    tab_to(page, row.get_by_role("checkbox"))
    page.keyboard.press("Space")
    expect(button).to_have_text("Set level (1)")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved: 1 campaign at Summary.")).to_be_visible()
    scene.spring.refresh_from_db()
    assert scene.spring.level == "summary"


def test_the_level_of_the_account_is_saved_and_leaving_unsaved_warns(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["campaigns"])
    page.get_by_label("Campaigns without a level of their own").select_option("Detailed")
    expect(page.get_by_text("You have unsaved changes.")).to_be_visible()
    press(page, page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Saved. The next sync of campaigns goes by it.")).to_be_visible()
    scene.contoso.refresh_from_db()
    assert scene.contoso.campaign_level == "detailed"


def test_a_campaign_tells_how_it_went_and_gets_its_own_level(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["campaigns"])
    press(page, page.get_by_role("link", name="Spring collection"))
    expect(page.get_by_role("img", name="Opens and clicks by day")).to_be_visible()
    numbers = page.get_by_role("table", name="What happened by day")
    expect(numbers).to_be_hidden()
    press(page, page.get_by_text("The numbers by day"))
    expect(numbers.get_by_role("row")).to_have_count(11)
    expect(numbers.get_by_role("row").nth(1)).to_contain_text("2,204")
    page.get_by_label("Level of this campaign").select_option("None")
    press(page, page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Saved. The next sync of campaigns goes by it.")).to_be_visible()
    scene.spring.refresh_from_db()
    assert scene.spring.level == "none"


def test_a_set_of_data_that_failed_says_what_and_why(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["campaign-failed"])
    row = page.get_by_role("row").filter(has_text="Who followed which link")
    expect(row).to_contain_text("EmailClicks have failed to sync for this Email Campaign")
    expect(row).to_contain_text("Let an operator run")
