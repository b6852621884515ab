"""Marketing preferences (product.md §4, no. 12): both ways, the later choice counts, and nobody is told of
anything that they said no to.
"""

from __future__ import annotations

import pytest

from syncline.accounts.admin_log import OPERATOR, Actor
from syncline.consent.models import Choice, ChoiceRow, ConsentEvent, Due
from syncline.dotdigital import ImportRow
from syncline.engine.plans import approve
from syncline.engine.repairs import UndoProblem, start_undo
from syncline.engine.replay import replay
from syncline.ledger.fuse import Limit, set_limit
from syncline.ledger.models import FuseKind, Held, RunStatus
from syncline.onboarding.erasing import erase
from tests.syncs.consent.scene import address, contact
from tests.syncs.consent.test_explain import why
from tests.syncs.consent.test_opt_in import just_before
from tests.syncs.consent.test_unsubscribers import synced_list
from tests.syncs.preferences.scene import SYNC, Scene, told
from tests.syncs.world import World

MAYA = Actor("maya", "test")


def test_what_people_chose_goes_to_their_contacts_and_leads(scene: Scene) -> None:
    world = scene.world
    alice, bob, carol = scene.known("Alice", "Bob", "Carol")
    lead = world.add("leads", firstname="Alice", emailaddress1="ALICE@example.com ")
    scene.chooses("Alice", yes=True)
    scene.chooses("Bob", yes=False, topic="Skiing")

    run = scene.sync()

    assert (scene.here(alice), scene.here(lead)) == ([True], [True])
    assert (scene.here(bob, "Skiing"), scene.here(bob), scene.rows(carol)) == ([False], [], [])
    assert told(run) == [
        (address("Alice"), "dynamics", "created", "Topics > Hiking", None, "Yes"),
        (address("Alice"), "dynamics", "created", "Topics > Hiking", None, "Yes"),
        (address("Bob"), "dynamics", "created", "Topics > Skiing", None, "No"),
    ]
    (event,) = ConsentEvent.objects.filter(what="preference", subject__person_key=address("Alice"))
    assert (event.before, event.after, event.source) == ("", "yes", "dotdigital")


def test_the_second_run_writes_nothing(scene: Scene) -> None:
    alice, bob = scene.known("Alice", "Bob")
    scene.chooses("Alice", yes=True)
    scene.sync()
    scene.says(bob, yes=True)
    scene.says(alice, yes=False)
    scene.later()
    scene.sync()
    for _ in range(2):
        scene.world.forget_calls()
        scene.sync()
        assert scene.world.writes() == {}


def test_what_somebody_chose_in_dynamics_goes_to_dotdigital(scene: Scene) -> None:
    alice, bob = scene.known("Alice", "Bob")
    scene.chooses("Alice", yes=True)
    scene.sync()
    scene.later()
    scene.says(alice, yes=False)
    scene.says(bob, yes=True)

    run = scene.sync()

    assert scene.both("Alice", alice) == (False, [False])
    assert scene.both("Bob", bob) == (True, [True])
    assert told(run) == [
        (address("Alice"), "dotdigital", "updated", "Topics > Hiking", "Yes", "No"),
        (address("Bob"), "dotdigital", "updated", "Topics > Hiking", None, "Yes"),
    ]


@pytest.mark.parametrize("yes", [True, False])
def test_where_both_sides_changed_the_later_choice_counts(scene: Scene, *, yes: bool) -> None:
    alice, bob = scene.known("Alice", "Bob")
    for name in ("Alice", "Bob"):
        scene.chooses(name, yes=yes, topic="Skiing")
    scene.sync()
    scene.later()
    scene.chooses("Alice", yes=yes)
    scene.says(bob, yes=yes)
    scene.later()
    scene.says(alice, yes=not yes)
    scene.chooses("Bob", yes=not yes)
    scene.later()

    scene.sync()

    assert scene.both("Alice", alice) == (not yes, [not yes])
    assert scene.both("Bob", bob) == (not yes, [not yes])


def test_within_what_clocks_may_differ_by_a_no_counts(scene: Scene) -> None:
    (alice,) = scene.known("Alice")
    scene.sync()
    scene.later()
    scene.chooses("Alice", yes=False)
    scene.world.wait(120)
    scene.says(alice, yes=True)

    scene.sync()

    assert scene.both("Alice", alice) == (False, [False])


