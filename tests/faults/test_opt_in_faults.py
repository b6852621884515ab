"""Opt-in types under faults: a vendor that fails on the way, and workers that die between any two lines."""

from __future__ import annotations

import pytest

from syncline.consent.models import Due
from syncline.dotdigital.imports import OptIn
from syncline.ledger.models import Batch, Held, RunStatus
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.faults.skipped_time import skipped_time
from tests.faults.trials import TRIALS, sync_through
from tests.syncs.consent.conftest import provisioned as provisioned
from tests.syncs.consent.scene import address, contact
from tests.syncs.consent.test_opt_in import SYNC, agreed, by_hand, in_dynamics, told
from tests.syncs.world import World

ROUTES = (
    ("dataverse", "GET /contacts"),
    ("dataverse", "POST /$batch"),
    ("dotdigital", "GET /contacts/v3"),
)


class Agreements:
    """Rounds of people who agree, and what Dynamics has to hold after each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.round = 0
        self.held: dict[str, str] = {}

    def next_round(self) -> None:
        """Two of them are new, of one Dynamics holds something weaker, and of one something stronger."""
        self.round += 1
        for name, here, there, then in (
            ("New", "", "double", "Double"),
            ("Other", "", "single", "Single"),
            ("Weaker", "Unknown", "double", "Double"),
            ("Stronger", "VerifiedDouble", "double", "VerifiedDouble"),
        ):
            self._person(f"{name}{self.round}", here, there, then)

    def _person(self, name: str, here: str, there: OptIn, then: str) -> None:
        record_id = contact(self.world, name)
        if here:
            by_hand(self.world, record_id, here)
        agreed(self.world, name, there)
        self.held[record_id] = then

    def assert_in_step(self) -> None:
        for record_id, word in self.held.items():
            assert in_dynamics(self.world, record_id) == word
        assert not Due.objects.filter(account_id=self.world.account.pk, sync_type=SYNC).exists()
        assert not Batch.objects.filter(kind="opt_in").exclude(state="settled").exists()
        assert not Held.objects.exists()

    def all_told(self) -> list[tuple[str, str, str | None, str]]:
        """What the audit has to say of this round, whatever happened on the way."""
        new, other, weaker = (address(f"{name}{self.round}") for name in ("New", "Other", "Weaker"))
        return [
            (new, "updated", None, "Double"),
            (other, "updated", None, "Single"),
            (weaker, "updated", "Unknown", "Double"),
        ]


@pytest.mark.parametrize(("side", "route"), ROUTES)
def test_a_vendor_fails_and_recovers(provisioned: World, side: str, route: str) -> None:
    world = provisioned
    control = getattr(world, f"sandbox_{side}").control
    with skipped_time(world):
        agreements = Agreements(world)
        for name, fault in TRIALS.items():
            agreements.next_round()
            run = sync_through(world, control, route, name, fault, SYNC)
            agreements.assert_in_step()
            assert told(run) == agreements.all_told(), name
            world.forget_calls()
            world.sync(SYNC)
            assert world.writes() == {}, name


@pytest.mark.parametrize("seed", range(4))
def test_a_run_whose_workers_keep_dying_ends_and_tells_like_any_other(provisioned: World, seed: int) -> None:
    world = provisioned
    agreements = Agreements(world)
    for number in range(2):
        agreements.next_round()
        run = carry_out_dying(world.start(SYNC), Reaper(after_gaps(seed + 100 * number)))
        assert run.status == RunStatus.COMPLETED, run.message
        agreements.assert_in_step()
        assert told(run) == agreements.all_told()
    world.forget_calls()
    world.sync(SYNC)
    assert world.writes() == {}
