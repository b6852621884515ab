"""A run that would take out or overwrite too much stops, asks, and shows what it would do."""

from __future__ import annotations

import pytest
from whenever import Instant, TimeDelta

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import AdminLogEntry
from syncline.dotdigital import ImportRow
from syncline.engine.client import start_run
from syncline.engine.plans import approve, discard
from syncline.engine.tick import tick
from syncline.ledger.fuse import DEFAULTS, Count, FuseRefusedError, Limit, limits_of, set_limit, trips
from syncline.ledger.models import Approval, FuseKind, PlanItem, Purpose, Run, RunStatus
from syncline.lists.models import MarketingList
from syncline.mapping.models import ConflictRule, FieldMapping
from syncline.schedule.models import MissedSlot, SyncSchedule
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World

NAMES = ("Ann", "Bob", "Cat", "Dan", "Eve")

News = tuple[MarketingList, list[str]]


@pytest.fixture
def news(world: World) -> News:
    """Five people whom both sides have, and fuses that a few of them trip."""
    people = [
        world.add("contacts", firstname=name, lastname="Hall", emailaddress1=f"{name.lower()}@example.com")
        for name in NAMES
    ]
    marketing_list = world.add_list("News", people)
    world.sync()
    for kind in (FuseKind.REMOVALS, FuseKind.OVERWRITES):
        set_limit(world.account, "lists_out", kind, Limit(20, 1), OPERATOR)
    return marketing_list, people


def leave(world: World, news: News, number: int) -> None:
    for record_id in news[1][:number]:
        world.crm.remove_list_member(news[0].list_id, record_id)


def test_a_run_that_would_take_out_too_many_waits_and_writes_nothing(world: World, news: News) -> None:
    leave(world, news, 2)
    world.forget_calls()
    run = world.sync()
    assert world.writes() == {}
    assert (run.status, run.approval, run.plan_only) == (RunStatus.WAITING, Approval.WAITING, True)
    assert run.fuse == [
        "Would take 2 of 5 people out of “News”; the fuse is set to 20 % and 1 people.",
    ]
    assert run.message == run.fuse[0]
    assert {key for key, _, _ in world.outcomes(run)} == {"ann@example.com", "bob@example.com"}
    assert PlanItem.objects.filter(run=run).count() == 2


def test_once_approved_it_is_carried_out_without_a_fuse(world: World, news: News) -> None:
    leave(world, news, 2)
    tripped = world.sync()
    run = world.carry_out(approve(tripped, OPERATOR))
    assert (run.purpose, run.status, run.removed) == (Purpose.EXECUTE, RunStatus.COMPLETED, 2)
    assert len(world.in_book(news[0])) == 3
    tripped.refresh_from_db()
    assert (tripped.status, tripped.approval) == (RunStatus.COMPLETED, Approval.APPROVED)
    world.forget_calls()
    assert world.sync().status == RunStatus.COMPLETED
    assert world.writes() == {}


def test_one_who_leaves_trips_nothing(world: World, news: News) -> None:
    leave(world, news, 1)
    run = world.sync()
    assert (run.status, run.removed, run.fuse) == (RunStatus.COMPLETED, 1, [])


def test_a_list_that_suddenly_reads_empty_trips_always(world: World, news: News) -> None:
    set_limit(world.account, "lists_out", FuseKind.REMOVALS, Limit(100, 10_000), OPERATOR)
    leave(world, news, 5)
    run = world.sync()
    assert run.status == RunStatus.WAITING
    assert run.fuse == [
        "“News” suddenly reads empty in Dynamics, which would take 5 of 5 people out of the list "
        "on the other side."
    ]


def test_overwriting_many_in_dotdigital_trips(world: World, news: News) -> None:
    for record_id in news[1][:2]:
        world.change("contacts", record_id, lastname="Liddell")
    run = world.sync()
    assert run.fuse == ["Would overwrite values of 2 of 5 people; the fuse is set to 20 % and 1 people."]
    assert world.contacts()["ann@example.com"].data_fields["LASTNAME"] == "Hall"


