"""To whom in Dynamics a row belongs, and what is kept of people."""

from __future__ import annotations

from syncline.accounts.admin_log import OPERATOR
from syncline.campaigns.models import Activity, Campaign, HeldActivity
from syncline.engine.replay import replay
from syncline.ledger.models import Held, Run, RunStatus
from syncline.onboarding.erasing import erase
from syncline.onboarding.leaving import leave
from tests.syncs.campaigns.scene import ALICE, BOB, CAROL, SETS, Scene, did, of_every_kind
from tests.syncs.campaigns.scene import NOW as NOW


def know(scene: Scene) -> None:
    """What Dynamics holds of people becomes known, as with any sync of consent or lists."""
    assert scene.world.sync("suppressions").status == RunStatus.COMPLETED


def test_rows_are_linked_to_the_contact_or_lead_with_their_address(scene: Scene) -> None:
    alice = scene.world.add("contacts", firstname="Alice", emailaddress1=ALICE.upper())
    bob = scene.world.add("leads", lastname="Bob", emailaddress1=BOB)
    know(scene)
    scene.send("Spring", activity=[*of_every_kind(ALICE), *of_every_kind(BOB)])
    scene.sync()
    for data_set in SETS:
        assert scene.links(data_set) == {ALICE: (alice, None), BOB: (None, bob)}


def test_of_several_records_the_one_decides_that_decides_in_the_lists(scene: Scene) -> None:
    contact = scene.world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    scene.world.add("leads", lastname="Alice", emailaddress1=ALICE)
    scene.world.add("contacts", firstname="Bob", emailaddress1=BOB, statecode=1)
    active = scene.world.add("contacts", firstname="Bob", emailaddress1=BOB)
    know(scene)
    scene.send("Spring")
    scene.sync()
    assert scene.links("EmailSendSummaries") == {ALICE: (contact, None), BOB: (active, None)}


def test_the_accounts_order_of_tables_decides(scene: Scene) -> None:
    scene.world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    lead = scene.world.add("leads", lastname="Alice", emailaddress1=ALICE)
    scene.world.account.record_priority = "account,lead,contact"
    scene.world.account.save()
    know(scene)
    scene.send("Spring", to=[ALICE])
    scene.sync()
    assert scene.links("EmailSendSummaries") == {ALICE: (None, lead)}


def test_rows_of_strangers_wait_in_dynamics_until_they_are_known(scene: Scene) -> None:
    scene.send("Spring", activity=[*of_every_kind(ALICE), *of_every_kind(BOB)])
    scene.sync()
    assert scene.links("EmailClicks") == {ALICE: (None, None), BOB: (None, None)}
    alice = scene.world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    know(scene)
    scene.world.forget_calls()
    run = scene.sync()
    assert (run.status, run.updated) == (RunStatus.COMPLETED, 5)
    for data_set in SETS:
        assert scene.links(data_set)[ALICE] == (alice, None)
    assert not any("{campaignId}" in route for route in scene.calls()), "Dotdigital is not asked again"
    scene.world.forget_calls()
    assert scene.sync().read == 0
    assert scene.world.writes() == {}


def test_whoever_changed_the_address_is_found_by_their_contact(scene: Scene) -> None:
    scene.send("Spring", to=[ALICE])
    scene.world.rename(ALICE, CAROL)
    carol = scene.world.add("contacts", firstname="Carol", emailaddress1=CAROL)
    know(scene)
    scene.sync()
    assert scene.links("EmailSendSummaries") == {ALICE: (carol, None)}


def test_a_record_that_dynamics_deleted_since_keeps_no_row_away(scene: Scene) -> None:
    alice = scene.world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    know(scene)
    scene.world.crm.delete("contacts", alice)
    scene.send("Spring", to=[ALICE])
    run = scene.sync()
    assert (run.status, run.rejected) == (RunStatus.COMPLETED, 0)
    assert scene.links("EmailSendSummaries") == {ALICE: (None, None)}
    know(scene)
    assert scene.sync().rejected == 0