def test_nobody_who_opted_out_of_everything_is_set_to_yes(scene: Scene) -> None:
    world = scene.world
    alice, bob = scene.known("Alice", "Bob")
    scene.sync()
    scene.later()
    scene.says(alice, yes=True)
    scene.says(bob, yes=True)
    world.dd.unsubscribe(address("Alice"))
    world.change("contacts", bob, donotbulkemail=True)

    run = scene.sync()

    assert (scene.there("Alice"), scene.there("Bob")) == (None, None)
    assert [(one.person_key, one.result, one.reason) for one in run.outcomes.order_by("person_key")] == [
        (address("Alice"), "skipped", "suppressed"),
        (address("Bob"), "skipped", "do_not_bulk_email"),
    ]
    assert world.contact(address("Alice")).email_status != "subscribed"


def test_a_no_reaches_somebody_who_is_suppressed_too(scene: Scene) -> None:
    (alice,) = scene.known("Alice")
    scene.chooses("Alice", yes=True)
    scene.sync()
    scene.later()
    scene.says(alice, yes=False)
    scene.world.dd.unsubscribe(address("Alice"))

    scene.sync()

    assert scene.there("Alice") is False
    assert scene.world.contact(address("Alice")).email_status != "subscribed"


def test_only_who_ever_was_in_a_list_is_carried_over(scene: Scene) -> None:
    world = scene.world
    scene.known("Alice")
    stranger = contact(world, "Bob")
    world.sandbox_dotdigital.control.seed(
        contacts=[
            {"email": address("Bob"), "preferences": {"Hiking": True}},
            {"email": address("Nobody"), "preferences": {"Hiking": True}},
        ]
    )
    assert told(scene.sync()) == []

    synced_list(world, "News", stranger)
    scene.sync()

    assert scene.here(stranger) == [True]


def test_a_yes_needs_all_records_of_the_address_and_a_no_only_one(scene: Scene) -> None:
    (alice,) = scene.known("Alice")
    twin = contact(scene.world, "Alice")
    scene.chooses("Alice", yes=False)
    scene.sync()
    scene.later()
    scene.says(alice, yes=True)

    run = scene.sync()

    assert (scene.both("Alice", alice), scene.here(twin)) == ((False, [True]), [False])
    assert [(one.result, one.reason) for one in run.outcomes.all()] == [("skipped", "records_disagree")]
    scene.says(twin, yes=True)
    scene.sync()
    assert scene.both("Alice", alice) == (True, [True])
    scene.later()
    scene.says(twin, yes=False)
    scene.sync()
    assert (scene.both("Alice", alice), scene.here(twin)) == ((False, [False]), [False])


def test_a_no_goes_with_a_changed_address(scene: Scene) -> None:
    world = scene.world
    alice, _ = scene.known("Alice", "Bob")
    scene.chooses("Alice", yes=False)
    scene.sync()
    scene.later()
    world.change("contacts", alice, emailaddress1=address("Alicia"))
    world.sync("lists_out")

    scene.sync()

    assert (scene.there("Alicia"), scene.here(alice)) == (False, [False])


def test_who_changes_to_an_address_that_has_a_contact_keeps_the_no(scene: Scene) -> None:
    world = scene.world
    (alice,) = scene.known("Alice")
    world.sandbox_dotdigital.control.seed(
        contacts=[{"email": address("Alicia"), "preferences": {"Hiking": True}}]
    )
    scene.later()
    scene.chooses("Alice", yes=False)
    scene.sync()
    world.change("contacts", alice, emailaddress1=address("Alicia"))
    scene.later()
    world.sync("lists_out")

    scene.sync()

    assert scene.here(alice) == [False]
    assert scene.there("Alicia") is False


def test_another_contact_at_the_address_has_chosen_nothing_and_is_bound_by_the_no(scene: Scene) -> None:
    world = scene.world
    alice, bob = scene.known("Alice", "Bob")
    scene.chooses("Alice", yes=True)
    scene.chooses("Bob", yes=False)
    scene.sync()
    scene.later()
    for name in ("Alice", "Bob"):
        world.delete_contact(address(name))
        world.put([ImportRow(email=address(name))])

    scene.sync()

    assert scene.both("Alice", alice) == (None, [True])
    assert scene.both("Bob", bob) == (False, [False])
    scene.later()
    scene.says(alice, yes=True)
    scene.sync()
    assert scene.there("Alice") is True


