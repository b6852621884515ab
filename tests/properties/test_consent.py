"""Any interleaving of opt-outs, edits on both sides, syncs of every kind, and deaths: who opted out stays out
until they themselves come back.

Every history runs against both sandboxes over real HTTP. SYNCLINE_PROPERTY_EXAMPLES asks for more of them
than the usual few, SYNCLINE_PROPERTY_SEED for others than the usual ones.
"""

from __future__ import annotations

import os
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import EmailAccount
from syncline.consent.models import Due
from syncline.engine.plans import PlanProblem, approve, discard
from syncline.engine.repairs import UndoProblem, start_undo
from syncline.engine.replay import LISTS, replay
from syncline.ledger.models import Approval, Held, Purpose, Run, RunStatus, Trigger
from syncline.ledger.queue import request_cancel, request_run
from syncline.lists.in_dynamics import write_settings
from syncline.lists.models import MarketingList, MembershipAction
from syncline.people.store import CONSENT_SYNCS
from syncline.syncs.registry import SYNC_TYPES
from tests.properties.carrying import imports_seen, run_histories, steps, steps_dying
from tests.properties.chosen import Choices
from tests.properties.consent_promises import (
    Agreement,
    marks_of_people_stay,
    no_call_subscribes,
    nobody_enters_what_they_left,
    nobody_is_mailed_again,
    only_listed_people_are_suppressed,
)
from tests.properties.containment import nothing_was_written
from tests.properties.forgetting import forget_everything, remember_beginning
from tests.properties.opted_out import OptedOut
from tests.properties.promises import OptOuts, nobody_was_asked_for, nobody_was_subscribed, sides_tables
from tests.properties.two_sides import QUERY, Truth, TwoSides
from tests.syncs.consent.conftest import provisioned as provisioned
from tests.syncs.consent.scene import put_on_crm_list
from tests.syncs.world import World

EXAMPLES = int(os.environ.get("SYNCLINE_PROPERTY_EXAMPLES", "3"))
SEED = int(os.environ.get("SYNCLINE_PROPERTY_SEED", "0"))
STEPS = 18

PEOPLE = ("ann", "bob", "cat")
SPELLINGS = ("{}@example.com", "{}@Example.COM", " {}@example.com ")
REASONS = ("HardBounced", "SoftBounced", "DirectComplaint", "IspComplained")

people = st.sampled_from([f"{name}@example.com" for name in PEOPLE])
spelled = st.builds(str.format, st.sampled_from(SPELLINGS), st.sampled_from(PEOPLE))
which = st.integers(0, 3)
places = st.integers(0, 2)
actions = st.sampled_from(list(MembershipAction))
consent_syncs = st.sampled_from(sorted(CONSENT_SYNCS))
any_sync = st.sampled_from([*sorted(CONSENT_SYNCS), *sorted(CONSENT_SYNCS), *sorted(LISTS)])


@pytest.mark.timeout(3600)
def test_who_opted_out_stays_out_in_any_history(provisioned: World) -> None:
    world = provisioned
    choices = Choices(world)
    remember_beginning(world)
    try:
        run_histories(lambda: ConsentHistory(world, choices), seed=SEED, examples=EXAMPLES, steps=STEPS)
    finally:
        choices.sales.close()