def test_rows_that_somebody_deleted_in_dynamics_are_let_alone(scene: Scene) -> None:
    scene.send("Spring", to=[ALICE])
    scene.sync()
    (row,) = scene.rows("syncline_emailsends")
    scene.world.crm.delete("syncline_emailsends", row["syncline_emailsendid"])
    scene.world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    know(scene)
    run = scene.sync()
    assert (run.status, run.skipped, scene.rows("syncline_emailsends")) == (RunStatus.COMPLETED, 1, [])
    assert scene.sync().read == 0


def test_one_bad_row_costs_one_row_and_replays(scene: Scene) -> None:
    scene.send(
        "Spring",
        activity=[did(ALICE, "click", url="https://poison.example/"), did(BOB, "click"), did(ALICE, "click")],
    )
    control = scene.world.sandbox_dataverse.control
    control.fault("reject_record", match="poison", times=None)
    run = scene.sync()
    assert (run.status, run.rejected, run.created) == (RunStatus.COMPLETED_WITH_ERRORS, 1, 5)
    assert scene.addresses("EmailClicks") == [ALICE, BOB]
    held = Held.objects.get(account=scene.world.account)
    assert (held.sync_type, held.person_key, held.reason) == ("campaigns", ALICE, "activity_refused")
    scene.world.forget_calls()
    assert scene.sync().read == 0, "what is held is not sent again by itself"
    control.clear_faults()
    replayed = replay(scene.world.account, Held.objects.all(), OPERATOR, asked={})
    (again,) = replayed.runs
    run = scene.world.carry_out(Run.objects.get(pk=again.pk))
    assert (run.status, run.created) == (RunStatus.COMPLETED, 1)
    assert scene.addresses("EmailClicks") == [ALICE, ALICE, BOB]
    assert not Held.objects.exists() and not HeldActivity.objects.exists()


def test_what_is_refused_once_more_stays_held(scene: Scene) -> None:
    scene.send("Spring", activity=[did(ALICE, "click", url="https://poison.example/")])
    scene.world.sandbox_dataverse.control.fault("reject_record", match="poison", times=None)
    scene.sync()
    (again,) = replay(scene.world.account, Held.objects.all(), OPERATOR, asked={}).runs
    run = scene.world.carry_out(Run.objects.get(pk=again.pk))
    assert (run.status, run.rejected) == (RunStatus.COMPLETED_WITH_ERRORS, 1)
    assert Held.objects.count() == HeldActivity.objects.count() == 1


def test_an_erased_person_is_nowhere_in_it_and_the_rows_in_dynamics_are_named(scene: Scene) -> None:
    scene.send("Spring", activity=[*of_every_kind(ALICE), did(ALICE, "click", url="https://poison.example/")])
    scene.world.sandbox_dataverse.control.fault("reject_record", match="poison", times=None)
    scene.sync()
    told = erase(ALICE, by=OPERATOR)
    assert told.removed["rows about what they did with campaigns"] == 5
    assert any("5 rows about what they did with campaigns" in line for line in told.by_hand)
    assert not Activity.objects.filter(person_key=ALICE).exists()
    assert not HeldActivity.objects.exists()


def test_whoever_had_opted_out_and_was_erased_leaves_no_trace_again(scene: Scene) -> None:
    spring = scene.send("Spring", activity=[did(ALICE, "unsubscribe")])
    know(scene)
    scene.sync()
    erase(ALICE, by=OPERATOR)
    for row in scene.rows("syncline_emailsends"):
        scene.world.crm.delete("syncline_emailsends", row["syncline_emailsendid"])
    scene.world.sandbox_dotdigital.control.set_clock("2026-03-06T12:00:00Z")
    scene.happens(spring, did(ALICE, "bookmark", "2026-03-06T08:00:00Z"))
    scene.sync()
    assert not Activity.objects.filter(person_key=ALICE).exists()
    assert scene.addresses("SocialNetworkBookmarks") == []


def test_an_account_that_goes_takes_all_of_it_along(scene: Scene) -> None:
    scene.send("Spring", activity=[did(ALICE, "click", url="https://poison.example/")])
    scene.world.sandbox_dataverse.control.fault("reject_record", match="poison", times=None)
    scene.sync()
    leave(scene.world.account, by=OPERATOR)
    assert not any(table.objects.exists() for table in (Campaign, Activity, HeldActivity))