def test_a_yes_is_not_sent_to_who_says_no_in_the_same_moment(scene: Scene) -> None:
    (alice,) = scene.known("Alice")
    scene.sync()
    scene.later()
    scene.says(alice, yes=True)
    scene.later()

    with just_before("/subscriptions", lambda: scene.chooses("Alice", yes=False)):
        scene.sync()

    assert scene.both("Alice", alice) == (False, [False])


def test_a_yes_is_not_sent_where_another_record_comes_to_say_no(scene: Scene) -> None:
    (alice,) = scene.known("Alice")
    twin = contact(scene.world, "Alice")
    scene.sync()
    scene.later()
    scene.says(alice, yes=True)
    scene.later()

    with just_before("/subscriptions", lambda: scene.says(twin, yes=False)):
        scene.sync()

    assert scene.there("Alice") is not True
    scene.sync()
    assert (scene.both("Alice", alice), scene.here(twin)) == ((False, [False]), [False])


def test_a_row_that_changes_in_the_same_moment_is_read_again(scene: Scene) -> None:
    (alice,) = scene.known("Alice")
    scene.chooses("Alice", yes=True)
    scene.sync()
    scene.later()
    scene.chooses("Alice", yes=False)
    (row,) = scene.rows(alice)

    def renamed() -> None:
        id_ = row["syncline_contactpreferenceid"]
        scene.sales.update("syncline_contactpreferences", id_, {"syncline_name": "Tours"})

    with just_before("POST /api/data/v9.2/$batch", renamed):
        run = scene.sync()

    assert scene.both("Alice", alice) == (False, [False])
    assert told(run) == [(address("Alice"), "dynamics", "updated", "Topics > Hiking", "Yes", "No")]


def test_a_plan_writes_nothing_and_is_then_carried_out(scene: Scene) -> None:
    alice, bob = scene.known("Alice", "Bob")
    scene.sync()
    scene.later()
    scene.chooses("Alice", yes=True)
    scene.says(bob, yes=True)
    scene.world.forget_calls()

    plan = scene.sync(plan_only=True)

    assert scene.world.writes() == {}
    assert plan.approval == "waiting"
    assert told(plan) == [
        (address("Alice"), "dynamics", "planned", "Topics > Hiking", None, "Yes"),
        (address("Bob"), "dotdigital", "planned", "Topics > Hiking", None, "Yes"),
    ]
    run = scene.world.carry_out(approve(plan, MAYA))
    assert (run.status, run.created, run.updated) == (RunStatus.COMPLETED, 1, 1), run.message
    assert scene.both("Alice", alice) == (True, [True])
    assert scene.both("Bob", bob) == (True, [True])


def test_who_changed_since_the_plan_is_left_out_and_comes_next(scene: Scene) -> None:
    alice, bob = scene.known("Alice", "Bob")
    scene.sync()
    scene.later()
    scene.chooses("Alice", yes=True)
    scene.says(bob, yes=True)
    plan = scene.sync(plan_only=True)
    scene.later()
    scene.chooses("Alice", yes=False)
    scene.says(bob, yes=False)

    run = scene.world.carry_out(approve(plan, MAYA))

    assert run.message_code == "changed_since_plan"
    assert (scene.both("Alice", alice), scene.both("Bob", bob)) == ((False, []), (None, [False]))
    scene.sync()
    assert scene.both("Alice", alice) == (False, [False])
    assert scene.both("Bob", bob) == (False, [False])


def test_choices_that_would_be_replaced_trip_the_fuse(scene: Scene) -> None:
    names = [f"Person{number}" for number in range(4)]
    ids = scene.known(*names)
    for name in names:
        scene.chooses(name, yes=True)
    set_limit(scene.world.account, SYNC, FuseKind.OVERWRITES, Limit(50, 1), OPERATOR)
    scene.sync()
    scene.later()
    for record_id in ids[:3]:
        scene.says(record_id, yes=False)

    run = scene.sync(well=False)

    assert run.status == RunStatus.WAITING
    assert run.fuse == ["Would overwrite values of 3 of 4 people; the fuse is set to 50 % and 1 people."]
    assert [scene.there(name) for name in names] == [True] * 4
    scene.world.carry_out(approve(run, MAYA))
    assert [scene.there(name) for name in names] == [False] * 3 + [True]


