"""Campaigns under faults: a vendor that fails on the way, and workers that die between any two lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from syncline.ledger.models import Held, RunStatus
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.faults.skipped_time import skipped_time
from tests.faults.trials import TRIALS, sync_through
from tests.syncs.campaigns.conftest import provisioned as provisioned
from tests.syncs.campaigns.conftest import scene as scene
from tests.syncs.campaigns.scene import ROUTES, SETS, Scene, did, of_every_kind

SYNC = "campaigns"
LIST_ROUTES = (
    "GET /v2/server-time",
    "GET /v2/campaigns/filtered",
    "GET /v2/campaigns/with-activity-since/*",
    "GET /v2/campaigns/metrics",
)


class Rounds:
    """A campaign that goes on, and a new one in each round; what Dynamics has to hold after each."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.round = 0
        self.first = 0
        self.people = [f"{name}@people.example" for name in ("ada", "ben")]

    def next_round(self) -> None:
        self.round += 1
        self.scene.world.sandbox_dotdigital.control.set_clock(self._at(days=1))
        sent = did(self.people[0], "open", self._at(hours=1))
        number = self.scene.send(
            f"Campaign {self.round}",
            self.people,
            [sent, *(one | {"at": self._at(hours=2)} for one in of_every_kind(self.people[1]))],
            sent=self._at(),
        )
        self.first = self.first or number
        if self.round > 1:
            self.scene.happens(
                self.first, did(self.people[0], "click", self._at(hours=3), url="https://x.example")
            )

    def _at(self, **later: float) -> str:
        """Rounds are ten days apart, and long ago, so that no clock of a test comes before them."""
        began = datetime(2025, 1, 1, 9, tzinfo=UTC) + timedelta(days=10 * self.round)
        return f"{began + timedelta(**later):%Y-%m-%dT%H:%M:%SZ}"

    def assert_in_step(self) -> None:
        ada, ben = self.people
        assert len(self.scene.campaigns()) == self.round
        assert self.scene.addresses("EmailSendSummaries") == sorted([ada, ben] * self.round)
        assert self.scene.addresses("EmailClicks") == sorted([ben] * self.round + [ada] * (self.round - 1))
        for data_set in ("SocialNetworkBookmarks", "RoiDetails", "PageViews"):
            assert self.scene.addresses(data_set) == [ben] * self.round
        assert not Held.objects.exists()

    def assert_second_run_writes_nothing(self) -> None:
        self.scene.world.forget_calls()
        assert self.scene.sync().status == RunStatus.COMPLETED
        assert self.scene.world.writes() == {}


@pytest.fixture
def rounds(scene: Scene) -> Iterator[Rounds]:
    with skipped_time(scene.world):
        yield Rounds(scene)


@pytest.mark.parametrize("route", [*LIST_ROUTES, *ROUTES.values()])
def test_dotdigital_fails_and_recovers(rounds: Rounds, route: str) -> None:
    control = rounds.scene.world.sandbox_dotdigital.control
    for name, fault in TRIALS.items():
        rounds.next_round()
        sync_through(rounds.scene.world, control, route, name, fault, SYNC)
        rounds.assert_in_step()
        rounds.assert_second_run_writes_nothing()


@pytest.mark.parametrize("set_", ["syncline_emailcampaigns", *SETS.values()])
def test_dynamics_fails_and_recovers(rounds: Rounds, set_: str) -> None:
    control = rounds.scene.world.sandbox_dataverse.control
    for name, fault in TRIALS.items():
        rounds.next_round()
        sync_through(rounds.scene.world, control, f"POST /{set_}/*", name, fault, SYNC)
        rounds.assert_in_step()
        rounds.assert_second_run_writes_nothing()


@pytest.mark.parametrize("seed", range(4))
def test_a_run_whose_workers_keep_dying_ends_and_doubles_nothing(scene: Scene, seed: int) -> None:
    rounds = Rounds(scene)
    for number in range(2):
        rounds.next_round()
        reaper = Reaper(after_gaps(seed + 100 * number))
        run = carry_out_dying(scene.world.start(SYNC), reaper)
        assert run.status == RunStatus.COMPLETED, run.message
        assert reaper.deaths > 5
        # Whichever worker stored it, each row is told once: a campaign and seven rows, then a click more.
        assert (run.created, run.rejected) == (7 + number, 0)
        rounds.assert_in_step()
    rounds.assert_second_run_writes_nothing()
