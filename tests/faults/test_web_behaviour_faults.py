"""Web behaviour with workers that die between any two lines."""

from __future__ import annotations

import pytest

from syncline.ledger.models import Held, RunStatus
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.faults.skipped_time import skipped_time
from tests.syncs.web_visits.conftest import provisioned as provisioned
from tests.syncs.web_visits.conftest import scene as scene
from tests.syncs.web_visits.scene import ALICE, BOB, SYNC, Scene


@pytest.mark.parametrize("seed", range(3))
def test_a_run_whose_workers_keep_dying_ends_and_doubles_nothing(scene: Scene, seed: int) -> None:
    scene.know(ALICE)
    scene.know(BOB)
    with skipped_time(scene.world):
        for number, day in enumerate(("2026-03-02", "2026-03-12"), start=1):
            scene.control.set_clock(f"{day}T13:00:00Z")
            scene.look(ALICE, (f"{day}T10:00:00Z", "home"), (f"{day}T10:20:00Z", "tents"))
            scene.look(BOB, (f"{day}T10:00:00Z", "home"), (f"{day}T12:00:00Z", "boots"))
            reaper = Reaper(after_gaps(seed + 100 * number, 12))
            run = carry_out_dying(scene.world.start(SYNC), reaper)
            assert run.status == RunStatus.COMPLETED, run.message
            assert reaper.deaths > 1
            assert (run.created, run.rejected) == (3 + 4, 0)
            assert (len(scene.visits()), len(scene.pages())) == (3 * number, 4 * number)
        assert not Held.objects.exists()
        scene.world.forget_calls()
        assert scene.sync().status == RunStatus.COMPLETED
        assert scene.world.writes() == {}
