"""Forms under faults: a vendor that fails on the way, and workers that die between any two lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.forms.mapping import WantedField, lines_of, save_form_mapping
from syncline.forms.models import UnappliedResponse
from syncline.ledger.models import Held, Outcome, RunStatus
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.faults.skipped_time import skipped_time
from tests.faults.trials import TRIALS, sync_through
from tests.syncs.forms.conftest import provisioned as provisioned
from tests.syncs.forms.conftest import scene as scene
from tests.syncs.forms.scene import ROUTES, SETS, Scene, said

SYNC = "forms"
ADA, BEN = "ada@people.example", "ben@people.example"


class Rounds:
    """A form that goes on being answered, and a new one in each round; what Dynamics has to hold after."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.round = 0
        self.first = 0

    def next_round(self) -> None:
        self.round += 1
        self.scene.control.set_clock(self._at(days=1))
        made = self.scene.form(
            f"Form {self.round}",
            said(ADA, self._at(hours=1), town="Bath", gear=["Tent", "Rope"]),
            created=self._at(),
        )
        self.first = self.first or made
        self.scene.answer(self.first, said(BEN, self._at(hours=2), happy_with={"Food": "Yes"}))

    def _at(self, **later: float) -> str:
        """Rounds are ten days apart, and long ago, so that no clock of a test comes before them."""
        began = datetime(2025, 1, 1, 9, tzinfo=UTC) + timedelta(days=10 * self.round)
        return f"{began + timedelta(**later):%Y-%m-%dT%H:%M:%SZ}"

    def assert_in_step(self) -> None:
        number = self.round
        assert self.scene.names("forms") == sorted(f"Form {one + 1}" for one in range(number))
        assert len(self.scene.rows("questions")) == 5 * number
        assert len(self.scene.rows("options")) == 7 * number
        assert self.scene.who() == [ADA] * number + [BEN] * number
        assert len(self.scene.rows("answers")) == (4 + 2) * number
        assert not Held.objects.exists()

    def assert_second_run_writes_nothing(self) -> None:
        self.scene.world.forget_calls()
        assert self.scene.sync().status == RunStatus.COMPLETED
        assert self.scene.world.writes() == {}


@pytest.fixture
def rounds(scene: Scene) -> Iterator[Rounds]:
    with skipped_time(scene.world):
        yield Rounds(scene)


@pytest.mark.parametrize("what", ["active", "questions", "responses"])
def test_dotdigital_fails_and_recovers(rounds: Rounds, what: str) -> None:
    control = rounds.scene.world.sandbox_dotdigital.control
    for name, fault in TRIALS.items():
        rounds.next_round()
        sync_through(rounds.scene.world, control, ROUTES[what], name, fault, SYNC)
        rounds.assert_in_step()
        rounds.assert_second_run_writes_nothing()


@pytest.mark.parametrize("what", list(SETS))
def test_dynamics_fails_and_recovers(rounds: Rounds, what: str) -> None:
    control = rounds.scene.world.sandbox_dataverse.control
    for name, fault in TRIALS.items():
        rounds.next_round()
        sync_through(rounds.scene.world, control, f"POST /{SETS[what]}/*", name, fault, SYNC)
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
        assert reaper.deaths > 1
        # Whichever worker stored it, each is told once: a form and two responses.
        assert (run.created, run.updated, run.rejected) == (3, number, 0)
        rounds.assert_in_step()
    rounds.assert_second_run_writes_nothing()


@pytest.mark.parametrize("seed", range(6))
def test_answers_reach_each_person_once_however_often_workers_die(scene: Scene, seed: int) -> None:
    """Ada is a contact, Ben nobody yet: one is updated, the other made, and either is told once."""
    ada = scene.world.add("contacts", emailaddress1=ADA)
    scene.control.set_clock("2025-02-01T09:00:00Z")
    walk = scene.form(created="2025-01-31T09:00:00Z")
    scene.sync()
    form = scene.known("Walk")
    town = next(question for question, _, words in lines_of(form) if words == "Town")
    wanted = [WantedField(table="contact", column="address1_city", question=town)]
    save_form_mapping(form, "contact", wanted, by=OPERATOR)
    scene.control.set_clock("2025-02-01T10:00:00Z")
    at = "2025-02-01T09:30:00Z"
    scene.answer(walk, said(ADA, at, town="Bath"), said(BEN, at, town="York"))
    reaper = Reaper(after_gaps(seed))
    run = carry_out_dying(scene.world.start(SYNC), reaper)
    assert (run.status, run.rejected) == (RunStatus.COMPLETED, 0), run.message
    assert reaper.deaths > 1
    told = Outcome.objects.filter(run=run, entity="contact").order_by("person_key")
    assert [(one.person_key, one.result) for one in told] == [(ADA, "updated"), (BEN, "created")]
    columns = ["contactid", "emailaddress1", "address1_city"]
    rows = [row for page in scene.world.crm.pages("contacts", select=columns) for row in page.rows]
    assert {row["emailaddress1"]: row["address1_city"] for row in rows} == {ADA: "Bath", BEN: "York"}
    assert [row["contactid"] for row in rows if row["emailaddress1"] == ADA] == [ada]
    assert len(rows) == 2
    assert not UnappliedResponse.objects.exists() and not Held.objects.exists()
