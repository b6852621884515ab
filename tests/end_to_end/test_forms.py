"""Forms, in a real browser and with the keyboard."""

import pytest
from playwright.sync_api import Page, expect

from end_to_end.pages import pages_of
from end_to_end.scene import Scene
from end_to_end.test_main_flow import press, tab_to
from syncline.forms.mapping import fields_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_form_is_found_through_the_menu_and_mapped_with_the_keyboard(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["general"])
    press(page, page.get_by_label("More pages of this account"))
    press(page, page.get_by_role("link", name="Forms", exact=True))
    press(page, page.get_by_role("link", name="Trail weekend registration"))
    box = page.get_by_label("Column of leads for Happy with: Guide")
    tab_to(page, box)
    page.keyboard.type("jobtitle")
    expect(page.get_by_text("You have unsaved changes.")).to_be_visible()
    press(page, page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Nothing was saved.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Happy with: Guide")
    expect(row).to_contain_text("a column takes one answer")
    page.get_by_label("Column of leads for Job title").fill("")
    press(page, page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Saved. It holds for the responses that come from now on.")).to_be_visible()
    scene.walk.refresh_from_db()
    leads = [(one.column, one.question, one.line) for one in fields_of(scene.walk) if one.table == "lead"]
    assert leads == [("jobtitle", 3, 5)]
