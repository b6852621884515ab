"""To whom in Dynamics a response belongs, what is refused and replayed, and what is kept of people."""

from __future__ import annotations

from syncline.accounts.admin_log import OPERATOR
from syncline.engine.repairs import problem_with
from syncline.engine.replay import replay
from syncline.forms.models import Form, HeldResponse, KeptResponse
from syncline.ledger.models import Held, Run, RunStatus
from syncline.onboarding.erasing import erase
from syncline.onboarding.leaving import leave
from tests.syncs.forms.scene import ALICE, BOB, Scene, said


def again(scene: Scene) -> Run:
    (run,) = replay(scene.world.account, Held.objects.all(), OPERATOR, asked={}).runs
    return scene.world.carry_out(Run.objects.get(pk=run.pk))


def test_responses_are_linked_to_the_contact_or_lead_with_their_address(scene: Scene) -> None:
    alice = scene.world.add("contacts", firstname="Alice", emailaddress1=ALICE.upper())
    bob = scene.world.add("leads", lastname="Bob", emailaddress1=BOB)
    scene.know()
    scene.form("Walk", said(ALICE), said(BOB))
    scene.sync()
    assert scene.links() == {ALICE: (alice, None), BOB: (None, bob)}


def test_responses_of_strangers_wait_in_dynamics_until_they_are_known(scene: Scene) -> None:
    scene.form("Walk", said(ALICE), said(BOB), said(None))
    scene.sync()
    assert scene.links()[ALICE] == (None, None)
    alice = scene.world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    scene.know()
    scene.control.set_clock("2026-03-05T13:00:00Z")
    scene.world.forget_calls()
    run = scene.sync()
    assert (run.status, run.updated) == (RunStatus.COMPLETED, 1)
    assert scene.links()[ALICE] == (alice, None)
    assert not any("{id}" in route for route in scene.calls()), "Dotdigital is not asked again"
    scene.world.forget_calls()
    assert scene.sync().read == 0
    assert scene.world.writes() == {}


def test_a_record_that_dynamics_deleted_since_keeps_no_response_away(scene: Scene) -> None:
    alice = scene.world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    scene.know()
    scene.world.crm.delete("contacts", alice)
    scene.form("Walk", said(ALICE))
    run = scene.sync()
    assert (run.status, run.rejected, scene.links()) == (RunStatus.COMPLETED, 0, {ALICE: (None, None)})


def test_one_bad_answer_costs_one_answer_and_replays(scene: Scene) -> None:
    scene.form("Walk", said(ALICE, town="poison", gear=["Tent"]), said(BOB, town="York"))
    control = scene.world.sandbox_dataverse.control
    control.fault("reject_record", match="poison", times=None)
    run = scene.sync()
    assert (run.status, run.rejected, run.created) == (RunStatus.COMPLETED_WITH_ERRORS, 1, 2)
    assert scene.who() == [ALICE, BOB]
    assert scene.answers(ALICE) == {"E-mail": [ALICE], "Gear": ["Tent"]}
    held = Held.objects.get(account=scene.world.account)
    assert (held.sync_type, held.person_key, held.reason) == ("forms", ALICE, "response_refused")
    scene.control.set_clock("2026-03-05T13:00:00Z")
    scene.world.forget_calls()
    assert scene.sync().read == 0, "what is held is not sent again by itself"
    assert again(scene).rejected == 1
    assert Held.objects.count() == HeldResponse.objects.count() == 1
    control.clear_faults()
    run = again(scene)
    assert (run.status, run.rejected) == (RunStatus.COMPLETED, 0)
    assert scene.answers(ALICE)["Town"] == ["poison"]
    assert not Held.objects.exists() and not HeldResponse.objects.exists()


def test_one_bad_response_costs_one_response_and_replays(scene: Scene) -> None:
    scene.form("Walk", said("poison@example.com", town="Bath"), said(BOB))
    control = scene.world.sandbox_dataverse.control
    control.fault("reject_record", route="* /syncline_formresponses*", match="poison", times=None)
    control.fault("reject_record", route="* /*batch", match="poison@example.com", times=None)
    run = scene.sync()
    assert (run.rejected, run.created, scene.who()) == (1, 2, [BOB])
    control.clear_faults()
    assert (again(scene).status, scene.who()) == (RunStatus.COMPLETED, [BOB, "poison@example.com"])
    assert scene.answers("poison@example.com")["Town"] == ["Bath"]


def test_a_run_of_forms_is_not_undone(scene: Scene) -> None:
    scene.form("Walk", said(ALICE))
    problem = problem_with(scene.sync())
    assert problem is not None
    assert "Forms only adds what has happened" in str(problem)


def test_an_erased_person_is_nowhere_in_it_and_the_rows_in_dynamics_are_named(scene: Scene) -> None:
    scene.form("Walk", said(ALICE, town="poison"), said(ALICE))
    scene.world.sandbox_dataverse.control.fault("reject_record", match="poison", times=None)
    scene.sync()
    told = erase(ALICE, by=OPERATOR)
    assert told.removed["responses to forms"] == 2
    assert told.removed["responses to forms that Dynamics had refused"] == 1
    assert any("2 responses to forms" in line for line in told.by_hand)
    assert not KeptResponse.objects.filter(person_key=ALICE).exists()
    assert not HeldResponse.objects.exists()


def test_whoever_had_opted_out_and_was_erased_leaves_no_trace_again(scene: Scene) -> None:
    scene.control.seed(contacts=[{"email": ALICE, "status": "Unsubscribed"}])
    walk = scene.form("Walk", said(ALICE))
    scene.know()
    scene.sync()
    erase(ALICE, by=OPERATOR)
    for row in scene.rows("responses"):
        scene.world.crm.delete("syncline_formresponses", row["syncline_formresponseid"])
    scene.control.set_clock("2026-03-06T12:00:00Z")
    scene.answer(walk, said(ALICE, "2026-03-06T08:00:00Z"), said(BOB, "2026-03-06T08:00:00Z"))
    scene.sync()
    assert scene.who() == [BOB]
    assert not KeptResponse.objects.filter(person_key=ALICE).exists()


def test_an_account_that_goes_takes_all_of_it_along(scene: Scene) -> None:
    scene.form("Walk", said(ALICE, town="poison"))
    scene.world.sandbox_dataverse.control.fault("reject_record", match="poison", times=None)
    scene.sync()
    leave(scene.world.account, by=OPERATOR)
    assert not any(table.objects.exists() for table in (Form, KeptResponse, HeldResponse))
