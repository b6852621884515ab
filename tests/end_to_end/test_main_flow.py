"""Alice's working day, with the keyboard alone, and the live parts of the pages."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from console.world import PASSWORD
from end_to_end.conftest import OpenPage
from end_to_end.pages import pages_of
from end_to_end.scene import Scene
from syncline.ledger.models import Run, RunStatus

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_main_flow_with_the_keyboard_alone(visit: OpenPage, scene: Scene) -> None:
    with visit() as page:
        page.goto("/")
        page.keyboard.type("alice")  # The first field has the focus.
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        press(page, page.get_by_role("link", name="Contoso"))
        press(page, page.get_by_role("link", name="Scheduled Sync Settings"))

        interval = page.get_by_label("Interval of Data field labels")
        tab_to(page, interval)
        page.keyboard.press("ArrowDown")  # Once a day → Once a week.
        expect(interval).to_have_value("1w")
        expect(page.get_by_text("You have unsaved changes.")).to_be_visible()

        warned = answer_next_dialog(page, accept=False)
        press(page, page.locator(".tab", has_text="General"))
        assert warned == ["beforeunload"]
        expect(page).to_have_title("Contoso: Scheduled Sync Settings – Syncline")
        expect(interval).to_have_value("1w")

        press(page, page.get_by_role("button", name="Save"))
        expect(page.get_by_text("Saved. The changes are in effect.")).to_be_visible()
        expect(page.get_by_text("You have unsaved changes.")).to_be_hidden()
        assert scene.contoso.schedules.get(sync_type="labels").interval == "1w"

        press(page, page.get_by_role("button", name="Sync Now: Data field labels"))
        expect(page.locator("#status-labels")).to_contain_text("Added to Queue")
        press(page, page.get_by_role("button", name="Cancel: Data field labels"))
        expect(page.locator("#status-labels")).to_contain_text("None")
        expect(page.get_by_role("button", name="Sync Now: Data field labels")).to_be_focused()

        press(page, page.get_by_role("link", name="Sync Audit"))
        press(page, page.locator(f'a[href*="{scene.past.run.key}"]'))
        tab_to(page, page.get_by_placeholder("E-mail address"))
        page.keyboard.type("poison@contoso.example")
        page.keyboard.press("Enter")
        expect(page.locator(".record-table tbody tr")).to_have_count(1)
        expect(page.locator(".record-table")).to_contain_text("The postcode is too long.")
        assert "address=poison%40contoso.example" in page.url
        expect(page.get_by_placeholder("E-mail address")).to_be_focused()


def test_status_and_progress_move_without_reloading(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["schedule"])
    interval = page.get_by_label("Interval of Two-way marketing list sync")
    interval.select_option("2h")
    interval.focus()
    status = page.locator("#status-lists_out")
    expect(status).to_contain_text("61,440 of 100,000")
    Run.objects.filter(pk=scene.running.pk).update(progress_done=99_000)
    expect(status).to_contain_text("99,000 of 100,000")
    Run.objects.filter(pk=scene.running.pk).update(
        status=RunStatus.FAILED, ended_at=datetime.now(UTC), message_code="internal_error"
    )
    expect(status).to_contain_text("None")
    expect(page.locator("#last-lists_out")).to_contain_text("Failed")
    # What was chosen and not saved yet has stayed, and so has the focus.
    expect(interval).to_have_value("2h")
    expect(interval).to_be_focused()
    expect(page.get_by_text("You have unsaved changes.")).to_be_visible()
    answer_next_dialog(page, accept=True)
    page.goto("/")


def test_cancel_of_a_run_under_way(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["schedule"])
    page.get_by_role("button", name="Cancel: Two-way marketing list sync").click()
    expect(page.locator("#status-lists_out")).to_contain_text("Stopping at the next safe point")
    expect(page.locator("#notices")).to_contain_text("stops at its next safe point")
    expect(page.get_by_role("button", name="Cancel: Two-way marketing list sync")).to_have_count(0)
    assert Run.objects.get(pk=scene.running.pk).cancel_requested_by == "alice"


def test_the_page_of_a_run_follows_it_to_its_end(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["run-running"])
    expect(page.locator("#run-summary")).to_contain_text("61,440 of 100,000")
    Run.objects.filter(pk=scene.running.pk).update(progress_done=70_000)
    expect(page.locator("#run-summary")).to_contain_text("70,000 of 100,000")
    Run.objects.filter(pk=scene.running.pk).update(
        status=RunStatus.COMPLETED, ended_at=datetime.now(UTC), read=100_000, unchanged=100_000
    )
    expect(page.locator("#run-summary")).to_contain_text("Completed")
    expect(page.locator(".counts")).to_contain_text("100,000")


def test_the_audit_follows_what_is_under_way(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["audit"])
    row = page.locator(f"#run-{scene.running.pk}")
    expect(row).to_contain_text("In Progress")
    Run.objects.filter(pk=scene.running.pk).update(status=RunStatus.COMPLETED, ended_at=datetime.now(UTC))
    expect(row).to_contain_text("Completed")


def test_the_preview_shows_what_is_chosen_and_not_what_is_saved(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["schedule"])
    page.get_by_label("Sync window of Two-way marketing list sync").select_option("weekends")
    page.locator("#preview-lists_out").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The next 20 runs")
    expect(dialog).to_contain_text("4 hours · Weekends")
    expect(dialog).to_contain_text("Saturday")
    expect(dialog).not_to_contain_text("Tuesday")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#preview-lists_out")).to_be_focused()
    answer_next_dialog(page, accept=True)
    page.goto("/")


def test_a_viewer_can_preview_too(visit: OpenPage, scene: Scene) -> None:
    type(scene.alice).objects.filter(pk=scene.alice.pk).update(role="viewer")
    with visit() as page:
        page.goto("/sign-in")
        page.get_by_label("User name").fill("alice")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.goto(pages_of(scene)["schedule"])
        page.locator("#preview-lists_out").click()
        expect(page.get_by_role("dialog")).to_contain_text("4 hours · Monday to Friday (6pm - 8am)")
        expect(page.get_by_role("button", name="Save")).to_have_count(0)


def test_specific_time_is_offered_only_where_it_can_be(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["schedule"])
    interval = page.get_by_label("Interval of CRM metadata")
    window = page.get_by_label("Sync window of CRM metadata")
    time = page.locator('[name="time-crm_metadata"]')
    expect(window.locator('option[value="specific"]')).to_be_disabled()
    interval.select_option("1w")
    window.select_option("specific")
    expect(time).to_be_visible()
    expect(page.locator('[name="weekday-crm_metadata"]')).to_be_visible()
    interval.select_option("4h")
    expect(window).to_have_value("any")
    expect(time).to_be_hidden()
    page.get_by_role("link", name="Discard").click()  # Without a warning: that is what it is for.
    expect(interval).to_have_value("8h")


def test_a_window_is_painted_with_the_keyboard_and_with_the_mouse(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["window-new"])
    page.get_by_label("Name").fill("Mornings")
    tab_to(page, page.get_by_label("Monday 00:00 to 01:00"))
    for key in ("ArrowRight", "Space", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(page.get_by_text("4 of 168 hours a week")).to_be_visible()
    first, last = (page.get_by_label(f"Friday {hour}") for hour in ("08:00 to 09:00", "11:00 to 12:00"))
    first.hover()
    page.mouse.down()
    for hour in ("09:00 to 10:00", "10:00 to 11:00", "11:00 to 12:00"):
        page.get_by_label(f"Friday {hour}").hover()
    page.mouse.up()
    expect(first).to_be_checked()
    expect(last).to_be_checked()
    page.get_by_role("button", name="Paint the whole Sunday").click()
    expect(page.get_by_text("32 of 168 hours a week")).to_be_visible()
    page.get_by_label("Saturday 00:00 to 01:00").click()
    expect(page.get_by_text("33 of 168 hours a week")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The window Mornings was saved.")).to_be_visible()
    hours = scene.contoso.windows.get(name="Mornings").hours
    days = [hours[day * 24 : day * 24 + 24] for day in range(7)]
    assert days[0] == "0111" + "0" * 20
    assert days[1] == "0001" + "0" * 20
    assert days[4] == "0" * 8 + "1111" + "0" * 12
    assert days[5] == "1" + "0" * 23
    assert days[6] == "1" * 24


def test_the_theme_switches_without_losing_what_is_unsaved_and_is_remembered(
    page: Page, scene: Scene
) -> None:
    page.goto(pages_of(scene)["general"])
    page.get_by_label("Description").fill("typed with care")
    with page.expect_response("**/theme"):
        page.get_by_role("button", name="Switch to dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_label("Description")).to_have_value("typed with care")
    expect(page.get_by_role("button", name="Switch to light")).to_be_focused()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(20, 20, 20)"


def test_on_a_phone_the_menu_is_a_drawer(visit: OpenPage, scene: Scene) -> None:
    with visit(width=400) as page:
        page.goto("/sign-in")
        page.get_by_label("User name").fill("alice")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.goto(pages_of(scene)["audit"])
        link = page.locator(".drawer").get_by_role("link", name="Email Accounts")
        expect(link).to_be_hidden()
        page.locator(".drawer summary").click()
        link.click()
        expect(page.get_by_role("heading", name="Active Email Accounts")).to_be_visible()


def test_signing_out_elsewhere_takes_an_open_page_to_the_sign_in(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["schedule"])
    page.context.clear_cookies(name="sessionid")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


MOST_TABS = 120
"""More than any page has stops: the schedule has some seven for each sync type."""


def tab_to(page: Page, target: Locator) -> None:
    """Reach it with Tab alone, as a person would."""
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead there")


def press(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def answer_next_dialog(page: Page, *, accept: bool) -> list[str]:
    """Answers the browser's next question; the list then holds its kind."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if accept:
            dialog.accept()
        else:
            dialog.dismiss()

    page.once("dialog", answer)
    return asked
