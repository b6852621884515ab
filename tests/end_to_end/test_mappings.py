"""Email Data Labels and Data Mappings in a browser, with the keyboard."""

import pytest
from playwright.sync_api import Page, expect

from end_to_end.conftest import OpenPage
from end_to_end.pages import pages_of, sign_in
from end_to_end.scene import Scene
from end_to_end.test_accessibility import problems_of
from end_to_end.test_main_flow import answer_next_dialog, press, tab_to
from syncline.accounts.models import AdminLogEntry
from syncline.mapping.models import FieldMapping, Label

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_mapping_is_made_with_the_keyboard_alone(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["general"])
    press(page, page.get_by_label("More pages of this account"))
    press(page, page.get_by_role("link", name="Data Mappings"))
    tab_to(page, page.get_by_placeholder("Column or label"))
    page.keyboard.type("job")
    page.keyboard.press("Enter")
    press(page, page.get_by_role("link", name="Map Job Title"))

    preview = page.locator("#preview")
    expect(preview).to_contain_text("Choose a label")
    label = page.get_by_label("Label *")
    tab_to(page, label)
    page.keyboard.type("GEN")
    expect(label).to_have_value("GENDER")
    expect(preview).to_contain_text("Director")
    tab_to(page, page.get_by_label("Both ways"))
    expect(page.get_by_role("group", name="When both sides changed")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("To Dotdigital")).to_be_checked()
    expect(page.get_by_role("group", name="When both sides changed")).to_be_hidden()

    warned = answer_next_dialog(page, accept=False)
    press(page, page.locator(".tab", has_text="General"))
    assert warned == ["beforeunload"]
    expect(page.get_by_text("You have unsaved changes.")).to_be_visible()
    press(page, page.get_by_role("button", name="Save"))
    expect(page.get_by_text("is mapped to GENDER")).to_be_visible()
    made = FieldMapping.objects.get(account=scene.contoso, entity="contact", label="GENDER")
    assert (made.crm_field, made.direction) == ("jobtitle", "to_dotdigital")
    assert AdminLogEntry.objects.filter(action="mapping added").count() == 1


def test_the_preview_follows_what_is_chosen(page: Page, scene: Scene) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "preview" in request.url else None)
    page.goto(pages_of(scene)["mapping"])
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Dotdigital would get")
    expect(preview.get_by_role("row", name="Bob Bobson")).to_contain_text("Differs.")
    assert not problems_of(page)
    page.get_by_label("To Dynamics").check()
    expect(preview).to_contain_text("Dynamics would get")
    assert not any("csrf" in url for url in asked)
    page.get_by_role("link", name="Discard").click()
    expect(page.get_by_label("Both ways")).to_be_checked()


def test_a_mapping_is_removed_only_after_asking(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["mapping"])
    yes = page.get_by_role("button", name="Yes, remove it")
    expect(yes).to_be_hidden()
    press(page, page.locator("summary", has_text="Remove this mapping"))
    press(page, yes)
    expect(page.get_by_text("is no longer mapped to POSTCODE")).to_be_visible()
    assert not FieldMapping.objects.filter(entity="contact", label="POSTCODE").exists()


def test_the_preview_of_a_whole_table(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["mappings"])
    page.get_by_role("link", name="Preview with live rows").click()
    expect(page.get_by_role("heading", name="Alice Ashdown")).to_be_visible()
    carol = page.locator("section", has=page.get_by_role("heading", name="Carol Ünlü"))
    expect(carol).to_contain_text("Not in Dotdigital yet")
    assert not problems_of(page)


def test_a_label_is_made_with_help_while_typing(page: Page, scene: Scene) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "check" in request.url else None)
    page.goto(pages_of(scene)["labels"])
    press(page, page.get_by_role("link", name="New label"))
    name = page.get_by_label("Name *")
    tab_to(page, name)
    page.keyboard.type("shoe size")
    expect(page.locator("#name-help")).to_contain_text("holds a space")
    page.keyboard.press("Control+a")
    page.keyboard.type("shoesize")
    expect(page.locator("#name-help")).to_contain_text("Will be called SHOESIZE")
    tab_to(page, page.get_by_label("Type"))
    page.keyboard.type("Num")
    expect(page.locator("#default-help")).to_contain_text("A number with a point")
    tab_to(page, page.get_by_label("Default value"))
    page.keyboard.type("big")
    expect(page.locator("#default-help")).to_contain_text("“big” is not a number")
    page.keyboard.press("Control+a")
    page.keyboard.type("42")
    expect(page.locator("#default-help .problem")).to_have_count(0)
    assert asked
    assert not any("csrf" in url for url in asked)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The label SHOESIZE was created.")).to_be_visible()
    assert Label.objects.get(name="SHOESIZE").default_value == 42
    expect(page.get_by_role("row", name="SHOESIZE")).to_contain_text("Waiting for the label sync")


def test_leaving_a_description_unsaved_warns(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["label"])
    page.get_by_label("Description").fill("typed with care")
    warned = answer_next_dialog(page, accept=False)
    page.locator(".tab", has_text="General").click()
    assert warned == ["beforeunload"]
    expect(page.get_by_label("Description")).to_have_value("typed with care")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The description of VIP was saved.")).to_be_visible()


def test_on_a_phone_the_open_tab_is_in_sight_and_the_menu_within_reach(visit: OpenPage, scene: Scene) -> None:
    with visit(width=400) as page:
        sign_in(page)
        page.goto(pages_of(scene)["mappings"])
        expect(page.locator(".tab[aria-current]")).to_be_in_viewport()
        page.get_by_label("More pages of this account").click()
        item = page.locator(".dropdown-item", has_text="Data Mappings")
        expect(item).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(item).to_be_hidden()
