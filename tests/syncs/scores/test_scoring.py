"""Contact scoring (product.md §4, no. 10): what Dotdigital works out reaches contacts and leads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncline import provisioning
from syncline.accounts.admin_log import OPERATOR, Actor
from syncline.consent import erased
from syncline.engine.plans import approve
from syncline.engine.repairs import UndoProblem, start_undo
from syncline.engine.replay import replay
from syncline.ledger.models import Held, Outcome, Run, RunStatus
from syncline.ledger.queue import request_cancel
from syncline.onboarding.erasing import erase
from syncline.people.models import Person, Score, ScoredRecord
from syncline.provisioning.score_columns import SCORE_COLUMNS
from syncline.syncs.contract import Done
from syncline.syncs.running import advance
from syncline.syncs.scores import write_scores
from tests.syncs.consent.scene import address, contact
from tests.syncs.consent.test_suppressions import went_well
from tests.syncs.consent.test_unsubscribers import synced_list
from tests.syncs.world import World

SYNC = "scoring"
MAYA = Actor("maya", "test")
COLUMNS = tuple(column.schema_name.lower() for column in SCORE_COLUMNS)
NIGHT = "2026-05-01T03:00:00Z"


def known(world: World, *names: str) -> None:
    """Contacts in Dotdigital."""
    world.sandbox_dotdigital.control.seed(contacts=[{"email": address(name)} for name in names])


def scored(world: World, name: str, engagement: int, suitability: int, modified: str | None = None) -> None:
    """Dotdigital works this out for a contact it has, now unless told otherwise."""
    score = {"email": address(name), "engagement": engagement, "suitability": suitability}
    world.sandbox_dotdigital.control.seed(scores=[score | ({"modified": modified} if modified else {})])


def in_dynamics(world: World, record_id: str, of: str = "contacts") -> tuple[Any, ...]:
    """Overall, engagement, suitability, label."""
    row = world.crm_row(of, record_id, *COLUMNS)
    return tuple(row[column] for column in COLUMNS[:4])


def told(run: Run) -> list[tuple[str, str, list[Any]]]:
    """Outcomes of a run: (person, result, overall score before and after)."""
    rows = Outcome.objects.filter(run=run).order_by("person_key", "pk")
    return [(row.person_key, row.result, json.loads(row.fields)[COLUMNS[0]]) for row in rows]


def test_scores_go_to_contacts_and_leads_with_the_address(provisioned: World) -> None:
    world = provisioned
    alice, twin, bob = contact(world, "Alice"), contact(world, "Alice"), contact(world, "Bob")
    lead = world.add("leads", firstname="Alice", emailaddress1="ALICE@example.com ")
    world.add("accounts", emailaddress1=address("Alice"))
    known(world, "Alice", "Nobody")
    scored(world, "Alice", 90, 70, NIGHT)
    scored(world, "Nobody", 10, 10)

    run = went_well(world.sync(SYNC))

    assert in_dynamics(world, alice) == in_dynamics(world, twin) == (80, 90, 70, "Hot")
    assert in_dynamics(world, lead, "leads") == (80, 90, 70, "Hot")
    assert world.crm_row("contacts", alice, COLUMNS[4])[COLUMNS[4]] == NIGHT
    assert in_dynamics(world, bob) == (None, None, None, None)
    assert told(run) == [(address("Alice"), "updated", [None, 80])] * 3
    assert {row.record_id for row in run.outcomes.all()} == {alice, twin, lead}
    assert run.updated == 3


def test_the_next_run_reads_and_writes_only_what_changed(provisioned: World) -> None:
    world = provisioned
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    known(world, "Alice", "Bob")
    scored(world, "Alice", 90, 70, NIGHT)
    scored(world, "Bob", 10, 30, NIGHT)
    went_well(world.sync(SYNC))
    world.forget_calls()

    went_well(world.sync(SYNC))
    assert world.writes() == {}

    scored(world, "Bob", 30, 50)
    run = went_well(world.sync(SYNC))

    assert (in_dynamics(world, alice), in_dynamics(world, bob)) == ((80, 90, 70, "Hot"), (40, 30, 50, "Warm"))
    assert told(run) == [(address("Bob"), "updated", [20, 40])]
    (outcome,) = run.outcomes.all()
    assert set(json.loads(outcome.fields)) == set(COLUMNS)


def test_who_appears_in_dynamics_later_is_given_theirs(provisioned: World) -> None:
    world = provisioned
    known(world, "Alice")
    scored(world, "Alice", 90, 70, NIGHT)
    went_well(world.sync(SYNC))

    alice = contact(world, "Alice")
    world.sync("suppressions")  # Another sync reads the new record first.
    run = went_well(world.sync(SYNC))

    assert in_dynamics(world, alice) == (80, 90, 70, "Hot")
    assert told(run) == [(address("Alice"), "updated", [None, 80])]


def test_a_value_changed_by_hand_stays_until_there_is_a_new_score(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    known(world, "Alice")
    scored(world, "Alice", 90, 70, NIGHT)
    went_well(world.sync(SYNC))

    world.change("contacts", alice, **{COLUMNS[0]: 1})
    went_well(world.sync(SYNC))
    assert in_dynamics(world, alice)[0] == 1
    scored(world, "Alice", 50, 50)
    went_well(world.sync(SYNC))

    assert in_dynamics(world, alice) == (50, 50, 50, "Warm")


def test_a_changed_address_takes_its_scores_along(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    known(world, "Alice")
    synced_list(world, "News", alice)
    went_well(world.sync(SYNC))
    world.change("contacts", alice, emailaddress1=address("Alicia"))
    world.sync("lists_out")

    scored(world, "Alicia", 90, 70)
    went_well(world.sync(SYNC))

    assert in_dynamics(world, alice) == (80, 90, 70, "Hot")


def test_scores_of_a_contact_whose_new_address_is_still_on_its_way_are_theirs(provisioned: World) -> None:
    """Dynamics has the new address, and the run that was to tell Dotdigital was cancelled before it did."""
    world = provisioned
    alice = contact(world, "Alice")
    known(world, "Alice")
    synced_list(world, "News", alice)
    world.sync("lists_out")
    world.change("contacts", alice, emailaddress1=address("Alicia"))
    run = world.start("lists_out")
    while not Person.objects.filter(person_key=address("Alicia"), contact_id__isnull=False).exists():
        assert not isinstance(advance(str(run.key)), Done)
    assert request_cancel(run, "maya")
    world.carry_out(run)
    assert world.contact(address("Alice")).email == address("Alice")

    scored(world, "Alice", 90, 70)
    went_well(world.sync(SYNC))

    assert in_dynamics(world, alice) == (80, 90, 70, "Hot")


def test_a_plan_writes_nothing_and_is_then_carried_out(provisioned: World) -> None:
    world = provisioned
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    known(world, "Alice", "Bob")
    scored(world, "Alice", 90, 70, NIGHT)
    scored(world, "Bob", 10, 30, NIGHT)
    world.forget_calls()

    plan = world.sync(SYNC, plan_only=True)

    assert world.writes() == {}
    assert plan.approval == "waiting"
    assert told(plan) == [(address("Alice"), "planned", [None, 80]), (address("Bob"), "planned", [None, 20])]
    world.change("contacts", bob, firstname="Robert")
    run = world.carry_out(approve(plan, MAYA))
    assert (run.status, run.updated) == (RunStatus.COMPLETED, 2), run.message
    assert (in_dynamics(world, alice)[0], in_dynamics(world, bob)[0]) == (80, 20)


def test_who_changed_since_the_plan_is_left_out_and_comes_next(provisioned: World) -> None:
    world = provisioned
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    known(world, "Alice", "Bob")
    scored(world, "Alice", 90, 70, NIGHT)
    plan = world.sync(SYNC, plan_only=True)

    scored(world, "Alice", 50, 50)
    scored(world, "Bob", 50, 50)
    run = world.carry_out(approve(plan, MAYA))

    assert (in_dynamics(world, alice)[0], in_dynamics(world, bob)[0]) == (None, None)
    assert (run.skipped, run.message_code) == (1, "changed_since_plan")
    went_well(world.sync(SYNC))
    assert (in_dynamics(world, alice)[0], in_dynamics(world, bob)[0]) == (50, 50)


def test_one_record_that_dynamics_refuses_is_held_and_replayed(provisioned: World) -> None:
    world = provisioned
    alice, poison = contact(world, "Alice"), contact(world, "Poison")
    known(world, "Alice", "Poison")
    scored(world, "Alice", 90, 70)
    scored(world, "Poison", 66, 66)
    control = world.sandbox_dataverse.control
    control.fault("reject_record", match=f'"{COLUMNS[0]}":66', times=None)

    run = world.sync(SYNC)

    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert told(run) == [
        (address("Alice"), "updated", [None, 80]),
        (address("Poison"), "rejected", [None, 66]),
    ]
    held = Held.objects.get()
    assert (held.sync_type, held.person_key, held.reason) == (SYNC, address("Poison"), "refused_by_dynamics")
    world.forget_calls()
    world.sync(SYNC)
    assert world.writes() == {}

    control.clear_faults()
    (again,) = replay(world.account, Held.objects.all(), OPERATOR, asked={}).runs
    went_well(world.carry_out(again))
    assert (in_dynamics(world, alice)[0], in_dynamics(world, poison)[0]) == (80, 66)
    assert not Held.objects.exists()


def test_a_cancelled_run_stops_between_pages_and_the_next_goes_on(
    provisioned: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = provisioned
    monkeypatch.setattr(write_scores, "PAGE", 1)
    names = ("Alice", "Bob", "Cat")
    people = [contact(world, name) for name in names]
    known(world, *names)
    for name in names:
        scored(world, name, 90, 70)
    run = world.start(SYNC)
    while not run.updated:
        assert not isinstance(advance(str(run.key)), Done)
        run.refresh_from_db()

    assert request_cancel(run, "maya")
    world.carry_out(run)

    assert (run.status, run.updated) == (RunStatus.CANCELLED, 1)
    assert [in_dynamics(world, one)[0] for one in people].count(80) == 1
    went_well(world.sync(SYNC))
    assert [in_dynamics(world, one)[0] for one in people] == [80] * 3


def test_an_account_without_the_feature_is_told_so(provisioned: World) -> None:
    world = provisioned
    world.sandbox_dotdigital.control.settings(scoring=False)

    run = world.sync(SYNC)

    assert (run.status, run.message) == (RunStatus.FAILED, "Feature is not activated in Dotdigital")
    went_well(world.sync("suppressions"))


def test_without_the_columns_the_run_says_what_to_do(world: World) -> None:
    alice = contact(world, "Alice")
    known(world, "Alice")
    scored(world, "Alice", 90, 70)

    run = world.sync(SYNC)

    assert (run.status, run.message_code) == (RunStatus.FAILED, "no_score_columns")
    assert run.message == "Dynamics has no columns for scores on contact yet"
    assert "syncline provision" in run.remedy
    provisioning.apply(world.crm, provisioning.plan(world.crm))
    went_well(world.sync(SYNC))
    assert in_dynamics(world, alice)[0] == 80


def test_there_is_nothing_to_undo(provisioned: World) -> None:
    world = provisioned
    contact(world, "Alice")
    known(world, "Alice")
    scored(world, "Alice", 90, 70)
    run = world.sync(SYNC)

    with pytest.raises(UndoProblem, match="only carries over what Dotdigital knows"):
        start_undo(run, MAYA)


def test_an_erased_person_leaves_no_trace_and_who_had_opted_out_is_left_alone(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    known(world, "Alice")
    scored(world, "Alice", 90, 70)
    went_well(world.sync(SYNC))
    world.dd.unsubscribe(address("Alice"))
    world.sync("suppressions")
    assert Score.objects.exists() and ScoredRecord.objects.exists()

    report = erase(address("Alice"), by=OPERATOR)

    assert not Score.objects.exists() and not ScoredRecord.objects.exists()
    assert (report.removed["scores"], report.removed["scores that were written to Dynamics"]) == (1, 1)
    assert erased.anybody()
    world.change("contacts", alice, firstname="Alicia")
    scored(world, "Alice", 10, 10)
    went_well(world.sync(SYNC))
    assert in_dynamics(world, alice)[0] == 80
