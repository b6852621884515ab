"""What people looked at comes into Dynamics as visits, once, and of whom Dynamics knows."""

from __future__ import annotations

import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.engine.repairs import problem_with
from syncline.engine.replay import replay
from syncline.ledger.models import Held, Run, RunPart, RunStatus
from syncline.onboarding.erasing import erase
from syncline.onboarding.leaving import leave
from syncline.web_behaviour.models import WebPageView, WebVisit
from syncline.web_behaviour.naming import save_naming
from tests.syncs.web_visits.scene import ALICE, BOB, PAGES, READ, VISITS, Scene

TENTS = ("2026-03-02T10:00:00Z", "2026-03-02T10:35:00Z")


def test_page_views_become_visits_of_the_contact_or_lead(scene: Scene) -> None:
    alice, bob = scene.know(ALICE), scene.know(BOB, "leads")
    scene.look(ALICE, ("10:00:00", "home"), ("10:35:00", "tents"), ("11:10:01", "boots"))
    scene.look(BOB, ("10:00:00", "home"))
    run = scene.sync()
    assert (run.status, run.created, run.rejected) == (RunStatus.COMPLETED, 3 + 4, 0)
    assert scene.visits() == [
        (ALICE, *TENTS, 2),
        (BOB, TENTS[0], TENTS[0], 1),
        (ALICE, "2026-03-02T11:10:01Z", "2026-03-02T11:10:01Z", 1),
    ]
    assert scene.pages() == ["Home", "Home", "Tents", "Boots"]
    first = min(scene.rows(VISITS), key=lambda row: (row["syncline_startedon"], row["syncline_email"]))
    assert first["_syncline_contact_value"] == alice
    assert (first["syncline_name"], first["syncline_durationminutes"]) == ("Home", 35)
    assert (first["syncline_site"], first["syncline_ipaddress"]) == ("shop.example", "192.0.2.1")
    assert {row["_syncline_lead_value"] for row in scene.rows(VISITS)} == {None, bob}
    of_first = [
        row for row in scene.rows(PAGES) if row["_syncline_visit_value"] == first["syncline_webvisitid"]
    ]
    assert {row["syncline_url"] for row in of_first} == {
        "https://shop.example/home",
        "https://shop.example/tents",
    }


def test_the_second_run_writes_nothing_and_a_visit_that_goes_on_is_the_same(scene: Scene) -> None:
    scene.know(ALICE)
    scene.look(ALICE, ("2026-03-05T11:50:00Z", "home"))
    scene.sync()
    scene.world.forget_calls()
    run = scene.sync()
    assert (run.status, run.message) == (RunStatus.COMPLETED, "No new objects to sync")
    assert scene.world.writes() == {}
    scene.control.set_clock("2026-03-05T12:20:00Z")
    scene.look(ALICE, ("2026-03-05T12:10:00Z", "tents"))
    run = scene.sync()
    assert (run.created, run.updated) == (1, 2), "a page view; the visit and how long the first page was open"
    assert scene.visits() == [(ALICE, "2026-03-05T11:50:00Z", "2026-03-05T12:10:00Z", 2)]


def test_visits_of_strangers_wait_here_until_dynamics_knows_them(scene: Scene) -> None:
    scene.look(ALICE, ("10:00:00", "home"))
    run = scene.sync()
    assert (run.status, scene.visits(), scene.pages()) == (RunStatus.COMPLETED, [], [])
    assert WebVisit.objects.get().person_key == ALICE
    scene.know(ALICE)
    run = scene.sync()
    assert (run.created, scene.pages()) == (2, ["Home"])
    assert [visit[0] for visit in scene.visits()] == [ALICE]


def test_without_a_collection_the_message_says_so(scene: Scene) -> None:
    run = scene.sync()
    assert (run.status, run.message_code) == (RunStatus.FAILED, "no_web_collection")
    scene.look(ALICE, ("10:00:00", "home"))
    save_naming(scene.world.account, "Shop", {}, OPERATOR)
    run = scene.sync()
    assert (run.status, run.message) == (RunStatus.FAILED, "Dotdigital has no collection Shop of contacts")


