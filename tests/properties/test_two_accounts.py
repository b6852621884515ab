"""Two Dotdigital accounts on one Dynamics environment: any history of either, in any order.

The model is that of one account; only which of the two is acted on changes. Dynamics, its records and their
marks are shared; each account has its own contacts, lists, settings, runs and opt-outs.
"""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import initialize, rule

from syncline.dotdigital import ImportRow
from syncline.dotdigital.imports import OptIn
from syncline.ledger.models import Purpose, Run
from tests.properties.carrying import run_histories
from tests.properties.chosen import Choices
from tests.properties.consent_promises import Agreement
from tests.properties.forgetting import forget_everything, remember_beginning
from tests.properties.opted_out import OptedOut, marks_changed
from tests.properties.promises import OptOuts
from tests.properties.test_consent import (
    EXAMPLES,
    SEED,
    STEPS,
    ConsentHistory,
    actions,
    any_sync,
    people,
)
from tests.properties.two_sides import Truth, TwoSides
from tests.syncs.consent.conftest import provisioned as provisioned
from tests.syncs.consent.conftest import south as south
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World

OPT_IN = "syncline_optintype"
OPT_INS: tuple[OptIn, ...] = ("unknown", "single", "double", "verifiedDouble")
LAST_SYNCS = ("suppressions", "unsubscribers", "lists_out")


@pytest.mark.timeout(3600)
def test_who_opted_out_stays_out_with_two_accounts_on_one_environment(
    provisioned: World, south: World
) -> None:
    choices = Choices(provisioned), Choices(south)
    for one in (provisioned, south):
        remember_beginning(one)
    try:
        run_histories(
            lambda: TwoAccounts(provisioned, south, *choices), seed=SEED, examples=EXAMPLES, steps=STEPS
        )
    finally:
        for each in choices:
            each.sales.close()