def test_overwriting_many_in_dynamics_trips(world: World, news: News) -> None:
    FieldMapping.objects.filter(account=world.account, label="LASTNAME").update(
        conflict_rule=ConflictRule.DOTDIGITAL_WINS
    )
    world.put(
        [ImportRow(email=f"{name}@example.com", data_fields={"LASTNAME": "Wrong"}) for name in ("ann", "bob")]
    )
    run = world.sync()
    assert run.status == RunStatus.WAITING
    assert world.crm_row("contacts", news[1][0], "lastname")["lastname"] == "Hall"


def test_filling_blanks_overwrites_nothing(world: World, news: News) -> None:
    for record_id in news[1]:
        world.change("contacts", record_id, address1_postalcode="LS1 4AP")
    run = world.sync()
    assert (run.status, run.updated) == (RunStatus.COMPLETED, 5)


def test_a_first_load_counts_nothing(world: World) -> None:
    world.add_list("News", [world.add("contacts", firstname="Ann", emailaddress1="ann@example.com")])
    run = world.sync()
    assert "fuse_counts" not in run.position


def test_sync_now_starts_afresh_and_discards_the_one_that_waits(world: World, news: News) -> None:
    leave(world, news, 2)
    tripped = world.sync()
    again = start_run(world.account, "lists_out", "maya")
    tripped.refresh_from_db()
    assert (tripped.status, tripped.approval, tripped.approval_by) == ("cancelled", "discarded", "maya")
    assert AdminLogEntry.objects.filter(action="plan discarded", actor="maya").exists()
    assert world.carry_out(again).status == RunStatus.WAITING


def test_nothing_is_scheduled_while_one_waits(world: World, news: News) -> None:
    leave(world, news, 2)
    tripped = world.sync()
    now = Instant.now()
    schedule, _ = SyncSchedule.objects.update_or_create(
        account=world.account,
        sync_type="lists_out",
        defaults={"interval": "1h", "next_due_at": now.to_stdlib()},
    )
    assert tick(now, {"lists_out": "people"}) == 0
    assert MissedSlot.objects.get(schedule=schedule).reason == "waiting_for_approval"
    discard(tripped, OPERATOR)
    SyncSchedule.objects.filter(pk=schedule.pk).update(next_due_at=now.to_stdlib())
    assert tick(now.add(TimeDelta(seconds=1)), {"lists_out": "people"}) == 1
    assert Run.objects.filter(account=world.account, status=RunStatus.QUEUED).count() == 1


# The judgement and the settings, by themselves.


@pytest.mark.parametrize(
    ("people", "of", "does"),
    [
        (50, 100, False),
        (51, 100, True),
        (60, 1000, False),
        (201, 1000, True),
        (200, 1000, False),
        (0, 0, False),
    ],
)
def test_both_share_and_number_have_to_be_passed(people: int, of: int, does: bool) -> None:
    assert bool(trips([Count(FuseKind.REMOVALS, people, of, "“News”")], DEFAULTS)) is does


def test_the_sentence_names_numbers_and_setting() -> None:
    assert trips([Count(FuseKind.REMOVALS, 420, 1000, "“News”")], DEFAULTS) == [
        "Would take 420 of 1,000 people out of “News”; the fuse is set to 20 % and 50 people."
    ]


def test_a_change_of_a_fuse_is_in_the_admin_log(world: World) -> None:
    set_limit(world.account, "lists_out", FuseKind.OVERWRITES, Limit(30, 200), OPERATOR)
    assert limits_of(world.account, "lists_out")[FuseKind.OVERWRITES] == Limit(30, 200)
    assert limits_of(world.account, "lists_in")[FuseKind.OVERWRITES] == DEFAULTS[FuseKind.OVERWRITES]
    entry = AdminLogEntry.objects.filter(action="fuse changed").latest("pk")
    assert entry.before == {"lists_out overwrites": "50 % and 500 people"}
    assert entry.after == {"lists_out overwrites": "30 % and 200 people"}


@pytest.mark.parametrize("limit", [Limit(0, 10), Limit(101, 10), Limit(20, -1)])
def test_settings_that_cannot_be_are_refused(world: World, limit: Limit) -> None:
    with pytest.raises(FuseRefusedError):
        set_limit(world.account, "lists_out", FuseKind.REMOVALS, limit, OPERATOR)
    with pytest.raises(FuseRefusedError, match="writes no people"):
        set_limit(world.account, "labels", FuseKind.REMOVALS, Limit(20, 50), OPERATOR)
