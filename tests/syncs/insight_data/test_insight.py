"""Insight data (product.md §4, no. 13): rows of a chosen table reach the contacts whose they are."""

from __future__ import annotations

import json

import pytest

from syncline.accounts.admin_log import Actor
from syncline.dataverse import Dataverse
from syncline.engine.plans import approve
from syncline.engine.repairs import UndoProblem, start_undo
from syncline.engine.replay import replay
from syncline.insight import rows
from syncline.insight.choosing import Offer, change_columns, drop
from syncline.insight.models import InsightRow, InsightTable
from syncline.ledger.fuse import Limit, set_limit
from syncline.ledger.models import FuseKind, Held, Outcome, Run, RunPart, RunStatus
from syncline.onboarding.erasing import erase
from syncline.syncs.context import RunContext
from syncline.syncs.insight_data import begin
from syncline.syncs.running import advance
from tests.syncs.consent.scene import address, contact
from tests.syncs.insight_data.scene import (
    ALICE,
    BOB,
    DEALS,
    DELETE,
    IMPORT,
    Scene,
    notes,
    told,
    went_well,
)

MAYA = Actor("maya", "test")


def test_rows_of_subscribers_become_records_of_their_contacts(scene: Scene) -> None:
    tent = scene.deal("Tent", scene.alice, estimatedvalue=120.5)
    scene.deal("Boots", scene.bob)
    run = went_well(scene.sync())
    assert scene.held()[tent] == (ALICE, {"name": "Tent", "estimatedvalue": 120.5})
    assert scene.names() == {"Tent": ALICE, "Boots": BOB}
    assert told(run) == [(BOB, "Boots", "created", ""), (ALICE, "Tent", "created", "")]
    assert (run.created, run.read) == (2, 2)
    (outcome,) = Outcome.objects.filter(run=run, name="Tent")
    assert json.loads(outcome.fields) == {"name": [None, "Tent"], "estimatedvalue": [None, 120.5]}
    (part,) = RunPart.objects.filter(run=run)
    assert (part.name, part.audit_type, part.created) == ("Opportunity → Deals", "InsightData", 2)


