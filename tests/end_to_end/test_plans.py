"""A plan from its making to what it wrote, in a browser, on both sandboxes; and what the fuse stopped."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from console.world import make_user
from end_to_end.conftest import OpenPage
from end_to_end.pages import pages_of, sign_in
from end_to_end.scene import Scene
from end_to_end.test_main_flow import press, tab_to
from syncline.accounts.roles import Role
from syncline.ledger.fuse import Limit, limits_of
from syncline.ledger.models import Approval, FuseKind, Purpose, Run, RunStatus
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def maya(visit: OpenPage, world: World) -> Iterator[Page]:
    """Maya, who manages, signed in; both sides are real sandboxes."""
    make_user("maya", Role.MANAGER)
    with visit() as page:
        sign_in(page, "maya")
        yield page


def test_a_plan_is_made_looked_through_approved_and_carried_out_with_the_keyboard_alone(
    maya: Page, world: World
) -> None:
    people = [
        world.add("contacts", firstname=name, emailaddress1=f"{name.lower()}@example.com")
        for name in ("Alice", "Bob")
    ]
    news = world.add_list("News", people)
    maya.goto(f"/settings/email-accounts/{world.account.pk}/plans/")
    press(maya, maya.locator("summary", has_text="Make a plan"))
    press(maya, maya.get_by_role("button", name="Two-way marketing list sync"))
    expect(maya.get_by_text("In the queue.")).to_be_visible()

    plan = world.carry_out(Run.objects.get(plan_only=True))
    expect(maya.locator(".plan-sentence")).to_have_text("Would create 2.")
    tab_to(maya, maya.get_by_placeholder("E-mail address"))
    maya.keyboard.type("alice")
    maya.keyboard.press("Enter")
    expect(maya.locator(".plan-table tbody tr")).to_have_count(1)
    expect(maya.locator(".changes ins").first).to_have_text("Alice")
    assert world.in_book(news) == set()  # Nothing is written until somebody says so.

    world.change("contacts", people[1], lastname="Changed meanwhile")
    press(maya, maya.get_by_role("link", name="Approve…"))
    dialog = maya.get_by_role("dialog")
    expect(dialog).to_contain_text("Would create 2.")
    expect(dialog).to_contain_text("whatever has changed since the plan was made is left out")
    press(maya, dialog.get_by_role("button", name="Approve and write"))
    expect(maya.get_by_text(f"Plan {plan.pk} was approved: this run carries it out.")).to_be_visible()

    run = world.carry_out(Run.objects.get(purpose=Purpose.EXECUTE))
    assert world.in_book(news) == {"alice@example.com"}
    expect(maya.get_by_text("1 record was left out")).to_be_visible()
    press(maya, maya.get_by_role("link", name="Show what was left out"))
    expect(maya.locator(".record-table tbody tr")).to_have_count(1)
    expect(maya.locator(".record-table")).to_contain_text("bob@example.com")
    press(maya, maya.get_by_role("link", name=f"Plan {plan.pk}", exact=True))
    expect(maya.get_by_role("link", name=f"Run {run.pk}", exact=True)).to_be_visible()


def test_the_page_of_a_plan_follows_its_making(maya: Page, world: World) -> None:
    maya.goto(f"/settings/email-accounts/{world.account.pk}/schedule/")
    maya.get_by_role("button", name="Plan: CRM metadata").click()
    expect(maya.get_by_text("In the queue.")).to_be_visible()
    plan = Run.objects.get(plan_only=True)
    Run.objects.filter(pk=plan.pk).update(
        status=RunStatus.RUNNING, progress_done=61, progress_total=100, progress_text="Deciding"
    )
    expect(maya.locator("#plan-summary")).to_contain_text("61 of 100 · Deciding")
    maya.get_by_role("button", name="Cancel").click()
    expect(maya.locator("#plan-summary")).to_contain_text("stopping at the next safe point")


def test_filters_narrow_what_is_shown_and_stay_in_the_address(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["plan"])
    rows = page.locator(".plan-table tbody tr")
    expect(rows).to_have_count(7)
    page.get_by_label("Written to").select_option("dynamics")
    expect(rows).to_have_count(1)
    assert "side=dynamics" in page.url
    page.get_by_label("Written to").select_option("")
    expect(rows).to_have_count(7)
    page.get_by_role("link", name="Conflicts").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Dotdigital loses “Bobbington”")
    page.get_by_role("link", name="Everything").click()
    page.get_by_label("List", exact=True).select_option(label="Events in Zürich")
    expect(rows).to_have_count(3)
    page.get_by_label("Reason", exact=True).select_option("conversion")
    expect(rows).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    exported = download.value.path().read_text("utf-8").splitlines()
    assert len(exported) == 2
    assert "poison@contoso.example" in exported[1]


def test_escape_is_no_answer_and_gives_the_focus_back(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["plan"])
    discard = page.get_by_role("link", name="Discard…")
    press(page, discard)
    expect(page.get_by_role("dialog")).to_contain_text("Nothing of it is written.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(discard).to_be_focused()
    scene.plan.refresh_from_db()
    assert scene.plan.approval == Approval.WAITING


def test_a_tripped_fuse_leads_from_the_accounts_to_its_answer(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["accounts"])
    press(page, page.get_by_role("link", name=f"Plan {scene.tripped.pk} waits for approval"))
    expect(page.get_by_text("The fuse stopped this sync before anything was written.")).to_be_visible()
    page.goto(pages_of(scene)["schedule"])
    press(page, page.get_by_role("link", name=f"Look at plan {scene.tripped.pk}"))
    press(page, page.get_by_role("link", name="Discard…"))
    press(page, page.get_by_role("button", name="Discard the plan"))
    expect(page.get_by_text(f"Plan {scene.tripped.pk} was discarded.")).to_be_visible()
    page.goto(pages_of(scene)["schedule"])
    expect(page.locator("#status-lists_in")).not_to_contain_text("Waits for approval")


def test_a_fuse_is_set_behind_the_three_dots_with_the_keyboard(page: Page, scene: Scene) -> None:
    page.goto(pages_of(scene)["general"])
    press(page, page.locator("summary[aria-label='More pages of this account']"))
    press(page, page.get_by_role("link", name="Safety"))
    tab_to(page, page.get_by_label("Two-way marketing list sync, Removals: per cent"))
    page.keyboard.type("5")
    expect(page.get_by_text("You have unsaved changes.")).to_be_visible()
    press(page, page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Saved. The fuses hold from the next run on.")).to_be_visible()
    expect(page.get_by_text("Default: 50 people and 20 %.")).to_be_visible()
    assert limits_of(scene.contoso, "lists_out")[FuseKind.REMOVALS] == Limit(5, 50)
