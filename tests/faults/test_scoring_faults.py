"""Contact scoring under faults: a vendor that fails on the way, and workers that die at any moment."""

from __future__ import annotations

import pytest

from syncline.consent.models import Due
from syncline.ledger.models import Held, RunStatus
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.faults.skipped_time import skipped_time
from tests.faults.trials import TRIALS, sync_through
from tests.syncs.consent.conftest import provisioned as provisioned
from tests.syncs.consent.scene import address, contact
from tests.syncs.scores.test_scoring import SYNC, in_dynamics, known, scored, told
from tests.syncs.world import World

ROUTES = (
    ("dataverse", "GET /contacts"),
    ("dataverse", "POST /contacts/Microsoft.Dynamics.CRM.UpdateMultiple"),
    ("dotdigital", "GET /v2/contacts/score/modified-since/{date}"),
)


class Scores:
    """Rounds of people who are scored, and what Dynamics has to hold after each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.round = 0
        self.held: dict[str, int] = {}

    def next_round(self) -> None:
        """Two of them are new, and everybody of the round before is scored again."""
        if self.round:
            self._score(f"New{self.round}", 10 + self.round)
        self.round += 1
        for name in ("New", "Other"):
            self.held[contact(self.world, f"{name}{self.round}")] = 50
            known(self.world, f"{name}{self.round}")
            scored(self.world, f"{name}{self.round}", 50, 50)

    def _score(self, name: str, points: int) -> None:
        scored(self.world, name, points, points)
        page = next(self.world.crm.pages("contacts", filter=f"emailaddress1 eq '{address(name)}'"))
        self.held[page.rows[0]["contactid"]] = points

    def assert_in_step(self) -> None:
        for record_id, points in self.held.items():
            assert in_dynamics(self.world, record_id)[:3] == (points, points, points)
        assert not Due.objects.filter(account_id=self.world.account.pk, sync_type=SYNC).exists()
        assert not Held.objects.exists()

    def all_told(self) -> list[tuple[str, str, list[int | None]]]:
        """What the audit has to say of this round, whatever happened on the way."""
        fresh: list[tuple[str, str, list[int | None]]] = [
            (address(f"{name}{self.round}"), "updated", [None, 50]) for name in ("New", "Other")
        ]
        before = self.round - 1
        again = [(address(f"New{before}"), "updated", [50, 10 + before])] if before else []
        return sorted([*fresh, *again], key=lambda row: row[0])


@pytest.mark.parametrize(("side", "route"), ROUTES)
def test_a_vendor_fails_and_recovers(provisioned: World, side: str, route: str) -> None:
    world = provisioned
    control = getattr(world, f"sandbox_{side}").control
    with skipped_time(world):
        scores = Scores(world)
        for name, fault in TRIALS.items():
            scores.next_round()
            run = sync_through(world, control, route, name, fault, SYNC)
            scores.assert_in_step()
            assert told(run) == scores.all_told(), name
            world.forget_calls()
            world.sync(SYNC)
            assert world.writes() == {}, name


@pytest.mark.parametrize("seed", range(4))
def test_a_run_whose_workers_keep_dying_ends_and_tells_like_any_other(provisioned: World, seed: int) -> None:
    world = provisioned
    scores = Scores(world)
    for number in range(2):
        scores.next_round()
        run = carry_out_dying(world.start(SYNC), Reaper(after_gaps(seed + 100 * number)))
        assert run.status == RunStatus.COMPLETED, run.message
        scores.assert_in_step()
        assert told(run) == scores.all_told()
    world.forget_calls()
    world.sync(SYNC)
    assert world.writes() == {}
