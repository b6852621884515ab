"""What Syncline promises, held against both sides: consent at every moment, agreement when all is quiet."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from syncline.ledger.models import Held, Outcome, Run, RunStatus
from syncline.lists.models import MarketingList, MembershipAction
from syncline.people import store
from syncline.people.facts import CrmFlag
from syncline.people.models import BookMember, CrmRecord, Touched
from syncline.syncs.marketing_lists.decide import decide
from syncline.syncs.marketing_lists.people_page import gather_rules
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.reasons import REASONS
from tests.properties.two_sides import COLUMNS, LABELS, Record, Truth, TwoSides
from tests.syncs.world import TABLES

EVERYTHING = "everything"
"""The scope of an opt-out from all mail; other scopes are Dotdigital lists."""

Scope = str | int


class OptOuts:
    """Who opted out and has not come back by themselves: a person is a Dynamics record and goes by any
    address it has had at the beginning of a run.
    """

    def __init__(self) -> None:
        self._last_key: dict[str, str] = {}
        self._marks: dict[str, set[tuple[Scope, int]]] = defaultdict(set)
        """Record → (scope, contact that opted out)."""

    def run_begins(self, truth: Truth, tables_read: set[str]) -> dict[str, frozenset[tuple[Scope, int]]]:
        """Takes in what a run that begins now can know. Returns who it must leave alone, by record."""
        for record in truth.records.values():
            if TABLES[record.set_name] not in tables_read:
                continue
            for key in {record.key, self._last_key.get(record.record_id, record.key)}:
                contact = truth.contacts.get(key)
                if contact is None:
                    continue
                if contact.email_status != "subscribed":
                    self._marks[record.record_id].add((EVERYTHING, contact.contact_id))
                for entry in contact.lists:
                    if entry.status == "suppressed":
                        self._marks[record.record_id].add((entry.id, contact.contact_id))
            self._last_key[record.record_id] = record.key
        return {record_id: frozenset(marks) for record_id, marks in self._marks.items()}

    def came_back(self, truth: Truth, key: str) -> None:
        """The person behind an address subscribed again by themselves."""
        contact = truth.contacts.get(key)
        for record_id, marks in self._marks.items():
            if self._last_key.get(record_id) == key or any(
                record.record_id == record_id for record in truth.at(key)
            ):
                marks.clear()
            elif contact is not None:
                marks.difference_update([mark for mark in marks if mark[1] == contact.contact_id])

    def still(self, record_id: str, then: frozenset[tuple[Scope, int]]) -> set[Scope]:
        """What somebody had opted out of then and has not come back to since."""
        return {scope for scope, _ in then & self._marks.get(record_id, set())}


def nobody_may_be_called_again(before: Truth, after: Truth) -> None:
    """No sync takes back in Dynamics that somebody is not to be phoned."""
    for record_id, record in before.records.items():
        if record.values["donotphone"] and record_id in after.records:
            assert after.records[record_id].values["donotphone"], f"{record.key} may be phoned again"


def nobody_was_subscribed(before: Truth, after: Truth) -> None:
    """Between these moments only Syncline wrote: no status may have become more permissive."""
    then = {contact.contact_id: contact for contact in before.contacts.values()}
    for email, contact in after.contacts.items():
        known = then.get(contact.contact_id)
        if known is None:
            continue
        if known.email_status != "subscribed":
            assert contact.email_status == known.email_status, f"{email} was {known.email_status}"
        left = {entry.id for entry in known.lists if entry.status != "subscribed"}
        now_in = {entry.id for entry in contact.lists if entry.status == "subscribed"}
        assert not left & now_in, f"{email} had left {left & now_in}"


def nobody_was_asked_for(
    rows: Iterable[dict[str, Any]],
    began: Truth,
    now: Truth,
    opted_out: dict[str, frozenset[tuple[Scope, int]]],
    opt_outs: OptOuts,
    sides: TwoSides,
) -> None:
    """Not even the request may name somebody who had opted out when the run began, whatever Dotdigital would
    make of it.
    """
    for row in rows:
        assert "channelProperties" not in row
        email, wanted = row["identifiers"]["email"], set(row.get("lists", ()))
        known = now.contacts.get(email)
        if known is not None:
            back = {book for contact_id, book in sides.taken_out if contact_id == known.contact_id} & wanted
            assert not back, f"{email} was taken out of {back} by hand"
        for record in began.at(email):
            if now.records.get(record.record_id, record).key != email:
                continue  # Has another address by now, and the run may have read that.
            scopes = opt_outs.still(record.record_id, opted_out.get(record.record_id, frozenset()))
            assert EVERYTHING not in scopes, f"{email} opted out; {row}"
            assert not scopes & wanted, f"{email} left {scopes & wanted}; {row}"
            if now.records.get(record.record_id) == record and TABLES[record.set_name] in sides_tables(
                began, sides
            ):
                assert not record.refuses, f"{email}: Do Not (Bulk) Email; {row}"


def sides_tables(truth: Truth, sides: TwoSides) -> set[str]:
    """Tables that a run reads: all, as long as there is a list, for every mark counts (decision 7)."""
    return set(TABLES.values()) if any(one.pk in truth.members for one in sides.lists) else set()


def movers(truth: Truth, last_keys: dict[str, str], sides: TwoSides) -> dict[str, tuple[str, int]]:
    """Records that a mere change of address has befallen, and whose contact can take the new one: record →
    (new address, contact).
    """
    found: dict[str, tuple[str, int]] = {}
    members = set().union(*truth.members.values()) if truth.members else set()
    for record_id, old in last_keys.items():
        record = truth.records.get(record_id)
        if record is None or record.key == old or record.key.startswith("@") or record_id not in members:
            continue
        contact = truth.contacts.get(old)
        was_alone = sum(key == old for key in last_keys.values()) == 1 and not truth.at(old)
        is_alone = len(truth.at(record.key)) == 1 and record.key not in truth.contacts
        if contact is None or contact.email_status != "subscribed" or not was_alone or not is_alone:
            continue
        if record.active and not record.refuses:
            found[record_id] = (record.key, contact.contact_id)
    return found


def run_is_whole(run: Run) -> None:
    """It came to its end, its counts add up, and everything it left out is explained."""
    assert run.status in {RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_ERRORS}, (run.status, run.message)
    outcomes = list(Outcome.objects.filter(run=run))
    results = (run.created, run.updated, run.removed, run.unchanged, run.skipped, run.rejected)
    assert run.read == sum(results) == len(outcomes)
    for outcome in outcomes:
        if outcome.result in {"skipped", "rejected", "removed"}:
            assert outcome.reason in REASONS, (outcome.person_key, outcome.result, outcome.reason)
    told = [
        (row.part_id, row.side, row.person_key, row.record_id, row.action, row.membership) for row in outcomes
    ]
    assert len(told) == len(set(told)), "somebody was told of twice"


class Quiet:
    """Both sides once nothing is left to be written."""

    def __init__(self, sides: TwoSides, ever: Ever) -> None:
        self._sides = sides
        self._ever = ever
        self._account = sides.world.account
        self._truth = sides.truth()
        self._setting = Setting(self._account)
        self._lists = {one.pk: one for one in self._setting.lists}
        leads = CrmRecord.objects.filter(account_id=self._account.pk, entity="lead")
        self._reopened = {lead.record_id for lead in leads if lead.flags & CrmFlag.REOPENED}

    def check(self) -> None:
        assert not Touched.objects.filter(account_id=self._account.pk).exists()
        for marketing_list in self._setting.lists:
            if not marketing_list.problem:
                self._check_members(marketing_list)
                self._check_strangers(marketing_list)
        self._check_values()

    def _refused(self, key: str) -> bool:
        return any(record.refuses for record in self._truth.at(key))

    def _is_held(self, key: str) -> bool:
        return Held.objects.filter(account=self._account, person_key=key).exists()

    def _check_members(self, marketing_list: MarketingList) -> None:
        inside = self._truth.in_book(marketing_list.address_book_id)
        for record_id in self._truth.members[marketing_list.pk]:
            record = self._truth.records[record_id]
            if record.key in inside:
                assert not self._refused(record.key), f"{record.key} refuses mail and is in {marketing_list}"
            elif not self._is_held(record.key):
                self._check_reason(marketing_list, record)

    def _check_reason(self, marketing_list: MarketingList, record: Record) -> None:
        """Somebody is left out: the reason that is told must be true."""
        reason = self._reason(marketing_list.pk, record)
        contact = self._truth.contacts.get(record.key)
        status = contact.email_status if contact else None
        where = f"{record.key} is left out of {marketing_list} for “{reason}”"
        match reason:
            case "no_address":
                assert record.key.startswith("@"), where
            case "do_not_bulk_email" | "do_not_email":
                assert self._refused(record.key), where
            case "suppressed" | "not_subscribed":
                assert status != "subscribed", where
            case "not_active":
                assert not record.active, where
            case "reopened":
                assert record.active and record.set_name == "leads" and self._ever.reopened, where
            case "address_moved":
                assert status != "subscribed" and record.key in self._ever.renamed, where
            case "deleted_there":
                assert status is None and self._ever.erased, where
            case "opted_out_before":
                assert self._ever.opted_out, where
            case "left_list":
                assert self._ever.left_list, where
            case "removed_there":
                # Whoever opts out of everything leaves all lists, and coming back does not undo that
                # (decision 7).
                assert self._ever.taken_out or (self._ever.opted_out and self._ever.came_back), where
            case _:
                raise AssertionError(where)

    def _reason(self, list_id: int, record: Record) -> str:
        [person] = store.load(self._account.pk, self._setting.list_ids, [record.key])
        decision, _ = decide(person, gather_rules(self._account, self._setting, [person]))
        lines = [
            line for line in decision.lines if (line.list_id, line.record_id) == (list_id, record.record_id)
        ]
        assert len(lines) == 1, (record, decision)
        return lines[0].reason

    def _check_strangers(self, marketing_list: MarketingList) -> None:
        """Who is in the Dotdigital list and not in the marketing list: never one whom a sync put there."""
        members = {self._truth.records[one].key for one in self._truth.members[marketing_list.pk]}
        for key in self._truth.in_book(marketing_list.address_book_id) - members:
            place = BookMember.objects.filter(list_id=marketing_list.pk, person_key=key).first()
            assert place is not None and not place.agreed, f"{key} was to leave {marketing_list}"
            if marketing_list.dynamic:
                continue
            assert marketing_list.membership_action != MembershipAction.REMOVE, f"{key} in {marketing_list}"
            if marketing_list.membership_action == MembershipAction.IGNORE or self._is_stopped(key):
                continue
            at_all = self._truth.at(key)
            known = [
                one
                for one in at_all
                if TABLES[one.set_name] == marketing_list.entity
                and (one.active or self._account.readmit_inactive)
            ]
            assert not known, f"{key} was to enter {marketing_list}"
            if marketing_list.membership_action == MembershipAction.ALLOW_NEW:
                assert at_all or self._is_held(key), f"{key} was to become a record of {marketing_list}"

    def _is_stopped(self, key: str) -> bool:
        [person] = store.load(self._account.pk, self._setting.list_ids, [key])
        return decide(person, gather_rules(self._account, self._setting, [person]))[1] is None

    def _check_values(self) -> None:
        by_key: dict[str, list[Record]] = defaultdict(list)
        for marketing_list in self._setting.lists:
            if marketing_list.problem:
                continue
            inside = self._truth.in_book(marketing_list.address_book_id)
            for record_id in self._truth.members[marketing_list.pk]:
                record = self._truth.records[record_id]
                if record.key in inside and self._is_synced(record) and not self._is_held(record.key):
                    by_key[record.key].append(record)
        for key, records in by_key.items():
            if not self._is_stopped(key):
                self._check_person(key, self._deciding(key, records))

    def _is_synced(self, record: Record) -> bool:
        """As the setting about open leads and active contacts has it."""
        return record.active and record.record_id not in self._reopened

    def _deciding(self, key: str, records: Sequence[Record]) -> Record:
        usable = {one.pk for one in self._setting.lists if not one.problem}
        members = set().union(*(self._truth.members[pk] for pk in usable))
        return min(
            (one for one in self._truth.at(key) if self._is_synced(one) and one.record_id in members),
            key=self._rank,
        )

    def _rank(self, record: Record) -> tuple[bool, int, str]:
        """Of records that share an address, the first by this order decides the values."""
        priority = self._account.record_priority.split(",")
        return not record.active, priority.index(TABLES[record.set_name]), record.record_id

    def _check_person(self, key: str, record: Record) -> None:
        there = self._truth.contacts[key].data_fields
        for column, label in zip((*COLUMNS, "fullname"), (*LABELS, "FULLNAME"), strict=True):
            here = record.values[column]
            if column == "fullname" and here is None:
                continue  # One way, and a blank overwrites nothing.
            assert here == there.get(label), f"{key}: {column} is {here!r}, {label} is {there.get(label)!r}"


class Ever:
    """What has happened at all in a history, so that a reason that is told can be told from an invented
    one.
    """

    def __init__(self) -> None:
        self.renamed: set[str] = set()
        self.opted_out = False
        self.left_list = False
        self.taken_out = False
        self.reopened = False
        self.came_back = False
        self.erased = False

    def __repr__(self) -> str:
        return json.dumps({name: repr(value) for name, value in vars(self).items()})
