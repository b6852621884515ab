"""What is counted while campaigns are carried over: rows of each set of data, and what happened by day."""

from __future__ import annotations

import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.campaigns.models import CampaignDay
from syncline.engine.replay import replay
from syncline.ledger.models import Held, Run
from tests.syncs.campaigns.scene import ALICE, BOB, SETS, Scene, did, of_every_kind

EACH = {"sent": 2, "clicked": 1, "viewed": 1}
"""What happens with a campaign in which Alice did one of everything."""


def days(scene: Scene) -> dict[tuple[str, str], int]:
    """(day, kind) → number."""
    rows = CampaignDay.objects.filter(campaign=scene.known("Spring"))
    return {(str(day), kind): number for day, kind, number in rows.values_list("day", "kind", "number")}


def rows(scene: Scene) -> dict[str, int]:
    return dict(scene.known("Spring").cursors.values_list("data_set", "rows"))


def test_each_set_of_data_counts_its_rows_and_what_has_a_date_counts_by_day(scene: Scene) -> None:
    scene.send("Spring", activity=[*of_every_kind(ALICE), did(ALICE, "open", "2026-03-04T08:00:00Z")])
    scene.sync()
    assert rows(scene) == {name: 2 if name == "EmailSendSummaries" else 1 for name in SETS}
    assert days(scene) == {
        ("2026-03-02", "sent"): 2,
        ("2026-03-04", "opened"): 1,
        ("2026-03-03", "clicked"): 1,
        ("2026-03-03", "viewed"): 1,
    }


def test_a_second_run_counts_only_what_is_new(scene: Scene) -> None:
    spring = scene.send("Spring", activity=[did(ALICE, "open")])
    scene.sync()
    scene.world.sandbox_dotdigital.control.set_clock("2026-03-06T12:00:00Z")
    scene.happens(
        spring, did(ALICE, "open", "2026-03-06T08:00:00Z"), did(BOB, "open", "2026-03-06T09:00:00Z")
    )
    scene.sync()
    assert rows(scene)["EmailSendSummaries"] == 2
    # Alice had opened it before, so her second look is not her first.
    assert days(scene) == {
        ("2026-03-02", "sent"): 2,
        ("2026-03-03", "opened"): 1,
        ("2026-03-06", "opened"): 1,
    }
    scene.sync()
    assert sum(days(scene).values()) == 4


def test_a_day_is_one_of_the_accounts_time_zone(scene: Scene) -> None:
    scene.world.account.time_zone = "Pacific/Auckland"
    scene.world.account.save()
    scene.send("Spring", activity=[did(ALICE, "click", "2026-03-03T12:00:00Z", url="https://shop.example/")])
    scene.sync()
    assert days(scene)["2026-03-04", "clicked"] == 1


@pytest.mark.parametrize("data_set", ["EmailSendSummaries", "EmailClicks", "PageViews"])
def test_a_lost_answer_counts_nothing_twice(scene: Scene, data_set: str) -> None:
    scene.send("Spring", activity=of_every_kind(ALICE))
    scene.world.sandbox_dataverse.control.fault("lost_answer", route=f"POST /{SETS[data_set]}/*")
    scene.sync()
    assert rows(scene) == {name: 2 if name == "EmailSendSummaries" else 1 for name in SETS}
    assert {kind: number for (_, kind), number in days(scene).items()} == EACH


def test_a_row_that_was_refused_counts_once_it_went_through(scene: Scene) -> None:
    scene.send("Spring", activity=of_every_kind(ALICE))
    control = scene.world.sandbox_dataverse.control
    control.fault("reject_record", match="shop.example", times=None)
    scene.sync()
    assert (rows(scene)["EmailClicks"], rows(scene)["PageViews"]) == (0, 0)
    assert days(scene) == {("2026-03-02", "sent"): 2}
    control.clear_faults()
    (again,) = replay(scene.world.account, Held.objects.all(), OPERATOR, asked={}).runs
    scene.world.carry_out(Run.objects.get(pk=again.pk))
    assert (rows(scene)["EmailClicks"], rows(scene)["PageViews"]) == (1, 1)
    assert {kind: number for (_, kind), number in days(scene).items()} == EACH
