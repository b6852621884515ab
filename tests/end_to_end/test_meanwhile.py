"""Two managers at one form, in a browser."""

import pytest
from playwright.sync_api import Page, expect

from end_to_end.pages import pages_of
from end_to_end.scene import Scene
from end_to_end.test_accessibility import problems_of
from end_to_end.test_main_flow import answer_next_dialog
from syncline.accounts.admin_log import Actor
from syncline.accounts.changing import change_general

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_whoever_saves_second_is_told_and_looks_at_what_the_other_saved(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["general"])
    page.get_by_label("Description").fill("Ours")
    change_general(scene.contoso, by=Actor("bob", "10.0.0.2"), description="Bob's")

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("bob changed this on")).to_be_visible()
    expect(page.get_by_label("Description")).to_have_value("Ours")
    expect(page.get_by_text("You have unsaved changes.")).to_be_visible()
    assert not problems_of(page)

    warned = answer_next_dialog(page, accept=True)
    page.get_by_role("link", name="Discard").click()
    expect(page.get_by_label("Description")).to_have_value("Bob's")
    assert not warned
    page.get_by_label("Description").fill("Ours")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
