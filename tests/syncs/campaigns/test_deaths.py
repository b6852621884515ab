"""Workers that die, answers that are lost, and campaigns that are larger than a page."""

from __future__ import annotations

import pytest

from syncline.ledger.models import RunStatus
from tests.syncs.campaigns.scene import ALICE, SETS, Scene, did, of_every_kind


@pytest.mark.parametrize("data_set", list(SETS))
def test_a_lost_answer_of_dynamics_doubles_nothing(scene: Scene, data_set: str) -> None:
    scene.send("Spring", activity=of_every_kind(ALICE))
    scene.world.sandbox_dataverse.control.fault("lost_answer", route=f"POST /{SETS[data_set]}/*")
    run = scene.sync()
    assert (run.status, run.created) == (RunStatus.COMPLETED, 7)
    assert scene.addresses(data_set).count(ALICE) == 1


def test_a_large_campaign_comes_whole_although_people_open_it_meanwhile(scene: Scene) -> None:
    """Pages run by last change, so whoever opens moves to the front while the run reads further back."""
    people = [f"p{number:04}@example.com" for number in range(2_300)]
    spring = scene.send("Spring", to=people)
    scene.world.forget_calls()
    run = scene.world.start("campaigns")
    while not scene.calls().get("GET /v2/campaigns/{campaignId}/activities"):
        scene.advance(run)
    held = set(scene.addresses("EmailSendSummaries"))
    late = [email for email in people if email not in held][:30]
    scene.happens(spring, *(did(email, "open", "2026-03-05T12:00:00Z") for email in late))
    run = scene.world.carry_out(run)
    # 1,000 a page of which 50 are read again, the rest, and an empty page.
    assert scene.calls()["GET /v2/campaigns/{campaignId}/activities"] == 4
    scene.sync()
    assert scene.addresses("EmailSendSummaries") == people
    opened = [
        row["syncline_email"]
        for row in scene.rows("syncline_emailsends", "syncline_email", "syncline_opens")
        if row["syncline_opens"]
    ]
    assert sorted(opened) == sorted(late)


def test_a_cancelled_run_is_gone_on_with_by_the_next(scene: Scene) -> None:
    scene.send("Spring", activity=of_every_kind(ALICE))
    run = scene.world.start("campaigns")
    while not scene.addresses("EmailClicks"):
        scene.advance(run)
    run.cancel_requested_by = "alice"
    run.save()
    assert scene.world.carry_out(run).status == RunStatus.CANCELLED
    assert scene.addresses("PageViews") == []
    scene.world.forget_calls()
    run = scene.sync()
    assert (run.status, scene.addresses("PageViews")) == (RunStatus.COMPLETED, [ALICE])
    assert not [route for route in scene.calls() if route.endswith("/activities")], "that was settled"