def test_a_row_that_dynamics_refuses_is_held_and_replayed(scene: Scene) -> None:
    alice, bob = scene.known("Alice", "Bob")
    scene.chooses("Alice", yes=True)
    scene.chooses("Bob", yes=False)
    control = scene.world.sandbox_dataverse.control
    control.fault("reject_record", match='"syncline_optedin":true', times=None)

    run = scene.sync(well=False)

    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert (scene.here(alice), scene.here(bob)) == ([], [False])
    held = Held.objects.get()
    assert (held.sync_type, held.person_key, held.reason) == (SYNC, address("Alice"), "refused_by_dynamics")
    scene.world.forget_calls()
    scene.sync(well=False)
    assert scene.world.writes() == {}
    control.clear_faults()
    (again,) = replay(scene.world.account, Held.objects.all(), OPERATOR, asked={}).runs
    scene.world.carry_out(again)
    assert scene.here(alice) == [True]
    assert not Held.objects.exists()


def test_a_row_that_somebody_deletes_is_made_again(scene: Scene) -> None:
    (alice,) = scene.known("Alice")
    scene.chooses("Alice", yes=True)
    scene.sync()
    (row,) = scene.rows(alice)
    scene.sales.delete("syncline_contactpreferences", row["syncline_contactpreferenceid"])

    scene.sync()

    assert scene.here(alice) == [True]
    assert scene.there("Alice") is True


def test_new_and_renamed_preferences_are_taken_over(scene: Scene) -> None:
    (alice,) = scene.known("Alice")
    scene.sync()
    control = scene.world.sandbox_dotdigital.control
    more = control.seed(preferences=[{"name": "Places", "preferences": ["Alps"]}])["preferences"]
    scene.ids.update(more)
    scene.later()
    scene.chooses("Alice", yes=True, topic="Alps")

    scene.sync()

    assert scene.here(alice, "Alps") == [True]
    rows = [row for page in scene.world.crm.pages("syncline_preferences") for row in page.rows]
    assert sorted(row["syncline_name"] for row in rows) == ["Alps", "Hiking", "Skiing"]
    assert all(row["_syncline_category_value"] for row in rows)


def test_without_the_tables_the_run_says_what_to_do(world: World) -> None:
    run = world.sync(SYNC)

    assert (run.status, run.message_code) == (RunStatus.FAILED, "no_preference_tables")
    assert "syncline provision" in run.remedy


def test_a_run_is_never_undone(scene: Scene) -> None:
    scene.known("Alice")
    scene.chooses("Alice", yes=True)
    run = scene.sync()

    with pytest.raises(UndoProblem, match="Consent is never undone"):
        start_undo(run, MAYA)


def test_an_erased_person_leaves_no_trace(scene: Scene) -> None:
    scene.known("Alice", "Bob")
    for name in ("Alice", "Bob"):
        scene.chooses(name, yes=True)
    scene.sync()
    scene.later()
    scene.chooses("Alice", yes=False)
    scene.sync(plan_only=True)

    erase(address("Alice"), by=OPERATOR)

    assert not Due.objects.filter(person_key=address("Alice")).exists()
    assert [one.person_key for one in Choice.objects.all()] == [address("Bob")]
    assert ChoiceRow.objects.count() == 1


def test_two_accounts_on_one_environment_keep_their_own(scene: Scene, south: World) -> None:
    (alice,) = scene.known("Alice")
    synced_list(south, "South", alice)
    with Scene(south) as other:
        scene.chooses("Alice", yes=True)
        other.chooses("Alice", yes=False)
        for one in (scene, other, scene):
            one.sync()

        assert sorted(scene.here(alice)) == [False, True]
        assert (scene.there("Alice"), other.there("Alice")) == (True, False)


def test_why_tells_what_the_next_sync_would_do_and_then_it_does(scene: Scene) -> None:
    alice, _ = scene.known("Alice", "Bob")
    contact(scene.world, "Zoe")
    scene.chooses("Alice", yes=True)
    scene.sync()
    scene.later()
    assert why(scene.world, SYNC).conclusion == "Nothing to do: both sides say the same."
    scene.chooses("Alice", yes=False)
    scene.says(alice, yes=True, topic="Skiing")
    scene.sync(plan_only=True)

    told_now = {(one.field, one.new) for one in why(scene.world, SYNC).values}

    assert told_now == {("Topics > Hiking", "No"), ("Topics > Skiing", "Yes")}
    scene.world.dd.unsubscribe(address("Alice"))
    scene.sync(plan_only=True)
    assert {(one.field, one.new) for one in why(scene.world, SYNC).values} == {("Topics > Hiking", "No")}
    scene.sync()
    assert "Topics > Skiing is left as it is: " in why(scene.world, SYNC).conclusion
    assert "have chosen nothing" in why(scene.world, SYNC, "Bob").conclusion
