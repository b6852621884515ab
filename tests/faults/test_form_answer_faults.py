"""Answers on their way to contacts and leads under faults: of every call that only they need."""

from __future__ import annotations

import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.forms.mapping import WantedField, lines_of, save_form_mapping
from syncline.forms.models import UnappliedResponse
from syncline.ledger.models import Held, Outcome, RunStatus
from tests.faults.skipped_time import skipped_time
from tests.faults.trials import TRIALS, sync_through
from tests.syncs.forms.conftest import provisioned as provisioned
from tests.syncs.forms.conftest import scene as scene
from tests.syncs.forms.scene import Scene, said

SYNC = "forms"
ROUTES = (
    ("dataverse", "GET /contacts"),
    ("dataverse", "GET /syncline_suppressedemails"),
    ("dataverse", "POST /contacts/Microsoft.Dynamics.CRM.UpdateMultiple"),
    ("dataverse", "POST /contacts/Microsoft.Dynamics.CRM.CreateMultiple"),
    ("dataverse", "POST /syncline_formresponses/Microsoft.Dynamics.CRM.UpdateMultiple"),
    ("dotdigital", "GET /contacts/v3"),
    ("dotdigital", "GET /v2/contacts/suppressed-since/{date}"),
)


class Rounds:
    """In each round Ada, a contact, moves house; somebody new answers, and somebody new who has left."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.round = 0
        self.towns = {"ada@people.example": ""}
        scene.world.add("contacts", emailaddress1="ada@people.example")
        scene.control.set_clock(self._at(0))
        self.walk = scene.form(created="2025-01-31T09:00:00Z")
        assert scene.sync().status == RunStatus.COMPLETED
        form = scene.known("Walk")
        town = next(question for question, _, words in lines_of(form) if words == "Town")
        wanted = [WantedField(table="contact", column="address1_city", question=town)]
        save_form_mapping(form, "contact", wanted, by=OPERATOR)

    def next_round(self) -> None:
        self.round += 1
        self.scene.control.set_clock(self._at(self.round, 12))
        new, left = f"new{self.round}@people.example", f"left{self.round}@people.example"
        self.scene.control.seed(contacts=[{"email": left, "status": "Unsubscribed"}])
        town, at = f"Town {self.round}", self._at(self.round, 11)
        people = ("ada@people.example", new, left)
        self.scene.answer(self.walk, *(said(email, at, town=town) for email in people))
        self.towns |= {"ada@people.example": town, new: town}

    def _at(self, day: int, hour: int = 9) -> str:
        """Long ago, so that no clock of a test comes before it."""
        return f"2025-02-{1 + 2 * day:02}T{hour:02}:00:00Z"

    def assert_in_step(self) -> None:
        columns = ["emailaddress1", "address1_city"]
        rows = [row for page in self.scene.world.crm.pages("contacts", select=columns) for row in page.rows]
        assert {row["emailaddress1"]: row["address1_city"] for row in rows} == self.towns
        assert len(rows) == len(self.towns), "nobody is there twice"
        assert len(self.scene.who()) == 3 * self.round
        assert not UnappliedResponse.objects.exists() and not Held.objects.exists()

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
            run = sync_through(scene.world, control, route, name, fault, SYNC)
            rounds.assert_in_step()
            told = Outcome.objects.filter(run=run, entity="contact").values_list("person_key", "result")
            assert set(told) == {
                ("ada@people.example", "updated"),
                (f"new{rounds.round}@people.example", "created"),
            }
            assert len(told) == 2, name
            rounds.assert_second_run_writes_nothing()
