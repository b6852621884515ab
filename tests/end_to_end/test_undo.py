"""A run and its undo, in a browser, on both sandboxes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from console.world import make_user
from end_to_end.conftest import OpenPage
from end_to_end.pages import sign_in
from syncline.accounts.roles import Role
from syncline.ledger.models import Purpose, Run
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def maya(visit: OpenPage, world: World) -> Iterator[Page]:
    make_user("maya", Role.MANAGER)
    with visit() as page:
        sign_in(page, "maya")
        yield page


def test_a_run_is_undone_by_plan_and_both_sides_are_as_before(maya: Page, world: World) -> None:
    alice = world.add("contacts", firstname="Alice", emailaddress1="alice@example.com")
    news = world.add_list("News", [alice])
    run = world.sync()
    assert world.in_book(news) == {"alice@example.com"}
    before = world.crm_row("contacts", alice, "firstname", "modifiedon")
    maya.goto(f"/settings/email-accounts/{world.account.pk}/audit/{run.key}/")
    maya.get_by_role("button", name="Undo this run…").click()
    expect(maya.get_by_text("In the queue.")).to_be_visible()

    world.carry_out(Run.objects.get(purpose=Purpose.UNDO))
    assert world.in_book(news) == {"alice@example.com"}  # Nothing is written until somebody says so.
    maya.get_by_role("link", name="Approve…").click()
    maya.get_by_role("dialog").get_by_role("button", name="Approve and write").click()
    expect(maya.get_by_text("was approved: this run carries it out.")).to_be_visible()

    undo = world.carry_out(Run.objects.get(purpose=Purpose.EXECUTE))
    assert world.in_book(news) == set()
    assert world.crm_row("contacts", alice, "firstname", "modifiedon") == before
    maya.get_by_role("link", name=f"Run {run.pk}", exact=True).click()
    expect(maya.get_by_role("link", name=f"Run {undo.pk}", exact=True)).to_be_visible()
    expect(maya.get_by_role("button", name="Undo this run…")).to_have_count(0)