class TwoAccounts(ConsentHistory):
    """Whatever `ConsentHistory` does, it does to the account at hand; now and then that is the other one."""

    def __init__(self, north: World, south: World, in_north: Choices, in_south: Choices) -> None:
        super().__init__(north, in_north)
        forget_everything(south)
        for choices in (in_north, in_south):
            choices.begin_anew()
        self.known: set[str] = set()
        """Whom the account at hand is known to suppress: by a whole run of Suppressions that nobody
        disturbed.
        """
        self.opt_ins: dict[str, int] = {}
        """Record → the strongest opt-in type that was seen there."""
        marks = self.opted_out
        self.other: dict[str, Any] = {
            "world": south,
            "choices": in_south,
            "under_way": None,
            "plan": None,
            "opted_out": OptedOut(hand_marks=marks.hand_marks, synced_marks=marks.synced_marks),
            "by_person": OptOuts(),
            "loose": set(),
            "known": set(),
            "undisturbed": False,
        }

    @initialize(contacts=actions, leads=actions, marked=st.booleans())
    def both_sides_know_some_people(self, contacts: str, leads: str, marked: bool) -> None:
        super().both_sides_know_some_people(contacts=contacts, leads=leads, marked=marked)
        self.turn()
        self._set(mark_do_not_bulk_email=True, keep_crm_suppression_list=True)
        sides = self.other["sides"]
        self.sides = TwoSides(
            self.world,
            [
                self._add_list("South news", membership_action=leads, sync_order=1),
                self._add_list("South offers", of="leads", membership_action=contacts, sync_order=2),
                self._add_list("South readers", sync_order=3),
            ],
            records=sides.records,
        )
        for which in range(len(self.sides.records)):
            self.sides.enter(which)
        self._run("lists_out")

    @rule()
    def turn(self) -> None:
        """To the other account. A run that is under way there has been disturbed meanwhile."""
        now = {
            name: getattr(self, name) for name in {*self.other, "sides", *_OF_A_RUN} if hasattr(self, name)
        }
        for name in now:
            if name not in self.other:
                delattr(self, name)
        for name, value in self.other.items():
            setattr(self, name, value)
        self.other, self.undisturbed = now, False

    @rule(kind=any_sync)
    def turn_and_sync(self, kind: str) -> None:
        self.turn()
        self._run(kind)

    @rule(kind=any_sync, seed=st.integers(0, 999))
    def turn_and_sync_by_workers_that_die(self, kind: str, seed: int) -> None:
        self.turn()
        self._run(kind, dying=seed)

    @rule(email=people)
    def turn_and_leave(self, email: str) -> None:
        self.turn()
        self.leave_for_all_to_see(email)

    @rule(email=people)
    def turn_and_come_back(self, email: str) -> None:
        self.turn()
        self.come_back_for_all_to_see(email)

    @rule(email=people)
    def leave_both_and_come_back_to_one(self, email: str) -> None:
        """What holds for all accounts holds as long as one of them suppresses."""
        self.leave_for_all_to_see(email)
        self.turn()
        self.leave_and_come_back(email)

    @rule(email=people, how=st.sampled_from(OPT_INS))
    def agree(self, email: str, how: OptIn) -> None:
        """Somebody sets the opt-in type in Dotdigital, be it to a weaker one."""
        if self.sides.contact(email) is not None:
            self.world.put([ImportRow(email=email, opt_in=how)])

    @rule(email=people)
    def put_on_crm_list(self, email: str) -> None:
        """An entry that names no account is about all of them."""
        super().put_on_crm_list(email)
        self.other["opted_out"].put_on_list(email)

    @rule(email=people)
    def take_off_crm_list(self, email: str) -> None:
        super().take_off_crm_list(email)
        self.other["opted_out"].taken_off_list(email)

    def _begin(self, run: Run) -> None:
        super()._begin(run)
        self.of_suppressions = run.sync_type == "suppressions" and run.purpose == Purpose.SYNC

    def _carry_on(self, *, most: int | None = None, dying: int | None = None) -> None:
        super()._carry_on(most=most, dying=dying)
        if self.under_way is None and self.undisturbed and self.of_suppressions:
            contacts = self.began.contacts.items()
            self.known = {email for email, one in contacts if one.email_status != "subscribed"}

    def _check(self, before: Truth, rows: list[dict[str, Any]]) -> Truth:
        after = super()._check(before, rows)
        self._marks_hold_for_all(before, after)
        self._opt_ins_are_only_raised()
        return after

    def _marks_hold_for_all(self, before: Truth, after: Truth) -> None:
        """No sync of one account clears a mark while the other is known to suppress the person."""
        elsewhere = (self.other["known"] & self.other["opted_out"].everything) - self.other["loose"]
        for record_id, _, now in marks_changed(before, after):
            key = before.records[record_id].key
            assert now or key not in elsewhere, f"{key} is suppressed by the other account, and was unmarked"

    def _opt_ins_are_only_raised(self) -> None:
        for set_name, record_id in self.sides.records:
            now = self.world.crm_row(set_name, record_id, OPT_IN)[OPT_IN] or 0
            was = self.opt_ins.get(record_id, 0)
            assert now >= was, f"The opt-in type of {record_id} fell from {was} to {now}"
            self.opt_ins[record_id] = now

    def teardown(self) -> None:
        if not hasattr(self, "sides") or "sides" not in self.other:
            return
        for _ in range(2):
            self.discard_plan()
            if self.under_way is not None:
                self._run("suppressions")
            self._set(mark_do_not_bulk_email=True, keep_crm_suppression_list=True)
            self.turn()
        # What one account writes the other reads, so each has its turn more than once.
        for _ in range(4):
            for kind in LAST_SYNCS:
                self._run(kind)
            self.turn()
        for _ in range(2):
            for kind in LAST_SYNCS:
                self.world.forget_calls()
                self._run(kind)
                assert self.world.writes() == {}, f"{kind} still writes"
            self.turn()
        suppressed = [_suppressed(self.sides.truth()), _suppressed(self.other["sides"].truth())]
        for elsewhere in reversed(suppressed):
            Agreement(self.sides, self.loose, elsewhere | self.other["loose"]).check()
            self.turn()


_OF_A_RUN = ("began", "began_at", "before", "left_alone", "people_opted_out", "of_suppressions")


def _suppressed(truth: Truth) -> set[str]:
    return {email for email, one in truth.contacts.items() if one.email_status != "subscribed"}
