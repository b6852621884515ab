"""A drift audit compares both sides in full: what no change feed told is found, counted, and planned to be
mended.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from unittest import mock

import pytest

from syncline.accounts.admin_log import Actor
from syncline.accounts.models import AdminLogEntry
from syncline.consent.models import Suppression
from syncline.dotdigital import Dotdigital, ImportRow
from syncline.engine.plans import approve, discard
from syncline.engine.repairs import start_drift_audit
from syncline.ledger.models import Approval, Cursor, Outcome, PlanItem, Purpose, Run, RunStatus
from syncline.ledger.queue import request_cancel
from syncline.lists.models import MarketingList
from syncline.people.models import BookMember, CrmMember, CrmRecord, Person, Touched
from syncline.syncs.contract import Done
from syncline.syncs.marketing_lists import read_contacts, read_in_full, read_members
from syncline.syncs.running import advance
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World

MAYA = Actor("maya", "console")
ALICE, BOB = "alice@example.com", "bob@example.com"


def audit(world: World) -> Run:
    return world.carry_out(start_drift_audit(world.account, MAYA))


def repair(world: World, plan: Run) -> Run:
    return world.carry_out(approve(plan, MAYA))


def planned(plan: Run) -> list[tuple[str, str, str]]:
    rows = Outcome.objects.filter(run=plan).order_by("person_key", "pk")
    return [(row.person_key, row.side, row.action) for row in rows]


def in_step(world: World) -> tuple[dict[str, str], MarketingList]:
    """Alice and Bob, in step on both sides."""
    ids = {
        name: world.add("contacts", firstname=name, emailaddress1=f"{name.lower()}@example.com")
        for name in ("Alice", "Bob")
    }
    news = world.add_list("News", list(ids.values()))
    world.sync()
    world.sync()
    news.refresh_from_db()
    return ids, news


def skip_what_the_feeds_tell(world: World) -> None:
    """Move the cursors past everything that has happened, as if it had been read: the feeds tell of it no
    more.
    """
    before = {
        model: list(model.objects.values())
        for model in (CrmRecord, Person, BookMember, CrmMember, Suppression)
    }
    with mock.patch.object(read_contacts, "OVERLAP", timedelta()):
        world.sync("lists_out", plan_only=True)
    plan = Run.objects.filter(account=world.account).latest("pk")
    for source, (token, fingerprint) in plan.position["tokens"].items():
        Cursor.objects.filter(account=world.account, source=source).update(
            token=token, fingerprint=fingerprint
        )
    for model, rows in before.items():
        model.objects.all().delete()
        model.objects.bulk_create([model(**row) for row in rows])
    Touched.objects.all().delete()


def test_where_all_is_in_step_there_is_nothing_to_approve(world: World) -> None:
    in_step(world)
    plan = audit(world)
    assert (plan.purpose, plan.plan_only, plan.status) == (Purpose.DRIFT, True, RunStatus.COMPLETED)
    assert plan.approval == Approval.NONE
    assert (plan.read, plan.unchanged) == (2, 2)
    assert not Outcome.objects.filter(run=plan).exists()
    assert not Touched.objects.filter(account_id=world.account.pk).exists()
    assert "0 of 2 contacts in Dotdigital" in plan.message
    assert AdminLogEntry.objects.filter(action="drift audit started", actor="maya").exists()


def test_the_audit_moves_no_cursor(world: World) -> None:
    in_step(world)
    before = list(Cursor.objects.order_by("source").values_list("source", "token"))
    audit(world)
    assert list(Cursor.objects.order_by("source").values_list("source", "token")) == before


def test_an_edit_in_dotdigital_that_no_feed_told_is_found_counted_and_mended(world: World) -> None:
    ids, _ = in_step(world)
    world.put([ImportRow(email=ALICE, data_fields={"FIRSTNAME": "Alicia"})])
    skip_what_the_feeds_tell(world)
    with mock.patch.object(read_contacts, "OVERLAP", timedelta()):
        world.sync()
        assert world.crm_row("contacts", ids["Alice"], "firstname")["firstname"] == "Alice"
        plan = audit(world)
    assert "1 of 2 contacts in Dotdigital" in plan.message
    assert (ALICE, "dynamics", "update") in planned(plan)
    assert {key for key, *_ in planned(plan)} == {ALICE}
    repair(world, plan)
    assert world.crm_row("contacts", ids["Alice"], "firstname")["firstname"] == "Alicia"
    world.sync()
    assert audit(world).approval == Approval.NONE


def test_an_edit_in_dynamics_that_no_feed_told_is_found_counted_and_mended(world: World) -> None:
    ids, news = in_step(world)
    world.change("contacts", ids["Bob"], firstname="Robert")
    skip_what_the_feeds_tell(world)
    world.sync()
    assert world.contacts()[BOB].data_fields["FIRSTNAME"] == "Bob"
    plan = audit(world)
    assert "1 of 2 contacts in Dynamics" in plan.message
    assert planned(plan) == [(BOB, "dotdigital", "update")]
    assert PlanItem.objects.filter(run=plan).count() == 1
    notes = plan.parts.get(audit_type="MarketingListsDataOut", reference=news.pk).notes
    assert "1 of 2 contacts in Dynamics differed from what Syncline knew." in notes
    repair(world, plan)
    assert world.contacts()[BOB].data_fields["FIRSTNAME"] == "Robert"


def _forget_value(world: World, ids: dict[str, str], news: MarketingList) -> None:
    Person.objects.filter(person_key=ALICE).update(remote='{"FIRSTNAME":"Nonsense"}')


def _forget_column(world: World, ids: dict[str, str], news: MarketingList) -> None:
    CrmRecord.objects.filter(record_id=ids["Alice"]).update(columns='{"firstname":"Nonsense"}')


def _forget_contact(world: World, ids: dict[str, str], news: MarketingList) -> None:
    Person.objects.filter(person_key=ALICE).delete()


def _forget_record(world: World, ids: dict[str, str], news: MarketingList) -> None:
    CrmRecord.objects.filter(record_id=ids["Alice"]).delete()


def _forget_member(world: World, ids: dict[str, str], news: MarketingList) -> None:
    """Its own row is old enough for the feed not to tell of it again."""
    CrmMember.objects.filter(record_id=ids["Alice"]).update(record_id="0b0a1c2e-0000-4000-8000-000000000009")
    MarketingList.objects.filter(pk=news.pk).update(crm_members_since="2099-01-01T00:00:00Z")


def _forget_place(world: World, ids: dict[str, str], news: MarketingList) -> None:
    BookMember.objects.filter(person_key=ALICE).update(person_key="nobody@example.com")


@pytest.mark.parametrize(
    "spoil",
    [_forget_value, _forget_column, _forget_contact, _forget_record, _forget_member, _forget_place],
)
def test_a_row_of_ours_that_is_wrong_is_found_and_put_right(
    world: World, spoil: Callable[[World, dict[str, str], MarketingList], None]
) -> None:
    """Both sides are in step, only we are not: the audit mends what we know, and nothing is written."""
    ids, news = in_step(world)
    spoil(world, ids, news)
    with (
        mock.patch.object(read_contacts, "OVERLAP", timedelta()),
        mock.patch.object(read_members, "OVERLAP", timedelta()),
    ):
        plan = audit(world)
    assert any(f"{number} of" in plan.message for number in (1, 2, 3)), plan.message
    world.forget_calls()
    world.sync()
    assert world.writes() == {}
    assert "Nonsense" not in str(list(Person.objects.values()) + list(CrmRecord.objects.values()))
    assert world.in_book(news) == {ALICE, BOB}


def _turn_place(world: World, ids: dict[str, str], news: MarketingList) -> None:
    BookMember.objects.filter(person_key=ALICE).update(status="suppressed")


def _invent_member(world: World, ids: dict[str, str], news: MarketingList) -> None:
    CrmMember.objects.create(list_id=news.pk, record_id="0b0a1c2e-0000-4000-8000-000000000007", seen_in=0)


@pytest.mark.parametrize("spoil", [_turn_place, _invent_member])
def test_a_wrong_member_that_the_counts_betray_is_put_right_too(
    world: World, spoil: Callable[[World, dict[str, str], MarketingList], None]
) -> None:
    """Any run sees those two by counting, so the audit need not find them."""
    ids, news = in_step(world)
    members = set(CrmMember.objects.values_list("list_id", "record_id"))
    spoil(world, ids, news)
    audit(world)
    world.forget_calls()
    world.sync()
    assert world.writes() == {}
    assert set(CrmMember.objects.values_list("list_id", "record_id")) == members
    assert set(BookMember.objects.values_list("person_key", "status", "agreed")) == {
        (ALICE, "subscribed", True),
        (BOB, "subscribed", True),
    }


def test_a_contact_deleted_behind_our_back_is_found(world: World) -> None:
    in_step(world)
    world.delete_contact(ALICE)
    Person.objects.filter(person_key=ALICE).update(status="subscribed")
    plan = audit(world)
    assert "1 of 2 contacts in Dotdigital" in plan.message
    assert Person.objects.get(person_key=ALICE).status == "deleted"
    world.sync()
    assert ALICE not in world.contacts()


def test_many_contacts_that_are_gone_are_asked_for_a_few_an_audit(world: World) -> None:
    """However small the pages, and however many are missing on one of them."""
    people = [world.add("contacts", emailaddress1=f"p{number}@example.com") for number in range(7)]
    world.add_list("News", people)
    world.sync()
    world.sync()
    for number in (0, 1, 2, 4, 5):
        world.delete_contact(f"p{number}@example.com")
    gone = Person.objects.filter(status="deleted")
    found = []
    with (
        mock.patch.dict(Dotdigital.contacts.__kwdefaults__, limit=1),
        mock.patch.object(read_in_full, "MOST_ASKED_FOR", 2),
    ):
        for _ in range(3):
            notes = audit(world).parts.get(audit_type="MarketingListsDataOut").notes
            found.append((gone.count(), "audit again" in notes))
    assert found == [(2, True), (4, True), (5, False)]


def test_a_suppression_that_we_had_lost_is_found(world: World) -> None:
    _, news = in_step(world)
    world.dd.suppress([ALICE])
    world.sync()
    Suppression.objects.all().delete()
    plan = audit(world)
    assert "suppressions in Dotdigital" in plan.message
    assert Suppression.objects.filter(person_key=ALICE).exists()
    assert ALICE not in world.in_book(news)


def test_whoever_an_audit_found_is_mended_by_the_next_sync_also_when_it_was_cancelled(world: World) -> None:
    """No feed tells of Bob: that the audit touched him is all there is to know."""
    ids, _ = in_step(world)
    world.change("contacts", ids["Bob"], firstname="Robert")
    skip_what_the_feeds_tell(world)
    cursors = list(Cursor.objects.order_by("source").values_list("source", "token"))
    run = start_drift_audit(world.account, MAYA)
    while not Touched.objects.filter(person_key=BOB).exists():
        assert not isinstance(advance(str(run.key)), Done)
    request_cancel(run, "maya")
    assert world.carry_out(run).status == RunStatus.CANCELLED
    assert list(Cursor.objects.order_by("source").values_list("source", "token")) == cursors
    world.sync()
    assert world.contacts()[BOB].data_fields["FIRSTNAME"] == "Robert"
    assert not Touched.objects.filter(account_id=world.account.pk).exists()


def test_a_discarded_audit_loses_nobody(world: World) -> None:
    ids, _ = in_step(world)
    world.change("contacts", ids["Bob"], firstname="Robert")
    skip_what_the_feeds_tell(world)
    discard(audit(world), MAYA)
    assert list(Touched.objects.values_list("person_key", flat=True)) == [BOB]
    world.sync()
    assert world.contacts()[BOB].data_fields["FIRSTNAME"] == "Robert"


@pytest.mark.parametrize("seed", range(2))
def test_an_audit_whose_workers_keep_dying_finds_the_same(world: World, seed: int) -> None:
    ids, _ = in_step(world)
    world.change("contacts", ids["Bob"], firstname="Robert")
    skip_what_the_feeds_tell(world)
    reaper = Reaper(after_gaps(seed))
    plan = carry_out_dying(start_drift_audit(world.account, MAYA), reaper)
    assert reaper.deaths > 2
    assert "1 of 2 contacts in Dynamics" in plan.message
    assert planned(plan) == [(BOB, "dotdigital", "update")]
    assert plan.unchanged == 1


def test_it_decides_a_page_of_people_at_a_time(world: World) -> None:
    """With the smallest pages it tells the same: nothing depends on having everybody in hand."""
    people = [
        world.add("contacts", firstname=f"P{number}", emailaddress1=f"p{number}@example.com")
        for number in range(7)
    ]
    world.add_list("News", people)
    world.sync()
    world.change("contacts", people[3], firstname="Changed")
    skip_what_the_feeds_tell(world)
    with (
        mock.patch("syncline.syncs.marketing_lists.write_dotdigital.IMPORT_MAX_ROWS", 2),
        mock.patch("syncline.syncs.marketing_lists.write_dynamics.PAGE", 2),
    ):
        plan = audit(world)
    assert planned(plan) == [("p3@example.com", "dotdigital", "update")]
    assert (plan.read, plan.unchanged) == (7, 6)


@pytest.mark.timeout(900)
def test_ten_thousand_members_are_compared_in_the_memory_of_a_page(world: World) -> None:
    """In MiB: what a step of the audit holds at most, and what is left of it at the end."""
    made = {"listname": "Everybody", "createdfromcode": 2}
    world.sandbox_dataverse.control.seed(table="contact", count=10_000, list=made)
    world.sync()
    MarketingList.objects.filter(account=world.account, name="Everybody").update(activated=True)
    world.sync()
    world.sync()
    run = start_drift_audit(world.account, MAYA)
    peaks: list[float] = []
    tracemalloc.start()
    while not isinstance(advance(str(run.key)), Done):
        peaks.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.reset_peak()
    left = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    run.refresh_from_db()
    assert (run.unchanged, run.approval) == (10_000, Approval.NONE)
    assert left < 5, "Something was kept from page to page."
    assert max(peaks) < 60
