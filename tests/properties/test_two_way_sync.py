"""Any interleaving of edits on both sides, syncs, faults and deaths: nobody who opted out is subscribed, and
in the end both sides agree.

Every history runs against both sandboxes over real HTTP. SYNCLINE_PROPERTY_EXAMPLES asks for more of them
than the usual few, SYNCLINE_PROPERTY_SEED for others than the usual ones.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.changing import change_sync_of_inactive, set_record_priority
from syncline.engine.plans import PlanProblem, approve, discard
from syncline.ledger.models import Approval, Purpose, Run, RunStatus, Trigger
from syncline.ledger.queue import request_cancel, request_run
from syncline.lists.models import MarketingList, MembershipAction
from syncline.mapping.changing import create_label, save_mapping
from syncline.mapping.models import ConflictRule, Entity, FieldMapping, LabelType
from syncline.mapping.wanted import WantedLabel, WantedMapping
from tests.properties.carrying import imports_seen, run_histories, steps, steps_dying
from tests.properties.containment import nothing_but_the_plan_was_written, nothing_was_written
from tests.properties.forgetting import forget_everything, remember_beginning
from tests.properties.promises import (
    Ever,
    OptOuts,
    Quiet,
    movers,
    nobody_may_be_called_again,
    nobody_was_asked_for,
    nobody_was_subscribed,
    run_is_whole,
    sides_tables,
)
from tests.properties.two_sides import QUERY, Truth, TwoSides
from tests.syncs.world import World

EXAMPLES = int(os.environ.get("SYNCLINE_PROPERTY_EXAMPLES", "12"))
SEED = int(os.environ.get("SYNCLINE_PROPERTY_SEED", "0"))
STEPS = 20

PEOPLE = ("ann", "bob", "cat", "dan", "eve")
SPELLINGS = ("{}@example.com", "{}@Example.COM", " {}@example.com ")

people = st.sampled_from([f"{name}@example.com" for name in PEOPLE])
spelled = st.builds(str.format, st.sampled_from(SPELLINGS), st.sampled_from(PEOPLE))
which = st.integers(0, 3)
names = st.sampled_from(["Ada", "Bea", None])
values = st.fixed_dictionaries(
    {},
    optional={
        "firstname": names,
        "address1_postalcode": st.sampled_from(["AB1 2CD", "ZZ9 9ZZ", None]),
        "donotphone": st.booleans(),
    },
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "FIRSTNAME": st.sampled_from(["Ada", "Cleo", None]),
        "POSTCODE": st.sampled_from(["ZZ9 9ZZ", None]),
        "NO_CALLS": st.sampled_from([True, False, None]),
    },
)
cities = st.sampled_from(["Leeds", "York"])
rules = st.sampled_from([rule for rule in ConflictRule if rule != ConflictRule.MOST_RESTRICTIVE_WINS])
"""What a text column can have; the one about phone calls is decided by the more restrictive side."""
actions = st.sampled_from(list(MembershipAction))
places = st.integers(0, 2)
priorities = st.permutations(["contact", "lead", "account"])


@pytest.mark.timeout(3600)
def test_any_history_keeps_consent_and_ends_in_agreement(world: World) -> None:
    map_phone_calls(world)
    remember_beginning(world)
    run_histories(lambda: History(world), seed=SEED, examples=EXAMPLES, steps=STEPS)


def map_phone_calls(world: World) -> None:
    wanted = WantedLabel(name="NO_CALLS", type=LabelType.YES_NO)
    create_label(world.account, wanted, by=OPERATOR)
    for entity in (Entity.CONTACT, Entity.LEAD):
        mapping = WantedMapping(
            entity=entity,
            crm_field="donotphone",
            label="NO_CALLS",
            conflict_rule=ConflictRule.MOST_RESTRICTIVE_WINS,
        )
        save_mapping(world.account, mapping, by=OPERATOR)
    world.sync("labels")


class History(RuleBasedStateMachine):
    """Edits and syncs in any order."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.under_way: Run | None = None
        self.plan: Run | None = None
        self.opt_outs = OptOuts()
        self.ever = Ever()
        self.began = Truth({}, {}, {})
        self.opted_out: dict[str, Any] = {}
        self.last_keys: dict[str, str] = {}
        forget_everything(world)

    @initialize(
        contacts=actions,
        leads=actions,
        first_names=rules,
        postcodes=rules,
        blank_overwrites=st.booleans(),
        readmit_inactive=st.booleans(),
        priority=priorities,
        in_step=st.sampled_from([True, True, True, False]),
    )
    def settings_are_made(
        self,
        contacts: str,
        leads: str,
        first_names: ConflictRule,
        postcodes: ConflictRule,
        blank_overwrites: bool,
        readmit_inactive: bool,
        priority: Sequence[str],
        in_step: bool,
    ) -> None:
        """Most histories worth having begin with people whom both sides know already."""
        world = self.world
        self.sides = TwoSides(
            world,
            [
                world.add_list("News", membership_action=contacts, sync_order=1),
                world.add_list("Offers", of="leads", membership_action=leads, sync_order=2),
                world.add_list("Leeds", query=QUERY, sync_order=3),
            ],
        )
        for label, conflict_rule in (("FIRSTNAME", first_names), ("POSTCODE", postcodes)):
            FieldMapping.objects.filter(account=world.account, label=label).update(
                conflict_rule=conflict_rule
            )
        FieldMapping.objects.filter(account=world.account, label__in=["FIRSTNAME", "POSTCODE"]).update(
            blank_overwrites=blank_overwrites
        )
        change_sync_of_inactive(world.account, by=OPERATOR, readmit_inactive=readmit_inactive)
        set_record_priority(world.account, priority, by=OPERATOR)

        if in_step:
            for table, name in (
                ("contacts", "ann"),
                ("contacts", "bob"),
                ("contacts", "cat"),
                ("leads", "dan"),
            ):
                self.sides.add(
                    table, emailaddress1=f"{name}@example.com", firstname="Ada", address1_city="Leeds"
                )
                self.sides.enter(len(self.sides.records) - 1)
            self._run()

    # Dynamics.

    @rule(
        table=st.sampled_from(["contacts", "contacts", "leads"]),
        address=spelled,
        row=values,
        city=cities,
        enters=st.booleans(),
    )
    def add_record(self, table: str, address: str, row: dict[str, Any], city: str, enters: bool) -> None:
        if len(self.sides.records) < 7:
            self.sides.add(table, emailaddress1=address, address1_city=city, **row)
            if enters:
                self.sides.enter(len(self.sides.records) - 1)

    @rule(which=which, row=values)
    def change_values(self, which: int, row: dict[str, Any]) -> None:
        if row:
            self.sides.change(which, **row)

    @rule(which=which, address=st.one_of(spelled, st.none()))
    def change_address(self, which: int, address: str | None) -> None:
        self.sides.change(which, emailaddress1=address)

    @rule(first=which, second=which)
    def swap_addresses(self, first: int, second: int) -> None:
        self.sides.swap_addresses(first, second)

    @rule(which=which, mark=st.sampled_from(["donotbulkemail", "donotemail"]), value=st.booleans())
    def mark(self, which: int, mark: str, value: bool) -> None:
        self.sides.change(which, **{mark: value})

    @rule(which=which, active=st.booleans())
    def set_state(self, which: int, active: bool) -> None:
        self.ever.reopened = self.ever.reopened or active
        self.sides.set_state(which, active=active)

    @rule(which=which, city=cities)
    def move_house(self, which: int, city: str) -> None:
        """Enters or leaves the dynamic list."""
        self.sides.change(which, address1_city=city)

    @rule(which=which)
    def delete_record(self, which: int) -> None:
        self.sides.delete(which)

    @rule(which=which)
    def enter_list(self, which: int) -> None:
        self.sides.enter(which)

    @rule(which=which)
    def leave_list(self, which: int) -> None:
        self.sides.leave(which)

    @rule(place=places, active=st.booleans())
    def turn_list(self, place: int, active: bool) -> None:
        self.sides.turn(self.sides.lists[place], active=active)

    @rule(place=st.integers(0, 8))
    def delete_list(self, place: int) -> None:
        if place == 8:
            self.sides.delete_list(self.sides.lists[1])

    # Dotdigital.

    @rule(email=people, row=fields, place=st.one_of(places, st.none()))
    def put_contact(self, email: str, row: dict[str, Any], place: int | None) -> None:
        book = None if place is None else self.sides.book_of(self.sides.lists[place])
        self.sides.put(email, book, **row)

    @rule(email=people)
    def unsubscribe(self, email: str) -> None:
        self.ever.opted_out = True
        self.world.dd.unsubscribe(email)

    @rule(email=people)
    def suppress(self, email: str) -> None:
        self.ever.opted_out = True
        self.world.dd.suppress([email])

    @rule(email=people)
    def come_back(self, email: str) -> None:
        truth = self.sides.truth()
        if email in truth.contacts:
            self.world.resubscribe(email)
            self.ever.came_back = True
            self.opt_outs.came_back(truth, email)

    @rule(email=people, place=places)
    def leave_book(self, email: str, place: int) -> None:
        self.ever.left_list = True
        self.sides.leave_book(email, self.sides.lists[place])

    @rule(email=people, place=places)
    def take_out_by_hand(self, email: str, place: int) -> None:
        self.ever.taken_out = True
        self.sides.take_out(email, self.sides.lists[place])

    @rule(email=people, to=people)
    def rename_contact(self, email: str, to: str) -> None:
        self.ever.renamed.add(email)
        self.ever.taken_out = (
            True  # A list that loses an address cannot be told from one it was taken out of.
        )
        self.sides.rename(email, to)

    @rule(email=people)
    def erase_contact(self, email: str) -> None:
        self.ever.taken_out = self.ever.erased = True
        self.sides.erase(email)

    @rule(place=st.integers(0, 8))
    def delete_book(self, place: int) -> None:
        if place < 3:
            self.sides.delete_book(self.sides.lists[place])

    @rule(place=places)
    def unlink(self, place: int) -> None:
        one = self.sides.lists[place]
        if self.under_way is None and one.address_book_id and self.sides.book_of(one) is None:
            self.sides.unlink(one)

    # Syncs.

    @rule()
    def sync(self) -> None:
        self._run()

    @rule()
    def sync_again(self) -> None:
        self._run()

    @rule()
    def sync_inward(self) -> None:
        """Address books to Dynamics: whoever is owed something outward waits."""
        self._run(kind="lists_in")

    @rule(place=places, kind=st.sampled_from(["lists_in", "lists_out"]))
    def sync_one_list(self, place: int, kind: str) -> None:
        """Only people who are in one list, each of them whole."""
        self._run(kind=kind, scope=[self.sides.lists[place].pk])

    @rule(place=places)
    def let_list_rest(self, place: int) -> None:
        """Manual Sync Only."""
        MarketingList.objects.filter(pk=self.sides.lists[place].pk).update(manual_only=True)

    @rule(kind=st.sampled_from(["lists_in", "lists_out"]))
    def sync_by_schedule(self, kind: str) -> None:
        """Lists that rest are left out."""
        self._run(kind=kind, trigger=Trigger.SCHEDULED)

    @rule(kind=st.sampled_from(["lists_in", "lists_out"]))
    def make_plan(self, kind: str) -> None:
        """What follows happens before anybody approves it."""
        if self.under_way is not None or self.plan is not None:
            return
        before = self.sides.truth()
        plan = request_run(self.world.account, kind, "people", Trigger.MANUAL, plan_only=True).run
        assert steps(plan), f"The plan did not end; it stands at {plan.position}"
        nothing_was_written(before, self.sides.truth())
        self.plan = plan if plan.approval == Approval.WAITING else None

    @rule(dying=st.one_of(st.none(), st.integers(0, 999)))
    def approve_plan(self, dying: int | None) -> None:
        if self.plan is None or self.under_way is not None:
            return
        plan, self.plan = self.plan, None
        try:
            run = approve(plan, OPERATOR)
        except PlanProblem:
            return
        self._begin(run)
        self.undisturbed = False
        self._carry_on(dying=dying)

    @rule()
    def discard_plan(self) -> None:
        plan, self.plan = self.plan, None
        if plan is not None:
            plan.refresh_from_db()
            if plan.approval == Approval.WAITING:
                discard(plan, OPERATOR)

    @rule(seed=st.integers(0, 999), kind=st.sampled_from(["lists_in", "lists_out"]))
    def sync_by_workers_that_die(self, seed: int, kind: str) -> None:
        self._run(dying=seed, kind=kind)

    @rule(
        side=st.sampled_from(["dataverse", "dotdigital"]),
        kind=st.sampled_from(["cut", "lost_answer", "status"]),
        after=st.integers(0, 12),
    )
    def sync_through_a_fault(self, side: str, kind: str, after: int) -> None:
        control = getattr(self.world, f"sandbox_{side}").control
        control.fault(kind, times=1, after=after)
        try:
            self._run()
        finally:
            control.clear_faults()

    @rule(number=st.integers(3, 40))
    def sync_a_little(self, number: int) -> None:
        """What follows happens while the run is under way."""
        self._run(most=number)

    @rule(number=st.integers(3, 40))
    def sync_and_cancel(self, number: int) -> None:
        self._run(most=number)
        if self.under_way is not None:
            request_cancel(self.under_way, "somebody")
            self._carry_on(most=10)

    def _run(
        self,
        *,
        most: int | None = None,
        dying: int | None = None,
        kind: str = "lists_out",
        scope: Sequence[int] = (),
        trigger: Trigger = Trigger.MANUAL,
    ) -> Run | None:
        """The run under way goes on; else one is begun."""
        if self.under_way is None:
            self._begin(request_run(self.world.account, kind, "people", trigger, scope=scope).run)
            self.undisturbed = True
        else:
            self.undisturbed = False
        return self._carry_on(most=most, dying=dying)

    def _begin(self, run: Run) -> None:
        self.began = self.sides.truth()
        self.movers = movers(self.began, self.last_keys, self.sides)
        self.opted_out = self.opt_outs.run_begins(self.began, sides_tables(self.began, self.sides))
        self.under_way = run

    def _carry_on(self, *, most: int | None = None, dying: int | None = None) -> Run | None:
        run = self.under_way
        assert run is not None
        before = self.sides.truth()
        with imports_seen() as rows:
            ended = steps_dying(run, dying) if dying is not None else steps(run, *([most] if most else []))
        after = self.sides.truth()
        nobody_was_subscribed(before, after)
        nobody_may_be_called_again(before, after)
        nobody_was_asked_for(rows, self.began, after, self.opted_out, self.opt_outs, self.sides)
        if run.purpose == Purpose.EXECUTE:
            nothing_but_the_plan_was_written(run, before, after, self.sides)
        if not ended:
            assert most is not None, f"The run did not end; it stands at {run.position}"
            return None
        self.under_way = None
        if run.status == RunStatus.WAITING:
            # A list reads empty, and somebody confirms that it is meant.
            self.under_way, self.undisturbed = approve(run, OPERATOR), False
            return self._carry_on(dying=dying)
        if not run.cancel_requested_by:
            run_is_whole(run)
            if self.undisturbed and self._is_for_everybody(run):
                self._contacts_went_along(after)
            self.last_keys = {one.record_id: one.key for one in self.began.records.values()}
        return run

    def _is_for_everybody(self, run: Run) -> bool:
        return run.sync_type == "lists_out" and not run.scope and run.trigger == Trigger.MANUAL

    def _contacts_went_along(self, after: Truth) -> None:
        """No second contact for one person by a mere change of address."""
        for record_id, (key, contact_id) in self.movers.items():
            assert after.contacts[key].contact_id == contact_id, f"{key} has a second contact ({record_id})"

    def teardown(self) -> None:
        if not hasattr(self, "sides"):
            return
        if self.under_way is not None:
            self._run()
        for _ in range(3):
            self.world.forget_calls()
            self._run()
            if not self.world.writes():
                break
        else:
            raise AssertionError(f"Still writing: {self.world.writes()}")
        Quiet(self.sides, self.ever).check()