def test_names_that_are_otherwise_are_told_and_can_be_set(scene: Scene) -> None:
    scene.know(ALICE)
    scene.look(ALICE, ("10:00:00", "home"))
    save_naming(scene.world.account, None, {"viewed_on": "When"}, OPERATOR)
    run = scene.sync()
    assert (run.status, run.message_code) == (RunStatus.FAILED, "web_names_unknown")
    assert "no time in a field When" in run.message and "ViewedOn" in run.message
    save_naming(scene.world.account, None, {"viewed_on": "", "title": "Site"}, OPERATOR)
    assert scene.sync().status == RunStatus.COMPLETED
    assert scene.pages() == ["shop.example"]
    save_naming(scene.world.account, None, {"title": ""}, OPERATOR)
    assert scene.sync().updated == 2
    assert scene.pages() == ["Home"]


def test_a_table_that_may_not_be_written_fails_alone(scene: Scene) -> None:
    scene.know(ALICE)
    scene.look(ALICE, ("10:00:00", "home"))
    control = scene.world.sandbox_dataverse.control
    control.settings(denied=["prvCreatesyncline_WebPageView"])
    run = scene.sync()
    assert (run.status, run.message) == (RunStatus.COMPLETED_WITH_ERRORS, "Page views have failed to sync")
    assert (len(scene.visits()), scene.pages()) == (1, [])
    assert RunPart.objects.get(run=run, name="Web visits").status == RunStatus.COMPLETED
    assert "prvCreatesyncline_WebPageView" in run.remedy
    control.settings(denied=[])
    assert (scene.sync().status, scene.pages()) == (RunStatus.COMPLETED, ["Home"])


def test_a_row_that_dynamics_refuses_is_held_and_replays(scene: Scene) -> None:
    scene.know(ALICE)
    scene.look(ALICE, ("10:00:00", "home"), ("10:01:00", "poison"))
    control = scene.world.sandbox_dataverse.control
    control.fault("reject_record", match="poison", times=None)
    run = scene.sync()
    assert (run.status, run.rejected, run.created) == (RunStatus.COMPLETED_WITH_ERRORS, 1, 2)
    held = Held.objects.get()
    assert (held.sync_type, held.person_key, held.reason) == ("web_behaviour", ALICE, "web_row_refused")
    scene.world.forget_calls()
    assert scene.sync().read == 0, "what is refused is not sent again by itself"
    control.clear_faults()
    (again,) = replay(scene.world.account, Held.objects.all(), OPERATOR, asked={}).runs
    run = scene.world.carry_out(Run.objects.get(pk=again.pk))
    assert (run.status, run.created, scene.pages()) == (RunStatus.COMPLETED, 1, ["Home", "Poison"])
    assert not Held.objects.exists()


def test_it_is_not_undone_and_leaves_with_the_account(scene: Scene) -> None:
    scene.know(ALICE)
    scene.look(ALICE, ("10:00:00", "home"))
    assert "only adds what has happened" in str(problem_with(scene.sync()))
    leave(scene.world.account, by=OPERATOR)
    assert not WebVisit.objects.exists() and not WebPageView.objects.exists()


def test_whoever_had_opted_out_and_was_erased_leaves_no_trace_again(scene: Scene) -> None:
    scene.control.seed(contacts=[{"email": ALICE, "status": "Unsubscribed"}])
    scene.know(ALICE)
    scene.look(ALICE, ("10:00:00", "home"))
    scene.sync()
    told = erase(ALICE, by=OPERATOR)
    assert (told.removed["visits to web sites"], told.removed["pages that they looked at"]) == (1, 1)
    assert any("1 visits to web sites" in line for line in told.by_hand)
    scene.look(ALICE, ("2026-03-05T11:59:00Z", "tents"))
    scene.sync()
    assert not WebVisit.objects.exists() and not WebPageView.objects.exists()


@pytest.mark.parametrize("where", ["dotdigital", VISITS, PAGES])
def test_a_lost_answer_doubles_nothing(scene: Scene, where: str) -> None:
    scene.know(ALICE)
    scene.look(ALICE, ("10:00:00", "home"), ("11:00:00", "tents"))
    if where == "dotdigital":
        scene.control.fault("lost_answer", route=READ)
    else:
        scene.world.sandbox_dataverse.control.fault("lost_answer", route=f"POST /{where}/*")
    run = scene.sync()
    assert (run.status, run.rejected) == (RunStatus.COMPLETED, 0)
    assert (len(scene.visits()), scene.pages()) == (2, ["Home", "Tents"])
    scene.world.forget_calls()
    scene.sync()
    assert scene.world.writes() == {}
