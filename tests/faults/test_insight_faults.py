"""Insight data under faults: a vendor that fails on the way, and workers that die between any two lines."""

from __future__ import annotations

import pytest

from syncline.insight.models import InsightTable
from syncline.ledger.models import Held, RunStatus
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.faults.skipped_time import skipped_time
from tests.faults.trials import TRIALS, sync_through
from tests.syncs.insight_data.conftest import scene as scene
from tests.syncs.insight_data.scene import ALICE, BOB, DELETE, IMPORT, SYNC, Scene

ROUTES = (
    ("dataverse", "GET /opportunities"),
    ("dataverse", "GET /EntityDefinitions*"),
    ("dotdigital", "GET /insightData/v3/collections"),
    ("dotdigital", IMPORT),
    ("dotdigital", "GET /insightData/v3/import/{importId}"),
    ("dotdigital", DELETE),
)


class Rounds:
    """In each round a deal is new, one changes, one moves from Bob to Alice, and one is closed."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.round = 0
        self.names: dict[str, str] = {}
        """Deal → who is to have its record."""
        self.next_round()
        assert scene.sync().status == RunStatus.COMPLETED

    def next_round(self) -> None:
        scene, number = self.scene, self.round
        if number:
            scene.world.change("opportunities", self.changing, name=f"Changed {number}")
            bound = {"parentcontactid@odata.bind": f"/contacts({scene.alice})"}
            scene.world.change("opportunities", self.moving, **bound)
            scene.close(self.closing)
            del self.names[f"Changing {number}"], self.names[f"Closing {number}"]
            self.names |= {f"Changed {number}": ALICE, f"Moving {number}": ALICE}
        self.round = number = number + 1
        self.changing = scene.deal(f"Changing {number}", scene.alice)
        self.moving = scene.deal(f"Moving {number}", scene.bob)
        self.closing = scene.deal(f"Closing {number}", scene.alice)
        self.names |= {f"Changing {number}": ALICE, f"Moving {number}": BOB, f"Closing {number}": ALICE}
        # What the table has is looked up anew.
        InsightTable.objects.update(read_at="2025-01-01T00:00:00Z")

    def assert_in_step(self) -> None:
        assert self.scene.names() == self.names
        assert not Held.objects.exists()

    def assert_second_run_writes_nothing(self) -> None:
        self.scene.world.forget_calls()
        assert self.scene.sync().status == RunStatus.COMPLETED
        assert self.scene.world.writes() == {}


@pytest.mark.parametrize(("side", "route"), ROUTES)
def test_a_vendor_fails_and_recovers(scene: Scene, side: str, route: str) -> None:
    control = getattr(scene.world, f"sandbox_{side}").control
    with skipped_time(scene.world):
        rounds = Rounds(scene)
        for name, fault in TRIALS.items():
            rounds.next_round()
            sync_through(scene.world, control, route, name, fault, SYNC)
            rounds.assert_in_step()
            rounds.assert_second_run_writes_nothing()


@pytest.mark.parametrize("seed", range(4))
def test_a_run_whose_workers_keep_dying_ends_and_tells_each_row_once(scene: Scene, seed: int) -> None:
    rounds = Rounds(scene)
    for number in range(2):
        rounds.next_round()
        reaper = Reaper(after_gaps(seed + 100 * number, longest=20))
        run = carry_out_dying(scene.world.start(SYNC), reaper)
        assert run.status == RunStatus.COMPLETED, run.message
        assert reaper.deaths > 1
        assert (run.created, run.updated, run.removed, run.rejected) == (3, 2, 1, 0)
        rounds.assert_in_step()
    rounds.assert_second_run_writes_nothing()
