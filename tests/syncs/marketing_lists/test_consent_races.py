"""Somebody opts out while a sync is on its way: whatever the moment, nobody is subscribed again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from syncline.consent import suppressions
from syncline.dotdigital import ImportRow
from syncline.ledger.models import Batch, Held, Run, RunStatus
from syncline.lists.models import MarketingList, MembershipAction
from syncline.syncs.contract import Done
from syncline.syncs.lists_out import PHASES
from syncline.syncs.running import advance
from tests.faults.skipped_time import skipped_time
from tests.syncs.world import World

ALICE, BOB = "alice@example.com", "bob@example.com"


@pytest.fixture
def news(world: World) -> MarketingList:
    """Alice is new to Dotdigital; Bob is known there and in the list, and has a new first name."""
    bob = world.add("contacts", firstname="Bob", emailaddress1=BOB)
    news = world.add_list("News", [bob], membership_action=MembershipAction.ALLOW_KNOWN)
    world.sync()
    world.change("contacts", bob, firstname="Robert")
    alice = world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    world.crm.add_list_members(news.list_id, "contact", [alice])
    return news


def run_until(run: Run, reached: Callable[[], bool]) -> None:
    while not reached():
        assert not isinstance(advance(str(run.key)), Done), run.message
        run.refresh_from_db()


def up_to_phase(world: World, phase: str) -> Run:
    number = [name for name, _ in PHASES].index(phase)
    run = world.start("lists_out")
    run_until(run, lambda: run.position.get("phase", 0) >= number)
    return run


def up_to_a_stored_import(world: World) -> Run:
    """Everything is decided and stored, and nothing is sent."""
    run = world.start("lists_out")
    run_until(run, Batch.objects.filter(kind="import", state="intended").exists)
    return run


def up_to_a_sent_import(world: World) -> Run:
    run = world.start("lists_out")
    run_until(run, Batch.objects.filter(kind="import", state="sent").exists)
    return run


MOMENTS: tuple[Callable[[World], Run], ...] = (
    lambda world: up_to_phase(world, "members"),
    lambda world: up_to_phase(world, "outward"),
    up_to_a_stored_import,
    up_to_a_sent_import,
)


def statuses(world: World) -> dict[str, str | None]:
    return {email: contact.email_status for email, contact in world.contacts().items()}


def assert_never_subscribed_again(world: World, news: MarketingList, *addresses: str) -> None:
    for _ in range(2):
        for address in addresses:
            assert statuses(world).get(address) != "subscribed"
            assert address not in world.in_book(news)
        world.forget_calls()
        world.sync()
    assert world.writes() == {}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("with_data", ["update", "fail"])
def test_unsubscribed_while_a_sync_runs(
    world: World, news: MarketingList, moment: Callable[[World], Run], with_data: str
) -> None:
    world.sandbox_dotdigital.control.settings(import_suppressed=with_data)
    run = moment(world)
    world.sandbox_dotdigital.control.call("POST", "suppress", {"email": BOB, "reason": "Unsubscribed"})
    if ALICE not in statuses(world):
        # She uses a form and thinks better of it at once.
        world.put([ImportRow(email=ALICE)])
    world.dd.unsubscribe(ALICE)
    run = world.carry_out(run)
    assert run.status in (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_ERRORS), run.message
    assert_never_subscribed_again(world, news, ALICE, BOB)


@pytest.mark.parametrize("moment", MOMENTS)
def test_do_not_bulk_email_while_a_sync_runs(
    world: World, news: MarketingList, moment: Callable[[World], Run]
) -> None:
    """What Dynamics says after it was read counts with the next sync at the latest."""
    run = moment(world)
    [page] = world.crm.list_members(news.list_id)
    for row in page.rows:
        world.change("contacts", row["_entityid_value"], donotbulkemail=True)
    world.carry_out(run)
    world.sync()
    assert world.in_book(news) == set()
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_taken_over_after_a_day_with_an_import_still_to_be_sent(world: World, news: MarketingList) -> None:
    """The worker died before it sent what it had stored; meanwhile both people opted out."""
    with skipped_time(world):
        run = up_to_a_stored_import(world)
        world.wait(86_400)
        world.dd.unsubscribe(BOB)
        world.put([ImportRow(email=ALICE)])
        world.dd.unsubscribe(ALICE)
        run = world.carry_out(run)
        assert run.status in (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_ERRORS), run.message
        assert_never_subscribed_again(world, news, ALICE, BOB)


def test_permits_are_asked_for_anew_before_a_stored_import_is_sent(world: World, news: MarketingList) -> None:
    """Bob's opt-out has become known since the decision: he is not in the import at all."""
    run = up_to_a_stored_import(world)
    suppressions.save(world.account.pk, [(BOB, "Unsubscribed", datetime.now(UTC))])
    run = world.carry_out(run)
    assert run.status == RunStatus.COMPLETED, run.message
    assert world.contacts()[BOB].data_fields["FIRSTNAME"] == "Bob"
    assert world.contacts()[ALICE].data_fields["FIRSTNAME"] == "Alice"
    run = world.sync()
    assert (BOB, "skipped", "suppressed") in world.outcomes(run)


def test_a_list_switched_off_after_the_decision_gets_nobody(world: World, news: MarketingList) -> None:
    run = up_to_a_stored_import(world)
    MarketingList.objects.filter(pk=news.pk).update(activated=False)
    run = world.carry_out(run)
    assert run.status == RunStatus.COMPLETED, run.message
    assert world.in_book(news) == {BOB}
    MarketingList.objects.filter(pk=news.pk).update(activated=True)
    world.sync()
    assert world.in_book(news) == {ALICE, BOB}
    assert not Held.objects.exists()


def test_a_list_switched_off_after_the_decision_loses_nobody(world: World, news: MarketingList) -> None:
    carol = world.add("contacts", firstname="Carol", emailaddress1="carol@example.com")
    [page] = world.crm.list_members(news.list_id)
    # Carol stays, for a list that reads empty would stop the run.
    world.crm.add_list_members(news.list_id, "contact", [carol])
    world.sync()
    ids = [row["_entityid_value"] for row in page.rows]
    for record_id in ids:
        world.crm.remove_list_member(news.list_id, record_id)
    run = world.start("lists_out")
    run_until(run, Batch.objects.filter(kind="list_removal", state="intended").exists)
    MarketingList.objects.filter(pk=news.pk).update(activated=False)
    run = world.carry_out(run)
    assert run.status == RunStatus.COMPLETED, run.message
    assert world.in_book(news) == {ALICE, BOB, "carol@example.com"}
    MarketingList.objects.filter(pk=news.pk).update(activated=True)
    world.sync()
    assert world.in_book(news) == {"carol@example.com"}