def test_the_second_run_writes_nothing_and_reads_only_what_changed(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    boots = scene.deal("Boots", scene.bob)
    went_well(scene.sync())
    scene.world.forget_calls()
    run = went_well(scene.sync())
    assert scene.world.writes() == {}
    assert (run.message, run.read) == ("No new objects to sync", 0)

    scene.world.change("opportunities", boots, name="Winter boots")
    run = went_well(scene.sync())
    assert scene.calls(IMPORT) == 1
    assert told(run) == [(BOB, "Winter boots", "updated", "")]
    assert json.loads(Outcome.objects.get(run=run).fields) == {"name": ["Boots", "Winter boots"]}
    assert scene.names() == {"Tent": ALICE, "Winter boots": BOB}


def test_a_change_of_another_column_sends_nothing(scene: Scene) -> None:
    tent = scene.deal("Tent", scene.alice)
    went_well(scene.sync())
    scene.world.change("opportunities", tent, description="with poles")
    scene.world.forget_calls()
    run = went_well(scene.sync())
    assert scene.world.writes() == {}
    assert (run.unchanged, run.read) == (1, 1)


def test_only_active_rows_of_people_who_are_subscribed(scene: Scene) -> None:
    scene.close(scene.deal("Lost", scene.alice))
    scene.deal("Nobody's")
    scene.deal("Carol's", contact(scene.world, "Carol"))
    scene.world.sandbox_dotdigital.control.call("POST", "suppress", {"email": BOB})
    scene.deal("Boots", scene.bob)
    scene.world.sync("suppressions")
    run = went_well(scene.sync())
    assert scene.held() == {}
    assert (run.created, run.skipped) == (0, 3)
    assert "2 rows were left out: of people who are not subscribed." in notes(run)
    assert "1 rows were left out: of nobody" in notes(run)


def test_rows_that_are_closed_or_deleted_lose_their_records(scene: Scene) -> None:
    tent, boots = scene.deal("Tent", scene.alice), scene.deal("Boots", scene.alice)
    scene.deal("Stove", scene.bob)
    went_well(scene.sync())
    scene.close(tent)
    scene.world.crm.delete("opportunities", boots)
    scene.world.forget_calls()
    run = went_well(scene.sync())
    assert scene.names() == {"Stove": BOB}
    assert scene.calls(DELETE) == 1, "one call a contact"
    assert told(run) == [
        (ALICE, "Boots", "removed", "row_not_active"),
        (ALICE, "Tent", "removed", "row_not_active"),
    ]
    assert InsightRow.objects.count() == 1
    scene.world.change("opportunities", tent, statecode=0, statuscode=1)
    assert went_well(scene.sync()).created == 1
    assert scene.names() == {"Stove": BOB, "Tent": ALICE}


def test_who_opts_out_loses_their_records_and_gets_no_more(scene: Scene) -> None:
    tent = scene.deal("Tent", scene.alice)
    went_well(scene.sync())
    scene.world.sandbox_dotdigital.control.call("POST", "suppress", {"email": ALICE})
    scene.world.sync("lists_out")
    scene.world.change("opportunities", tent, name="Larger tent")
    run = went_well(scene.sync())
    assert scene.held() == {}
    assert told(run) == [(ALICE, "Larger tent", "removed", "suppressed")]
    assert scene.world.contact(ALICE).email_status == "unsubscribed"
    scene.world.forget_calls()
    assert went_well(scene.sync()).read == 0
    assert scene.world.writes() == {}


@pytest.mark.parametrize("mark", ["donotbulkemail", "donotemail"])
def test_a_mark_in_dynamics_counts_as_much(scene: Scene, mark: str) -> None:
    scene.deal("Tent", scene.alice)
    went_well(scene.sync())
    scene.world.change("contacts", scene.alice, **{mark: True})
    scene.world.sync("lists_out")
    went_well(scene.sync())
    assert scene.held() == {}


def test_who_subscribes_later_gets_the_rows_that_were_read_before(scene: Scene) -> None:
    carol = contact(scene.world, "Carol")
    scene.deal("Kayak", carol)
    assert went_well(scene.sync()).skipped == 1
    scene.world.crm.add_list_members(scene.news.list_id, "contact", [carol])
    scene.world.sync("lists_out")
    scene.world.sandbox_dataverse.control.clear_journal()
    assert told(went_well(scene.sync())) == [(address("Carol"), "Kayak", "created", "")]
    assert scene.names() == {"Kayak": address("Carol")}


def test_a_row_that_becomes_somebody_elses_moves(scene: Scene) -> None:
    tent = scene.deal("Tent", scene.alice)
    went_well(scene.sync())
    scene.world.change("opportunities", tent, **{"parentcontactid@odata.bind": f"/contacts({scene.bob})"})
    run = went_well(scene.sync())
    assert scene.names() == {"Tent": BOB}
    assert told(run) == [(BOB, "Tent", "updated", "")]


def test_a_contact_that_was_deleted_in_dotdigital_costs_its_own_rows(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    scene.deal("Boots", scene.bob)
    went_well(scene.sync())
    scene.world.delete_contact(ALICE)
    assert scene.sync().read == 0, "nobody has told of it, and there is nothing to send"
    scene.deal("Stove", scene.alice)
    run = scene.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert told(run) == [(ALICE, "Stove", "rejected", "deleted_there")]
    assert scene.names() == {"Boots": BOB}


def test_one_bad_record_costs_one_record_and_is_tried_again_by_a_replay(scene: Scene) -> None:
    for number in range(6):
        scene.deal(f"Deal {number}", scene.alice if number % 2 else scene.bob)
    scene.world.sandbox_dotdigital.control.fault(
        "reject_record", match="Deal 3", code="JsonValueTooLong", times=None
    )
    run = scene.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert (run.created, run.rejected) == (5, 1)
    held = Held.objects.get()
    assert (held.person_key, held.reason, held.vendor_code) == (
        ALICE,
        "refused_by_dotdigital",
        "JsonValueTooLong",
    )
    scene.world.forget_calls()
    went_well(scene.sync())
    assert scene.world.writes() == {}, "it is not tried again as it is"

    scene.world.sandbox_dotdigital.control.clear_faults()
    (again,) = replay(scene.world.account, Held.objects.all(), MAYA, asked={}).runs
    run = went_well(scene.world.carry_out(again))
    assert (run.created, Held.objects.count()) == (1, 0)
    assert len(scene.held()) == 6


def test_an_import_that_fails_as_a_whole_is_narrowed(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    scene.deal("Boots", scene.bob)
    scene.world.sandbox_dotdigital.control.fault("import_failed", route=IMPORT.removeprefix("PUT "))
    scene.world.forget_calls()
    assert went_well(scene.sync()).created == 2
    assert scene.calls(IMPORT) == 3


def test_a_first_load_costs_the_fewest_calls(scene: Scene) -> None:
    """5,000 rows a page and 5,000 records an import."""
    scene.world.sandbox_dataverse.control.seed(
        rows={
            "opportunity": [
                {"name": f"Deal {number}", "parentcontactid@odata.bind": f"/contacts({scene.alice})"}
                for number in range(5_100)
            ]
        }
    )
    scene.world.forget_calls()
    run = went_well(scene.sync())
    assert run.created == 5_100
    assert scene.calls(IMPORT) == 2


@pytest.mark.parametrize("route", [IMPORT, "GET /insightData/v3/import/{importId}"])
def test_a_lost_answer_costs_nothing(scene: Scene, route: str) -> None:
    scene.deal("Tent", scene.alice)
    scene.world.sandbox_dotdigital.control.fault("lost_answer", route=route)
    assert went_well(scene.sync()).created == 1
    assert scene.names() == {"Tent": ALICE}


def test_a_lost_answer_to_a_removal_costs_nothing(scene: Scene) -> None:
    tent = scene.deal("Tent", scene.alice)
    went_well(scene.sync())
    scene.close(tent)
    scene.world.sandbox_dotdigital.control.fault("lost_answer", route="DELETE *deleteRecords")
    assert went_well(scene.sync()).removed == 1
    assert scene.held() == {}


def test_a_table_without_change_tracking_is_compared_in_full(scene: Scene) -> None:
    tasks = scene.choose("task", "subject", "prioritycode", lookup="regardingobjectid", collection="Tasks")
    assert not tasks.tracked

    def task(subject: str, of: str) -> str:
        bound = {"regardingobjectid_contact_task@odata.bind": f"/contacts({of})"}
        return scene.world.add("tasks", subject=subject, prioritycode=2, **bound)

    call, visit = task("Call", scene.alice), task("Visit", scene.bob)
    went_well(scene.sync())
    assert scene.held("Tasks") == {
        call: (ALICE, {"subject": "Call", "prioritycode": "High"}),
        visit: (BOB, {"subject": "Visit", "prioritycode": "High"}),
    }
    scene.world.forget_calls()
    run = went_well(scene.sync())
    assert scene.world.writes() == {}
    assert (run.unchanged, run.read) == (2, 2)
    scene.world.crm.delete("tasks", visit)
    scene.world.change("tasks", call, subject="Call again")
    went_well(scene.sync())
    assert scene.held("Tasks") == {call: (ALICE, {"subject": "Call again", "prioritycode": "High"})}


def test_rows_that_are_people_are_their_own(scene: Scene) -> None:
    scene.choose("contact", "firstname", lookup="contactid", collection="People")
    went_well(scene.sync())
    assert scene.held("People") == {
        scene.alice: (ALICE, {"firstname": "Alice"}),
        scene.bob: (BOB, {"firstname": "Bob"}),
    }


def test_an_expired_delta_token_means_a_full_pass_that_writes_only_differences(scene: Scene) -> None:
    tent, boots = scene.deal("Tent", scene.alice), scene.deal("Boots", scene.bob)
    went_well(scene.sync())
    scene.world.crm.delete("opportunities", boots)
    scene.world.change("opportunities", tent, name="Larger tent")
    scene.world.sandbox_dataverse.control.fault("expired_delta_token", route="*opportunities*")
    scene.world.forget_calls()
    run = went_well(scene.sync())
    assert (run.updated, run.removed) == (1, 1)
    assert scene.names() == {"Larger tent": ALICE}


def test_a_collection_that_was_emptied_in_dotdigital_is_filled_again(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    went_well(scene.sync())
    alice = scene.world.contact(ALICE).contact_id
    scene.world.dd.delete_insight_records(DEALS, alice, list(scene.held()))
    assert went_well(scene.sync()).created == 1
    assert scene.names() == {"Tent": ALICE}


def test_a_plan_writes_nothing_and_is_then_carried_out(scene: Scene) -> None:
    tent, boots = scene.deal("Tent", scene.alice), scene.deal("Boots", scene.bob)
    went_well(scene.sync())
    scene.close(tent)
    scene.world.change("opportunities", boots, **{"parentcontactid@odata.bind": f"/contacts({scene.alice})"})
    stove = scene.deal("Stove", scene.bob)
    scene.deal("Lamp", scene.bob)
    scene.world.forget_calls()
    plan = scene.sync(plan_only=True)
    assert scene.world.writes() == {}
    assert plan.approval == "waiting"
    assert [(name, result) for _, name, result, _ in told(plan)] == [
        (name, "planned") for name in ("Boots", "Lamp", "Stove", "Tent")
    ]
    assert (plan.created, plan.updated, plan.removed) == (2, 1, 1)
    scene.world.change("opportunities", stove, name="Small stove")

    run = scene.world.carry_out(approve(plan, MAYA))
    assert (run.created, run.updated, run.removed, run.skipped) == (1, 1, 1, 1), told(run)
    assert scene.names() == {"Boots": ALICE, "Lamp": BOB}
    assert ("Stove", "changed_since_plan") in [(name, reason) for _, name, _, reason in told(run)]
    went_well(scene.sync())
    assert scene.names() == {"Boots": ALICE, "Lamp": BOB, "Small stove": BOB}


def test_a_plan_does_not_outlive_a_change_of_consent(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    plan = scene.sync(plan_only=True)
    scene.world.sandbox_dotdigital.control.call("POST", "suppress", {"email": ALICE})
    scene.world.sync("lists_out")
    scene.world.carry_out(approve(plan, MAYA))
    assert scene.held() == {}


def test_a_run_that_takes_too_much_away_waits(scene: Scene) -> None:
    set_limit(scene.world.account, "insight", FuseKind.REMOVALS, Limit(20, 0), MAYA)
    deals = [scene.deal("Tent", scene.alice), scene.deal("Boots", scene.bob)]
    went_well(scene.sync())
    for deal in deals:
        scene.close(deal)
    run = scene.sync()
    assert run.status == RunStatus.WAITING
    assert "take 2 of 2 people out of the collection “Deals”" in run.message
    assert len(scene.held()) == 2
    scene.world.carry_out(approve(run, MAYA))
    assert scene.held() == {}


def test_without_the_feature_the_published_message_is_told(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    scene.world.sandbox_dotdigital.control.settings(insight_data=False)
    scene.world.forget_calls()
    run = scene.sync()
    assert (run.status, run.message) == (RunStatus.FAILED, "Feature is not activated in Dotdigital")
    assert "opportunities" not in str(scene.world.sandbox_dataverse.control.journal()["routes"])


def test_nothing_chosen_is_told(scene: Scene) -> None:
    scene.deals.delete()
    run = went_well(scene.sync())
    assert run.message == "No table has been chosen for insight data"


def test_a_table_that_may_not_be_read_does_not_keep_the_others(scene: Scene) -> None:
    scene.choose("task", "subject", lookup="regardingobjectid", collection="Tasks")
    scene.world.add(
        "tasks", subject="Call", **{"regardingobjectid_contact_task@odata.bind": f"/contacts({scene.alice})"}
    )
    scene.deal("Tent", scene.alice)
    scene.world.sandbox_dataverse.control.fault("status", status=403, route="GET /opportunities", times=None)
    run = scene.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert run.message
    assert len(scene.held("Tasks")) == 1
    scene.world.sandbox_dataverse.control.clear_faults()
    went_well(scene.sync())
    assert scene.names() == {"Tent": ALICE}


def test_a_collection_of_another_kind_is_left_alone(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    alice = scene.world.contact(ALICE).contact_id
    scene.world.dd.import_insight(DEALS, [b'{"key":"S1","json":{"city":"Leeds"}}'], scope="account")
    assert alice
    run = scene.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert "scope account" in run.message


def test_other_columns_send_every_record_anew(scene: Scene) -> None:
    scene.deal("Tent", scene.alice, description="with poles")
    went_well(scene.sync())
    scene.deals.delete()
    InsightRow.objects.all().delete()
    scene.deals = scene.choose("opportunity", "description", "statuscode", collection=DEALS)
    went_well(scene.sync())
    assert list(scene.held().values()) == [
        (ALICE, {"description": "with poles", "statuscode": "In Progress"})
    ]


def test_a_run_is_not_undone(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    run = went_well(scene.sync())
    with pytest.raises(UndoProblem, match="only carries over what Dynamics holds"):
        start_undo(run, MAYA)


def test_whoever_is_erased_leaves_no_rows_here(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    scene.deal("Boots", scene.bob, description="")
    went_well(scene.sync())
    erase(ALICE, by=MAYA)
    assert [row.record_id for row in InsightRow.objects.all()] == [scene.bob]


def test_a_table_is_gone_through_in_windows(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small a part of the table one statement looks at, all of it is found, and nothing twice."""
    monkeypatch.setattr(rows, "WINDOW", 2)
    monkeypatch.setattr(rows, "MOST_LOOKED_AT", 4)
    deals = [scene.deal(f"Deal {number}", scene.alice if number % 3 else "") for number in range(11)]
    assert went_well(scene.sync()).created == 7
    for deal in deals:
        scene.world.change("opportunities", deal, **{"parentcontactid@odata.bind": f"/contacts({scene.bob})"})
    run = went_well(scene.sync())
    assert (run.created, run.updated) == (4, 7)
    assert set(scene.names().values()) == {BOB}


def test_a_column_that_is_gone_from_dynamics_costs_its_own_table(scene: Scene) -> None:
    """Dynamics refuses the whole question then; what the table has is looked up once a day only."""
    scene.choose("task", "subject", lookup="regardingobjectid", collection="Tasks")
    scene.world.add(
        "tasks", subject="Call", **{"regardingobjectid_contact_task@odata.bind": f"/contacts({scene.alice})"}
    )
    scene.deal("Tent", scene.alice)
    body = {"error": {"code": "0x0", "message": "Could not find a property named 'estimatedvalue'"}}
    control = scene.world.sandbox_dataverse.control
    control.fault("status", status=400, route="GET /opportunities", times=None, body=body)
    run = scene.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert "estimatedvalue" in run.message
    assert len(scene.held("Tasks")) == 1
    scene.deals.refresh_from_db()
    assert scene.deals.read_at.year == 2000, "the next run looks the columns up first"


def test_a_choice_made_while_a_run_looks_the_table_up_stands(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = scene.choose("opportunity", "name", collection="Other")
    InsightTable.objects.update(read_at="2025-01-01T00:00:00Z")
    asked = begin.offer

    def meanwhile(client: Dataverse, table: str) -> Offer:
        offered = asked(client, table)
        for one in InsightTable.objects.filter(pk=scene.deals.pk):
            change_columns(one, ["name"], client, by=MAYA)
        for one in InsightTable.objects.filter(pk=other.pk):
            drop(one, by=MAYA)
        return offered

    monkeypatch.setattr(begin, "offer", meanwhile)
    went_well(scene.sync())
    assert [(one.pk, one.columns) for one in InsightTable.objects.all()] == [(scene.deals.pk, ["name"])]


def test_other_columns_in_the_middle_of_a_reading_begin_it_anew(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that were asked for with the former columns tell nothing of the new ones."""
    tent = scene.deal("Tent", scene.alice, description="with poles")
    # So long ago that the sweep after a first reading has nothing to tell.
    monkeypatch.setattr(RunContext, "dataverse_now", lambda _: "2100-01-01T00:00:00Z")
    run = scene.world.start("insight")
    while Run.objects.get(pk=run.pk).position.get("reading", {}).get("way") != "sweep":
        advance(str(run.key))
    change_columns(scene.deals, ["name", "description"], scene.world.crm, by=MAYA)
    went_well(scene.world.carry_out(run))
    assert scene.held()[tent] == (ALICE, {"name": "Tent", "description": "with poles"})


def test_a_removal_that_dotdigital_refuses_costs_one_contact(scene: Scene) -> None:
    tent, boots = scene.deal("Tent", scene.alice), scene.deal("Boots", scene.bob)
    went_well(scene.sync())
    scene.close(tent)
    scene.close(boots)
    scene.deal("Stove", scene.bob)
    alice = scene.world.contact(ALICE).contact_id
    control = scene.world.sandbox_dotdigital.control
    control.fault("status", status=400, route="DELETE *deleteRecords", match=f"/{alice}/", times=None)
    run = scene.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert (run.removed, run.created, run.rejected) == (1, 1, 1)
    assert scene.names() == {"Tent": ALICE, "Stove": BOB}
    control.clear_faults()
    assert went_well(scene.sync()).removed == 1, "it is tried again with every sync"
    assert not Held.objects.exists()


def test_who_opts_out_loses_their_records_though_the_table_cannot_be_read(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    went_well(scene.sync())
    scene.world.sandbox_dotdigital.control.call("POST", "suppress", {"email": ALICE})
    scene.world.sync("lists_out")
    control = scene.world.sandbox_dataverse.control
    control.fault("status", status=403, route="GET /opportunities*", times=None)
    run = scene.sync()
    assert (run.status, run.removed) == (RunStatus.COMPLETED_WITH_ERRORS, 1)
    assert scene.held() == {}


def test_a_person_is_held_for_as_long_as_a_row_of_theirs_is(scene: Scene) -> None:
    scene.deal("Poison", scene.alice)
    control = scene.world.sandbox_dotdigital.control
    control.fault("reject_record", route=IMPORT, match="Poison", code="JsonValueTooLong", times=None)
    assert scene.sync().rejected == 1
    scene.deal("Tent", scene.alice)
    assert went_well(scene.sync()).created == 1
    assert Held.objects.get().person_key == ALICE
