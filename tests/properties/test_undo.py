"""Whatever has happened before: a run that is undone leaves both sides as they were before it, but for what
was changed since and what an undo leaves by its rules, and it tells of that. Nobody is subscribed who opted
out; the next sync lets whoever is at rest be; and once a person changes further, both sides agree again.

A history is drawn as for the two-way sync. Its last run is undone.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import initialize

from syncline.accounts.admin_log import OPERATOR
from syncline.dotdigital import Contact
from syncline.engine.plans import approve
from syncline.engine.repairs import UndoProblem, problem_with, start_undo
from syncline.ledger.models import Approval, Outcome, Run, RunStatus
from syncline.people import store
from syncline.people.models import CrmRecord, Person, Touched
from tests.properties.as_before import AsBefore, Moments, values_of
from tests.properties.carrying import imports_seen, run_histories, steps, steps_dying
from tests.properties.forgetting import remember_beginning
from tests.properties.promises import (
    Quiet,
    nobody_may_be_called_again,
    nobody_was_asked_for,
    nobody_was_subscribed,
    sides_tables,
)
from tests.properties.test_two_way_sync import (
    EXAMPLES,
    SEED,
    History,
    fields,
    map_phone_calls,
    people,
    places,
    values,
    which,
)
from tests.properties.two_sides import Truth
from tests.syncs.world import World

STEPS = 8
"""Fewer than for the two-way sync: an undo has most to do soon after the beginning."""

edit = st.one_of(
    st.tuples(st.just("change"), which, values),
    st.tuples(st.just("enter"), which),
    st.tuples(st.just("leave"), which),
    st.tuples(st.just("put"), people, st.one_of(places, st.none()), fields),
)
opt_out = st.tuples(st.just("opt_out"), people)


@pytest.mark.timeout(3600)
def test_a_run_of_any_history_is_undone(world: World) -> None:
    # `Quiet` holds every label against its column. A NO_CALLS that is mapped to nothing would stay blank, for
    # good, beside a column that says No.
    map_phone_calls(world)
    remember_beginning(world)
    undone: Counter[str] = Counter()
    # To shrink a history takes longer than to read it.
    run_histories(
        lambda: UndoneHistory(world, undone),
        seed=SEED,
        examples=max(3, EXAMPLES // 4),
        steps=STEPS,
        shrink=False,
    )
    print(dict(undone))  # With -s: what the histories had to undo.
    assert undone["runs"], "No history ended with a run that could be undone."


class UndoneHistory(History):
    """A history whose last run is undone."""

    def __init__(self, world: World, undone: Counter[str]) -> None:
        super().__init__(world)
        self.undone = undone
        self.kind = "lists_out"
        self.dying: int | None = None
        self.last: list[tuple[Any, ...]] = []
        self.since: list[tuple[Any, ...]] = []

    @initialize(
        kind=st.sampled_from(["lists_out", "lists_out", "lists_in"]),
        dying=st.one_of(st.none(), st.integers(0, 999)),
        last=st.lists(edit, min_size=2, max_size=6),
        since=st.lists(st.one_of(edit, edit, opt_out), max_size=3),
    )
    def undo_is_drawn(
        self, kind: str, dying: int | None, last: list[tuple[Any, ...]], since: list[tuple[Any, ...]]
    ) -> None:
        """What comes last before the run that is undone, of which kind that run is, what is changed between
        it and its undo, and whether workers die over the undo.
        """
        self.kind, self.dying, self.last, self.since = kind, dying, last, since

    def _edit(self, what: str, *words: Any) -> None:
        match what:
            case "change" if words[1]:
                self.sides.change(words[0], **words[1])
            case "enter":
                self.sides.enter(*words)
            case "leave":
                self.sides.leave(*words)
            case "opt_out":
                self.ever.opted_out = True
                self.world.dd.unsubscribe(*words)
            case "put":
                email, place, row = words
                book = None if place is None else self.sides.book_of(self.sides.lists[place])
                self.sides.put(email, book, **row)

    def teardown(self) -> None:
        if not hasattr(self, "sides"):
            return
        if self.under_way is not None:
            self._run()
        for one in self.last:
            self._edit(*one)
        before = self.sides.truth()
        run = self._run(kind=self.kind)
        assert run is not None
        after, restless = self.sides.truth(), self._touched()
        for one in self.since:
            self._edit(*one)
        since = self.sides.truth()
        undo = self._undo(run, since)
        if undo is None:
            return
        moments, told = Moments(before, after, since, self.sides.truth()), _told_of(undo)
        self.undone.update(runs=1, told=len(told))
        AsBefore(moments, told, self.undone).check()
        self._next_sync_lets_be(moments.back, restless | moments.edited())
        self._a_further_change_does_it_again()

    def _undo(self, run: Run, since: Truth) -> Run | None:
        """Plan, approve, carry out; None where there is nothing to be undone."""
        try:
            plan = start_undo(run, OPERATOR)
        except UndoProblem as problem:
            assert problem.code == "nothing_written", problem
            return None
        assert steps(plan), plan.position
        assert self.sides.truth() == since, "A plan wrote."
        if plan.approval != Approval.WAITING:
            return None
        opted_out = self.opt_outs.run_begins(since, sides_tables(since, self.sides))
        undo = approve(plan, OPERATOR)
        with imports_seen() as rows:
            ended = steps(undo) if self.dying is None else steps_dying(undo, self.dying)
        assert ended, undo.position
        # A list that is gone on one side is told of by every run.
        assert undo.status in {RunStatus.COMPLETED, run.status}, (undo.status, undo.message)
        back = self.sides.truth()
        nobody_was_subscribed(since, back)
        nobody_may_be_called_again(since, back)
        nobody_was_asked_for(rows, since, back, opted_out, self.opt_outs, self.sides)
        problem = problem_with(run)
        assert problem is not None and problem.code == "already_undone", problem
        return undo

    def _next_sync_lets_be(self, back: Truth, restless: set[str]) -> None:
        self._run()
        now = self.sides.truth()
        for record_id, record in back.records.items():
            if record.key not in restless:
                assert now.records[record_id] == record, f"{record.key} was written again"
        for email, contact in back.contacts.items():
            if email not in restless:
                assert _held(now.contacts[email]) == _held(contact), f"{email} was written again"

    def _a_further_change_does_it_again(self) -> None:
        for number in range(len(self.sides.records)):
            self.sides.change(number, address1_city="York", description="Changed once more")
        store.touch(self.world.account.pk, sorted(self._everybody()))
        for _ in range(3):
            self.world.forget_calls()
            self._run()
            if not self.world.writes():
                break
        else:
            raise AssertionError(f"Still writing: {self.world.writes()}")
        Quiet(self.sides, self.ever).check()

    def _touched(self) -> set[str]:
        rows = Touched.objects.filter(account_id=self.world.account.pk)
        return set(rows.values_list("person_key", flat=True))

    def _everybody(self) -> set[str]:
        """Whom both sides know of."""
        return {
            key
            for table in (Person, CrmRecord)
            for key in table.objects.filter(account_id=self.world.account.pk).values_list(
                "person_key", flat=True
            )
        }


def _told_of(undo: Run) -> set[str]:
    """People of whom the undo says that something stays as it is."""
    rows = Outcome.objects.filter(run__in=[undo, undo.subject], result__in=["skipped", "rejected"])
    return set(rows.values_list("person_key", flat=True))


def _held(contact: Contact) -> tuple[Any, ...]:
    entries = sorted((entry.id, entry.status) for entry in contact.lists)
    return contact.email, contact.email_status, values_of(contact), entries
