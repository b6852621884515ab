"""Marketing preferences under faults: a vendor that fails on the way, and workers that die between any two
lines.
"""

from __future__ import annotations

import pytest

from syncline.consent.models import Due
from syncline.ledger.models import Batch, Held, RunStatus
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.faults.trials import TRIALS, sync_through
from tests.syncs.consent.scene import address
from tests.syncs.preferences.conftest import provisioned as provisioned
from tests.syncs.preferences.conftest import scene as scene
from tests.syncs.preferences.conftest import world as world
from tests.syncs.preferences.scene import SYNC, Scene, told

ROUTES = (
    ("dataverse", "GET /syncline_preferences"),
    ("dataverse", "GET /syncline_contactpreferences"),
    ("dataverse", "POST /syncline_contactpreferences/Microsoft.Dynamics.CRM.CreateMultiple"),
    ("dataverse", "POST /$batch"),
    ("dotdigital", "GET /v2/preferences"),
    ("dotdigital", "GET /v2/contacts/with-preference/{preferenceId}/opt-ins-since/{date}"),
    ("dotdigital", "GET /v2/contacts/{who}/subscriptions"),
    ("dotdigital", "PUT /v2/contacts/{who}/preferences"),
    ("dotdigital", "PUT /contacts/v3/import"),
    ("dotdigital", "GET /contacts/v3/import/{importId}"),
)
TOPIC = "Topics > Hiking"


WHO = ("In", "InNo", "Out", "OutNo", "Turned")


class Rounds:
    """Rounds of people who choose, and what both sides have to hold after each. All of them are in a list,
    and those who will turn have said yes before the first round.
    """

    def __init__(self, scene: Scene, rounds: int) -> None:
        self.scene = scene
        self.round = 0
        names = [f"{who}{number}" for number in range(1, rounds + 1) for who in WHO]
        self.ids = dict(zip(names, scene.known(*names), strict=True))
        for name in names:
            if name.startswith("Turned"):
                scene.chooses(name, yes=True)
        scene.sync()
        scene.later()

    def next_round(self) -> None:
        """Two choose in Dotdigital, two in Dynamics, and one comes to say no."""
        scene, self.round = self.scene, self.round + 1
        self.held: list[tuple[str, str, bool]] = []
        for who, yes in zip(WHO, (True, False, True, False, False), strict=True):
            name = f"{who}{self.round}"
            if who.startswith("Out"):
                scene.says(self.ids[name], yes=yes)
            else:
                scene.chooses(name, yes=yes)
            self.held.append((name, self.ids[name], yes))

    def assert_in_step(self) -> None:
        for name, record_id, yes in self.held:
            assert self.scene.both(name, record_id) == (yes, [yes]), name
        assert not Due.objects.filter(account_id=self.scene.world.account.pk, sync_type=SYNC).exists()
        assert not Batch.objects.exclude(state="settled").exists()
        assert not Held.objects.exists()

    def all_told(self) -> list[tuple[str, str, str, str, str | None, str]]:
        """What the audit has to say of this round, whatever happened on the way."""
        rows = [
            ("In", "dynamics", "created", None, "Yes"),
            ("InNo", "dynamics", "created", None, "No"),
            ("Out", "dotdigital", "updated", None, "Yes"),
            ("OutNo", "dotdigital", "updated", None, "No"),
            ("Turned", "dynamics", "updated", "Yes", "No"),
        ]
        return sorted((address(f"{who}{self.round}"), *row[:2], TOPIC, *row[2:]) for who, *row in rows)


@pytest.mark.parametrize(("side", "route"), ROUTES)
def test_a_vendor_fails_and_recovers(scene: Scene, side: str, route: str) -> None:
    world = scene.world
    control = getattr(world, f"sandbox_{side}").control
    rounds = Rounds(scene, len(TRIALS))
    for name, fault in TRIALS.items():
        rounds.next_round()
        run = sync_through(world, control, route, name, fault, SYNC)
        rounds.assert_in_step()
        assert sorted(told(run)) == rounds.all_told(), name
    world.forget_calls()
    scene.sync()
    assert world.writes() == {}


@pytest.mark.parametrize("seed", range(4))
def test_a_run_whose_workers_keep_dying_ends_and_tells_like_any_other(scene: Scene, seed: int) -> None:
    rounds = Rounds(scene, 2)
    for number in range(2):
        rounds.next_round()
        run = carry_out_dying(scene.world.start(SYNC), Reaper(after_gaps(seed + 100 * number)))
        assert run.status == RunStatus.COMPLETED, run.message
        rounds.assert_in_step()
        assert sorted(told(run)) == rounds.all_told()
    scene.world.forget_calls()
    scene.sync()
    assert scene.world.writes() == {}
