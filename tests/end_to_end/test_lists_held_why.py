"""Marketing Lists, Held Records and Why?, in a real browser and with the keyboard."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from end_to_end.pages import pages_of
from end_to_end.scene import Scene
from end_to_end.test_main_flow import press, tab_to
from syncline.ledger.models import Run, RunStatus
from syncline.lists.models import MarketingList, MembershipAction
from syncline.people.models import Touched

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_chosen_lists_are_synced_with_the_keyboard_alone(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["lists"])
    sync = page.get_by_role("button", name="Sync now")
    expect(sync).to_have_attribute("aria-disabled", "true")
    for name in ("Newsletter", "Events in Zürich"):
        tab_to(page, page.get_by_label(f"Choose {name}"))
        page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Sync now (2)")).to_have_attribute("aria-disabled", "false")
    page.get_by_label("Choose all on this page").focus()
    expect(page.get_by_label("Choose all on this page")).not_to_be_checked()
    sync.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("2 lists will be synced")
    expect(page.locator("#lists-under-way")).to_contain_text("Newsletter, Events in Zürich")
    run = Run.objects.get(status=RunStatus.QUEUED)
    assert run.scope == sorted([scene.past.newsletter.reference, scene.past.events.reference])
    page.get_by_role("link", name="follow the run").click()
    expect(page.locator("#run-summary")).to_contain_text("Added to Queue")


def test_the_lists_follow_what_is_under_way(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["lists"])
    box = page.get_by_label("Choose Newsletter")
    box.check()
    expect(page.locator("#lists-under-way")).to_contain_text("61,440 of 100,000")
    news = MarketingList.objects.filter(pk=scene.past.newsletter.reference)
    news.update(audience={"members": 99, "targets": 98, "no_address": 1}, last_result="99 read: 2 created")
    Run.objects.filter(pk=scene.running.pk).update(status=RunStatus.COMPLETED, ended_at=datetime.now(UTC))
    row = page.locator("tr", has=box)
    expect(row).to_contain_text("98 of 99 would be mailed")
    expect(row).to_contain_text("99 read: 2 created")
    expect(page.locator("#lists-under-way")).not_to_contain_text("61,440")
    expect(box).to_be_checked()  # What was chosen stays chosen.


def test_a_list_is_set_up_with_the_keyboard_alone(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["lists-all"])
    press(page, page.get_by_role("link", name="Suppliers"))
    tab_to(page, page.get_by_label("Activated for Email"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Synchronisation order"))
    page.keyboard.press("Control+a")
    page.keyboard.type("20")
    tab_to(page, page.get_by_label("People who are in the Dotdigital list only"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("You have unsaved changes.")).to_be_visible()
    press(page, page.get_by_role("button", name="Save"))
    expect(page.locator("#notices")).to_contain_text("Saved.")
    suppliers = MarketingList.objects.get(name="Suppliers")
    assert (suppliers.activated, suppliers.sync_order) == (True, 20)
    assert suppliers.membership_action == MembershipAction.REMOVE


def test_a_list_is_unlinked_after_being_told_what_that_means(page: Page, scene: Scene) -> None:
    Run.objects.filter(pk=scene.running.pk).update(status=RunStatus.COMPLETED)
    page.goto(pages_of(scene)["list"])
    expect(page.get_by_role("button", name="Yes, unlink it")).to_be_hidden()
    page.get_by_text("Unlink…").click()
    expect(page.get_by_text("nobody is taken out of that list")).to_be_visible()
    page.get_by_role("button", name="Yes, unlink it").click()
    expect(page.get_by_text("Not linked yet.")).to_be_visible()


def test_held_records_are_narrowed_down_and_replayed(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["held"])
    page.get_by_role("link", name="Dynamics lets nobody into this marketing list, or out of it.").click()
    expect(page.locator(".held-table tbody tr")).to_have_count(1)
    tab_to(page, page.get_by_label("Choose heidi@contoso.example"))
    page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Replay chosen (1)"))
    expect(page.locator("#notices")).to_contain_text("1 record is decided again")
    assert set(Touched.objects.values_list("person_key", flat=True)) == {"heidi@contoso.example"}
    page.locator("#notices").get_by_role("link").click()
    expect(page.locator("#run-summary")).to_contain_text("Manual: alice")


def test_all_on_a_page_are_chosen_at_once(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["held"])
    page.get_by_label("Choose all on this page").check()
    expect(page.get_by_role("button", name="Replay chosen (5)")).to_be_visible()
    page.get_by_label("Choose heidi@contoso.example").uncheck()
    expect(page.get_by_role("button", name="Replay chosen (4)")).to_be_visible()
    assert page.get_by_label("Choose all on this page").evaluate("box => box.indeterminate")


def test_why_is_asked_from_the_audit_and_leads_to_what_decides(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["run"])
    press(page, page.get_by_role("link", name="Why? dave@contoso.example"))
    expect(page.get_by_label("E-mail address")).to_have_value("dave@contoso.example")
    gates = page.get_by_role("list", name="Gates of Two-way marketing list sync")
    expect(gates).to_contain_text("A Dynamics record with this address says Do Not Email.")
    record = gates.get_by_role("link", name="Contact Dave Hall")
    assert "etn=contact&id=0b0a1c2e-0000-4000-8000-00000000da7e" in (record.get_attribute("href") or "")
    press(page, page.get_by_role("link", name="Held record", exact=True))
    expect(page.locator(".held-table tbody tr")).to_have_count(1)


def test_why_is_asked_with_the_keyboard_alone(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["why"])
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type("Dave@Contoso.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="dave@contoso.example")).to_be_visible()
    press(page, page.get_by_role("link", name="List Newsletter").first)
    expect(page.get_by_role("heading", name="Newsletter", exact=True)).to_be_visible()
