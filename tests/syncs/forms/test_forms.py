"""Forms and responses come into Dynamics, and only what is new is asked for and written."""

from __future__ import annotations

import pytest

from syncline.ledger import cursors
from syncline.ledger.models import RunStatus
from syncline.syncs.forms.read_forms import SOURCE
from tests.syncs.forms.scene import ALICE, BOB, CAROL, NOW, SETS, Scene, said

FULL = {"town": "Bath", "gear": ["Rope", "Sledge"], "happy_with": {"Food": "No"}}


def test_a_form_comes_with_its_questions_options_responses_and_answers(scene: Scene) -> None:
    scene.form("Walk", said(ALICE, **FULL), views=9)
    run = scene.sync()
    assert (run.status, run.message) == (RunStatus.COMPLETED, "")
    assert (run.created, run.rejected) == (2, 0), "a form and a response"
    (form,) = scene.rows("forms")
    assert (form["syncline_name"], form["syncline_formstate"], form["syncline_views"]) == (
        "Walk",
        "Active",
        9,
    )
    assert (form["syncline_completeresponses"], form["syncline_lastresponseon"]) == (
        1,
        "2026-03-02T09:00:00Z",
    )
    assert scene.names("questions") == ["E-mail", "Gear", "Happy with: Food", "Happy with: Guide", "Town"]
    assert scene.names("options") == sorted(["Tent", "Rope", "Other", *["Yes", "No"] * 2])
    assert scene.answers(ALICE) == {
        "E-mail": [ALICE],
        "Town": ["Bath"],
        "Gear": ["Other", "Rope", "Sledge"],
        "Happy with: Food": ["No"],
    }
    options = {row["syncline_formoptionid"]: row["syncline_name"] for row in scene.rows("options")}
    chosen = [row["_syncline_option_value"] for row in scene.rows("answers")]
    assert sorted(options[one] for one in chosen if one) == ["No", "Other", "Rope"]


def test_the_second_run_writes_nothing_and_asks_for_no_form(scene: Scene) -> None:
    scene.form("Walk", said(ALICE, **FULL))
    scene.sync()
    scene.control.set_clock("2026-03-05T13:00:00Z")
    scene.world.forget_calls()
    run = scene.sync()
    assert (run.status, run.read, run.message) == (RunStatus.COMPLETED, 0, "No new objects to sync")
    assert scene.world.writes() == {}
    assert scene.calls() == {
        "GET /v2/server-time": 1,
        "GET /v2/surveys/with-activity-since/{date}": 1,
    }


def test_only_what_is_new_is_read_and_written(scene: Scene) -> None:
    walk = scene.form("Walk", said(ALICE, **FULL))
    scene.form("Quiet")
    scene.sync()
    scene.control.set_clock("2026-03-05T13:00:00Z")
    scene.answer(walk, said(BOB, "2026-03-05T12:30:00Z", town="York"))
    scene.world.forget_calls()
    run = scene.sync()
    assert (run.created, run.updated, run.unchanged) == (1, 1, 0), "a response, and the form's figures"
    assert scene.who() == [ALICE, BOB]
    assert scene.answers(BOB)["Town"] == ["York"]
    calls = scene.calls()
    assert calls["GET /v2/surveys/{id}/responses/with-activity-since/{date}"] == 2, "a page and an empty one"
    assert not [route for route in calls if "fields" in route], "the form itself was not changed"
    assert scene.written() == {"forms": 1, "responses": 1, "answers": 1}


def test_what_slipped_through_is_found_with_the_list_of_all_forms(scene: Scene) -> None:
    """Rows move between pages, so that the page of active forms may miss one."""
    walk = scene.form("Walk", said(ALICE))
    scene.sync()
    scene.answer(walk, said(BOB, "2026-03-05T12:30:00Z"))
    scene.control.set_clock("2026-03-07T12:00:00Z")
    cursors.move(scene.world.account, SOURCE, "2026-03-07T11:00:00+00:00")
    scene.sync()
    assert scene.who() == [ALICE, BOB]
    scene.world.forget_calls()
    scene.sync()
    assert scene.written() == {}


def test_an_unfinished_response_gets_its_answers_once_it_is_complete(scene: Scene) -> None:
    walk = scene.form()
    (number,) = scene.answer(walk, said(ALICE, completed=False, town="Bath"))
    scene.sync()
    (row,) = scene.rows("responses")
    assert (row["syncline_complete"], row["syncline_completedon"]) == (False, None)
    assert scene.rows("answers") == []
    scene.control.set_clock("2026-03-05T13:00:00Z")
    done = {**said(ALICE, completed="2026-03-05T12:30:00Z", town="York"), "id": number}
    scene.answer(walk, done)
    run = scene.sync()
    assert (run.created, run.updated) == (0, 2)
    (row,) = scene.rows("responses")
    assert (row["syncline_complete"], row["syncline_completedon"]) == (True, "2026-03-05T12:30:00Z")
    assert scene.answers(ALICE) == {"E-mail": [ALICE], "Town": ["York"]}