class ConsentHistory(RuleBasedStateMachine):
    """What people do about their consent and others about them, and syncs, in any order."""

    def __init__(self, world: World, choices: Choices) -> None:
        super().__init__()
        self.world = world
        self.choices = choices
        self.under_way: Run | None = None
        self.plan: Run | None = None
        self.opted_out = OptedOut()
        self.by_person = OptOuts()
        self.loose: set[str] = set()
        forget_everything(world)
        choices.begin_anew()

    @initialize(contacts=actions, leads=actions, marked=st.booleans())
    def both_sides_know_some_people(self, contacts: str, leads: str, marked: bool) -> None:
        self._set(mark_do_not_bulk_email=True, keep_crm_suppression_list=True)
        self.sides = TwoSides(
            self.world,
            [
                self._add_list("News", membership_action=contacts, sync_order=1),
                self._add_list("Offers", of="leads", membership_action=leads, sync_order=2),
                self._add_list("Leeds", query=QUERY, sync_order=3),
            ],
        )
        for table, name in (("contacts", "ann"), ("contacts", "bob"), ("leads", "cat")):
            self.sides.add(table, emailaddress1=f"{name}@example.com", address1_city="Leeds")
            self.sides.enter(len(self.sides.records) - 1)
        if marked:
            self.mark(0, "donotbulkemail", True)
        self._run("lists_out")

    def _add_list(self, name: str, **more: Any) -> MarketingList:
        """Its settings stand in Dynamics, for the environment is provisioned."""
        one = self.world.add_list(name, **more)
        write_settings(self.world.crm, self.world.account, one)
        return one

    def _set(self, **switches: bool) -> None:
        EmailAccount.objects.filter(pk=self.world.account.pk).update(**switches)

    # What people do about their own consent.

    @rule(email=people)
    def unsubscribe(self, email: str) -> None:
        self.world.dd.unsubscribe(email)
        self.opted_out.leave(email)

    @rule(email=people, place=places)
    def leave_one_list(self, email: str, place: int) -> None:
        self.sides.leave_book(email, self.sides.lists[place])

    @rule(email=people)
    def come_back(self, email: str) -> None:
        """By a form: the one thing that subscribes anybody again. Some reasons it does not lift."""
        if self.sides.contact(email) is None:
            return
        self.world.resubscribe(email)
        truth = self.sides.truth()
        if truth.contacts[email].email_status == "subscribed":
            self.opted_out.come_back(email)
            self.by_person.came_back(truth, email)

    @rule(email=people)
    def leave_for_all_to_see(self, email: str) -> None:
        self.unsubscribe(email)
        self._run("suppressions")

    @rule(email=people)
    def come_back_for_all_to_see(self, email: str) -> None:
        self.come_back(email)
        self._run("suppressions")

    @rule(email=people)
    def leave_and_come_back(self, email: str) -> None:
        """Seen by the syncs both times: what they had set for it is taken back, and nothing else."""
        self.leave_for_all_to_see(email)
        self.come_back_for_all_to_see(email)

    @rule(email=people, yes=st.booleans())
    def choose(self, email: str, yes: bool) -> None:
        if (contact := self.sides.contact(email)) is not None:
            self.choices.choose(contact.contact_id, yes=yes)

    # What others do in Dotdigital.

    @rule(email=people)
    def suppress(self, email: str) -> None:
        if self.world.dd.suppress([email]).suppressed:
            self.opted_out.leave(email)

    @rule(email=people, reason=st.sampled_from(REASONS))
    def bounce_or_complain(self, email: str, reason: str) -> None:
        if self.sides.contact(email) is not None:
            self.world.sandbox_dotdigital.control.call("POST", "suppress", {"email": email, "reason": reason})
            self.opted_out.leave(email)

    @rule(email=people, place=st.one_of(places, st.none()))
    def put_contact(self, email: str, place: int | None) -> None:
        """Neither does this bring anybody back; but who has no contact there is made anew."""
        is_new = self.sides.contact(email) is None
        book = None if place is None else self.sides.book_of(self.sides.lists[place])
        self.sides.put(email, book)
        if is_new:
            self.opted_out.come_back(email)
            self.by_person.came_back(self.sides.truth(), email)

    @rule(email=people, to=people)
    def rename_contact(self, email: str, to: str) -> None:
        if self.sides.contact(email) is not None and self.sides.contact(to) is None:
            self.loose |= {email, to}
            self.sides.rename(email, to)
            self.opted_out.move(email, to)

    @rule(email=people)
    def erase_contact(self, email: str) -> None:
        self.loose.add(email)
        self.sides.erase(email)

    # What others do in Dynamics.

    @rule(email=spelled)
    def put_on_crm_list(self, email: str) -> None:
        put_on_crm_list(self.world, email)
        self.opted_out.put_on_list(email.strip().lower())

    @rule(email=people)
    def take_off_crm_list(self, email: str) -> None:
        pages = self.world.crm.pages("syncline_suppressedemails", select=("syncline_email",))
        for row in [row for page in pages for row in page.rows]:
            if row["syncline_email"].strip().lower() == email:
                self.world.crm.delete("syncline_suppressedemails", row["syncline_suppressedemailid"])
        self.opted_out.taken_off_list(email)

    @rule(which=which, mark=st.sampled_from(["donotbulkemail", "donotemail"]), value=st.booleans())
    def mark(self, which: int, mark: str, value: bool) -> None:
        if not self.sides.records:
            return
        record_id = self.sides.records[which % len(self.sides.records)][1]
        before = self.sides.truth().records[record_id].marked
        self.sides.change(which, **{mark: value})
        if mark == "donotbulkemail":
            self.opted_out.marked(record_id, before=before, now=value)

    @rule(which=which, yes=st.booleans())
    def say_what_was_chosen(self, which: int, yes: bool) -> None:
        if self.sides.records:
            self.choices.say(*self.sides.records[which % len(self.sides.records)], yes=yes)

    @rule(which=which, yes=st.booleans())
    def say_it_an_hour_later(self, which: int, yes: bool) -> None:
        """Later than clocks may differ, so that it counts for what it is."""
        for control in (self.world.sandbox_dataverse.control, self.world.sandbox_dotdigital.control):
            control.advance(3600)
        self.say_what_was_chosen(which, yes)
        self._run("preferences")

    @rule(table=st.sampled_from(["contacts", "leads"]), address=spelled, enters=st.booleans())
    def add_record(self, table: str, address: str, enters: bool) -> None:
        if len(self.sides.records) < 6:
            self.sides.add(table, emailaddress1=address, address1_city="Leeds")
            if enters:
                self.sides.enter(len(self.sides.records) - 1)

    @rule(which=which, address=st.one_of(spelled, st.none()))
    def change_address(self, which: int, address: str | None) -> None:
        self.sides.change(which, emailaddress1=address)

    @rule(which=which)
    def delete_record(self, which: int) -> None:
        self.sides.delete(which)

    @rule(which=which)
    def enter_list(self, which: int) -> None:
        self.sides.enter(which)

    @rule(which=which)
    def leave_list(self, which: int) -> None:
        self.sides.leave(which)

    # What the operator does.

    @rule(marks=st.booleans(), keeps=st.booleans())
    def switch_settings(self, marks: bool, keeps: bool) -> None:
        self._set(mark_do_not_bulk_email=marks, keep_crm_suppression_list=keeps)

    @rule(kind=any_sync)
    def sync(self, kind: str) -> None:
        self._run(kind)

    @rule(kind=any_sync)
    def sync_by_schedule(self, kind: str) -> None:
        self._run(kind, trigger=Trigger.SCHEDULED)

    @rule(kind=any_sync, seed=st.integers(0, 999))
    def sync_by_workers_that_die(self, kind: str, seed: int) -> None:
        self._run(kind, dying=seed)

    @rule(kind=any_sync, number=st.integers(3, 30), cancels=st.booleans())
    def sync_a_little(self, kind: str, number: int, cancels: bool) -> None:
        """What follows happens while the run is under way, or after somebody has cancelled it."""
        self._run(kind, most=number)
        if cancels and self.under_way is not None:
            request_cancel(self.under_way, "somebody")
            self._carry_on(most=10)

    @rule(kind=any_sync)
    def make_plan(self, kind: str) -> None:
        """What follows happens before anybody approves it."""
        if self.under_way is None and self.plan is None:
            self._keep_plan(request_run(*self._order(kind), plan_only=True).run)

    @rule()
    def plan_undo(self) -> None:
        """Of the last run that wrote. Consent is never undone."""
        if self.under_way is not None or self.plan is not None:
            return
        ended = Run.objects.filter(account=self.world.account, plan_only=False).order_by("-pk")
        last = ended.filter(sync_type__in=CONSENT_SYNCS | LISTS).first()
        if last is None:
            return
        try:
            plan = start_undo(last, OPERATOR)
        except UndoProblem:
            return
        assert last.sync_type not in CONSENT_SYNCS
        self._keep_plan(plan)

    def _keep_plan(self, plan: Run) -> None:
        before = self.sides.truth()
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
        self._carry_on(dying=dying)

    @rule()
    def discard_plan(self) -> None:
        plan, self.plan = self.plan, None
        if plan is not None:
            plan.refresh_from_db()
            if plan.approval == Approval.WAITING:
                discard(plan, OPERATOR)

    @rule()
    def replay_held(self) -> None:
        if self.under_way is None:
            held = Held.objects.filter(account=self.world.account)
            for run in replay(self.world.account, held, OPERATOR, asked={}).runs:
                self._begin(run)
                self._carry_on()

    def _order(self, kind: str, trigger: Trigger = Trigger.MANUAL) -> tuple[EmailAccount, str, str, Trigger]:
        return self.world.account, kind, SYNC_TYPES[kind].lane, trigger

    def _run(
        self,
        kind: str,
        *,
        most: int | None = None,
        dying: int | None = None,
        trigger: Trigger = Trigger.MANUAL,
    ) -> None:
        """The run under way goes on; else one is begun."""
        if self.under_way is None:
            self._begin(request_run(*self._order(kind, trigger)).run)
        else:
            self.undisturbed, self.before = False, self.sides.truth()
        self._carry_on(most=most, dying=dying)

    def _begin(self, run: Run) -> None:
        self.began, self.began_at = self.sides.truth(), self.choices.now()
        self.left_alone = self.opted_out.protected()
        self.people_opted_out = self.by_person.run_begins(self.began, sides_tables(self.began, self.sides))
        self.under_way, self.undisturbed = run, True
        self.before = self.began

    def _carry_on(self, *, most: int | None = None, dying: int | None = None) -> None:
        run = self.under_way
        assert run is not None
        held = self.choices.held(self.before)
        with imports_seen() as rows, no_call_subscribes(self.world):
            ended = steps_dying(run, dying) if dying is not None else steps(run, *([most] if most else []))
        self.before = self._check(self.before, rows)
        left_alone = self.left_alone & self.opted_out.protected()
        now = self.choices.held(self.before)
        self.choices.nobody_was_set_to_yes(held, now, self.before, left_alone, self.began_at)
        if not ended:
            assert most is not None, f"The run did not end; it stands at {run.position}"
            return
        self.under_way = None
        if run.status == RunStatus.WAITING:
            self.under_way, self.undisturbed = approve(run, OPERATOR), False
            self._carry_on(dying=dying)
            return
        if not run.cancel_requested_by:
            assert run.status in {RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_ERRORS}, run.message
            if self.undisturbed and run.purpose == Purpose.SYNC:
                marks = {one.record_id: one.marked for one in self.began.records.values()}
                of_consent = run.sync_type in CONSENT_SYNCS
                self.opted_out.run_ended(marks, self.before, of_consent=of_consent)

    def _check(self, before: Truth, rows: list[dict[str, Any]]) -> Truth:
        """Between `before` and now only Syncline has written. Returns what both sides hold now."""
        after = self.sides.truth()
        left_alone = self.left_alone & self.opted_out.protected()
        nobody_was_subscribed(before, after)
        nobody_is_mailed_again(left_alone, before, after)
        nobody_was_asked_for(rows, self.began, after, self.people_opted_out, self.by_person, self.sides)
        asked = {row["identifiers"]["email"] for row in rows}
        assert not asked & left_alone, f"{asked & left_alone} opted out, and an import names them"
        only_listed_people_are_suppressed(self.world, before, after)
        marks_of_people_stay(left_alone, self.opted_out, before, after)
        nobody_enters_what_they_left(left_alone, self.sides, before, after)
        self.opted_out.take_in(before, after)
        return after

    def teardown(self) -> None:
        if not hasattr(self, "sides"):
            return
        self.discard_plan()
        if self.under_way is not None:
            self._run("suppressions")
        self._set(mark_do_not_bulk_email=True, keep_crm_suppression_list=True)
        for kind in ("suppressions", "unsubscribers", "lists_out", "lists_out", "preferences"):
            # The second time for people whom the first has brought from Dotdigital into Dynamics.
            self._run(kind)
        for kind in ("suppressions", "unsubscribers", "lists_out", "preferences"):
            self.world.forget_calls()
            self._run(kind)
            assert self.world.writes() == {}, f"{kind} still writes"
            assert not Due.objects.filter(account_id=self.world.account.pk, sync_type=kind).exists()
        Agreement(self.sides, self.loose).check()
