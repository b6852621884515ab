"""Account Administration, in a real browser and with the keyboard."""

import pytest
from playwright.sync_api import Page, expect

from end_to_end.pages import pages_of
from end_to_end.scene import Scene
from end_to_end.test_main_flow import answer_next_dialog, press, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_hole_is_closed_with_the_keyboard_and_leaving_unsaved_warns(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["administration"])
    warning = page.get_by_text("Records that are not active can come into a marketing list")
    expect(warning).to_be_visible()
    switch = page.get_by_role("switch", name="Let them back in through Dotdigital")
    tab_to(page, switch)
    page.keyboard.press("Space")
    expect(page.get_by_text("You have unsaved changes.")).to_be_visible()
    warned = answer_next_dialog(page, accept=False)
    press(page, page.locator(".tab", has_text="General"))
    assert warned == ["beforeunload"]
    press(page, page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Saved. The changes are in effect.")).to_be_visible()
    expect(warning).to_be_hidden()
    expect(switch).not_to_be_checked()
    scene.contoso.refresh_from_db()
    assert not scene.contoso.readmit_inactive