def test_a_changed_form_brings_new_questions_and_keeps_what_was_said_to_old_ones(scene: Scene) -> None:
    walk = scene.form("Walk", said(ALICE, **FULL))
    scene.sync()
    before = scene.answers(ALICE)
    scene.control.set_clock("2026-03-05T13:00:00Z")
    scene.answer(walk, pages=[[{"text": "E-mail", "type": "email"}]], name="Long walk")
    scene.sync()
    assert scene.names("forms") == ["Long walk"]
    assert "Town" in scene.names("questions")
    assert scene.answers(ALICE) == before


def test_responses_without_an_address_come_too(scene: Scene) -> None:
    scene.form("Walk", said(None, town="Bath"), said(None, town="York"))
    run = scene.sync()
    assert (run.status, run.created) == (RunStatus.COMPLETED, 3)
    assert scene.who() == ["None", "None"]
    assert len(scene.rows("answers")) == 2


def test_a_deleted_form_stays_and_is_marked(scene: Scene) -> None:
    walk = scene.form("Walk", said(ALICE))
    scene.form("Run")
    scene.sync()
    scene.delete(walk)
    scene.control.set_clock("2026-03-05T13:00:00Z")
    scene.sync()
    assert not scene.known("Walk").deleted, "the list of all forms is read once a day"
    scene.control.set_clock("2026-03-06T14:00:00Z")
    run = scene.sync()
    assert (run.status, run.updated) == (RunStatus.COMPLETED, 1)
    deleted = {row["syncline_name"]: row["syncline_deleted"] for row in scene.rows("forms")}
    assert deleted == {"Walk": True, "Run": False}
    assert scene.who() == [ALICE]


def test_a_large_form_comes_whole_in_the_largest_messages(scene: Scene) -> None:
    scene.form("Walk", count=1_700, pages=[[{"text": "E-mail", "type": "email"}]])
    scene.world.forget_calls()
    run = scene.sync()
    assert (run.status, run.created) == (RunStatus.COMPLETED, 1_701)
    calls = scene.calls()["GET /v2/surveys/{id}/responses"]
    assert calls == 5, "500 a page of which 25 are read again, and an empty page"
    assert scene.written() == {"forms": 1, "questions": 1, "responses": 2, "answers": 2}


def test_several_choices_may_come_as_an_answer_each(scene: Scene) -> None:
    scene.control.settings(several_choices="repeated")
    scene.form("Walk", said(ALICE, gear=["Tent", "Rope"]))
    scene.sync()
    assert scene.answers(ALICE)["Gear"] == ["Rope", "Tent"]


def test_an_account_without_forms_says_so(scene: Scene) -> None:
    scene.control.settings(forms=False)
    run = scene.sync()
    assert (run.status, run.message) == (RunStatus.FAILED, "Feature is not activated in Dotdigital")


@pytest.mark.parametrize("what", list(SETS))
def test_a_table_that_may_not_be_written_fails_only_what_stands_in_it(scene: Scene, what: str) -> None:
    scene.form("Walk", said(ALICE, **FULL))
    scene.form("Run", said(BOB))
    control = scene.world.sandbox_dataverse.control
    table = SETS[what].removesuffix("s").removeprefix("syncline_")
    named = {"form": "Form", "formquestion": "FormQuestion", "formoption": "FormOption"}
    named |= {"formresponse": "FormResponse", "formanswer": "FormAnswer"}
    control.settings(denied=[f"prv{right}syncline_{named[table]}" for right in ("Create", "Write")])
    run = scene.sync()
    if what == "forms":
        assert (run.status, run.message_code) == (RunStatus.FAILED, "no_form_tables")
    else:
        assert run.status == RunStatus.COMPLETED_WITH_ERRORS
        assert scene.names("forms") == ["Run", "Walk"]
        assert scene.who() == ([] if what == "responses" else [ALICE, BOB])
        assert "have failed to sync for this form" in scene.part(run).message
    control.settings(denied=[])
    assert scene.sync().status == RunStatus.COMPLETED
    assert scene.who() == [ALICE, BOB]
    assert scene.answers(ALICE)["Town"] == ["Bath"]
    scene.control.set_clock("2026-03-05T13:00:00Z")
    scene.world.forget_calls()
    assert scene.sync().read == 0
    assert scene.world.writes() == {}


def test_without_tables_the_run_says_what_to_do(world: object) -> None:
    from tests.syncs.world import World

    assert isinstance(world, World)
    bare = Scene(world)
    bare.control.set_clock(NOW)
    bare.form("Walk", said(CAROL))
    run = bare.sync()
    assert (run.status, run.message_code) == (RunStatus.FAILED, "no_form_tables")
    assert "syncline provision" in run.remedy
