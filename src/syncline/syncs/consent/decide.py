"""The decisions, all of them pure: what Dynamics and Dotdigital have to be told about one person.

The more restrictive side wins (product.md §8). The one way back is a person's own: Dotdigital shows them as
subscribed again after the suppression was seen there, and has lifted it (`consent.suppressions.lift`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from syncline.consent.in_dynamics import Entry, Written
from syncline.consent.suppression_reasons import ACCEPTED, ASKED
from syncline.people.facts import MAILED, CrmFacts, CrmFlag, PersonFacts
from syncline.provisioning.consent_tables import OPT_IN_TYPES
from syncline.syncs.consent.changes import About, Change, Decision, Held, Kind

BY_HAND: Final = "suppressed"
"""Dotdigital's own reason for an address that somebody suppressed."""

SAME_MOMENT: Final = timedelta(hours=1)
"""When Syncline has an address suppressed, Dotdigital's own date differs from ours by as long as the import
takes: no reason to write the record again.
"""

_ASKED_HERE: Final = ("", ASKED, ACCEPTED)
"""What we say of a suppression that Dotdigital's own list has not shown yet."""

_OPT_INS: Final = {word.lower(): value for word, value in OPT_IN_TYPES.items()}
"""Dotdigital's opt-in type as we keep it → value of the column in Dynamics. The greater is the stronger."""

LEFT: Final = "unsubscribed"
"""The reason for which somebody is no longer in a list."""


@dataclass(frozen=True)
class Rules:
    marks: bool
    """*Update Do Not Bulk Email preference on Unsubscribers*."""
    keeps_crm_list: bool
    """*Add Global Unsubscribers to CRM Suppression List*."""
    has_tables: bool
    """Whether Dynamics has the tables of suppression records and of the suppression list."""
    static_lists: Mapping[int, str]
    """`MarketingList.id` of static lists that take part → the table of their members."""
    lists: Mapping[int, str]
    """Likewise of all lists that take part."""


class Facts(msgspec.Struct):
    """A person, and what is known of their consent beside what `PersonFacts` says."""

    person: PersonFacts
    since: datetime | None = None
    """When Dotdigital suppressed the address; None where it does not."""
    written: list[Written] = []
    marked: frozenset[str] = frozenset()
    """Records whose Do Not Bulk Email was set by Syncline, for any account of the environment."""
    entries: list[Entry] = []
    awaited: frozenset[str] = frozenset()
    """Entries without an account that another account on the same environment has yet to carry over."""
    suppressed_elsewhere: bool = False
    """Another account on the same environment suppresses the address."""
    left_at: dict[int, datetime] = {}
    """`MarketingList.id` → when the person left that list in Dotdigital."""
    held: dict[str, Held] = {}
    """Record → the opt-in type that Dynamics holds at this moment, of rows that can hold one."""
    choices: list[About] = []
    """What is known of each preference that anything is known of; nothing of somebody who never was in a
    list.
    """


def decide_suppression(facts: Facts, rules: Rules) -> Decision:
    """Suppressions, both ways."""
    person = facts.person
    unheard = any(not entry.told for entry in facts.entries)
    changes: list[Change] = []
    if person.suppressed_for == ASKED or (unheard and rules.keeps_crm_list and not person.suppressed_for):
        changes.append(Change(Kind.SUPPRESS, reason=BY_HAND))
    if person.suppressed_for or changes:
        reason = BY_HAND if person.suppressed_for in _ASKED_HERE else person.suppressed_for
        changes += _restrict(facts, rules, reason)
    elif not unheard:
        # An entry that somebody made by hand and that is not carried over still lets nothing be taken back.
        changes += _take_back(facts)
    return Decision(person.key, tuple(changes))


def _restrict(facts: Facts, rules: Rules, reason: str) -> Iterator[Change]:
    since = facts.since.isoformat() if facts.since else ""
    told = {row.record_id: row for row in facts.written}
    for record in mailed(facts.person):
        if rules.marks and not record.flags & CrmFlag.DO_NOT_BULK_EMAIL:
            yield _about(record, Kind.MARK, reason, since)
        if rules.has_tables and not _says(told.get(record.record_id), reason, facts.since):
            yield _about(record, Kind.RECORD, reason, since)
    if rules.has_tables and rules.keeps_crm_list and not facts.entries:
        yield Change(Kind.ENTER, reason=reason, since=since)


def _says(row: Written | None, reason: str, since: datetime | None) -> bool:
    if row is None or not row.recorded or row.reason != reason:
        return False
    return since is None or abs(since - row.since) <= SAME_MOMENT


def _take_back(facts: Facts) -> Iterator[Change]:
    """Dotdigital does not suppress the address: it never did, or the person has come back by themselves."""
    names = {record.record_id: record.name for record in facts.person.records}
    for record in mailed(facts.person):
        if _may_be_cleared(record, facts):
            yield _about(record, Kind.UNMARK)
    for row in facts.written:
        if row.recorded:
            yield Change(Kind.STRIKE, row.entity, row.record_id, names.get(row.record_id, ""))
    if not facts.suppressed_elsewhere:
        for entry in facts.entries:
            if entry.told and entry.row_id not in facts.awaited:
                yield Change(Kind.RELEASE, record_id=entry.row_id)


def _may_be_cleared(record: CrmFacts, facts: Facts) -> bool:
    """Do Not Bulk Email holds for all accounts of an environment, so all of them must agree to clear it; and
    only a mark that one of them set is cleared.
    """
    is_ours = record.record_id in facts.marked
    return is_ours and bool(record.flags & CrmFlag.DO_NOT_BULK_EMAIL) and not facts.suppressed_elsewhere


def decide_unsubscriber(facts: Facts, rules: Rules) -> Decision:
    """Who left a list in Dotdigital leaves the static marketing list too, and a record says so."""
    person = facts.person
    changes: list[Change] = []
    told = {(row.list_id, row.record_id) for row in facts.written if row.recorded}
    gone = {list_id for list_id, place in person.places.items() if place.status == "suppressed"}
    for list_id in sorted(gone & rules.lists.keys()):
        left = facts.left_at.get(list_id)
        for record in mailed(person):
            is_member = list_id in record.lists
            if record.entity != rules.lists[list_id] or not (
                is_member or (list_id, record.record_id) in told
            ):
                continue
            since = left.isoformat() if left else ""
            if rules.has_tables and (list_id, record.record_id) not in told:
                changes.append(_about(record, Kind.RECORD, LEFT, since, list_id))
            if is_member and list_id in rules.static_lists:
                changes.append(_about(record, Kind.LEAVE, LEFT, since, list_id))
    changes += [
        Change(Kind.STRIKE, row.entity, row.record_id, list_id=row.list_id)
        for row in facts.written
        if row.list_id in rules.lists and _is_back(person, row.list_id)
    ]
    return Decision(person.key, tuple(changes))


def _is_back(person: PersonFacts, list_id: int) -> bool:
    """Dotdigital shows the person subscribed to the list they had left, which only they can have done."""
    place = person.places.get(list_id)
    return place is not None and place.status == "subscribed"


def decide_opt_in(facts: Facts, rules: Rules) -> Decision:
    """The opt-in type of Dotdigital, on every contact and lead with the address whose own is weaker.

    Nothing follows from a word that Dotdigital has come to use since, nor for somebody whom Dotdigital no
    longer knows or who was erased having opted out.
    """
    del rules
    person = facts.person
    after = _OPT_INS.get(person.opt_in)
    if after is None or person.contact_id is None or person.erased:
        return Decision(person.key)
    return Decision(
        person.key,
        tuple(
            replace(_about(record, Kind.RAISE), before=now.opt_in, after=after, version=now.etag)
            for record in mailed(person)
            if (now := facts.held.get(record.record_id)) and is_weaker(now.opt_in, after)
        ),
    )


def is_told_opt_in(person: PersonFacts) -> bool:
    """Whether Dotdigital tells an opt-in type that the column in Dynamics can hold."""
    return person.opt_in in _OPT_INS


def is_weaker(held: int, other: int) -> bool:
    """Whether an opt-in type in Dynamics may be raised to the other. How strong a choice is that somebody
    else added to the column nobody knows, so it stays.
    """
    return held < other and held in {0, *OPT_IN_TYPES.values()}


def mailed(person: PersonFacts) -> list[CrmFacts]:
    """The contacts and leads with the address, always in the same order."""
    return sorted((one for one in person.records if one.entity in MAILED), key=lambda one: one.record_id)


def _about(record: CrmFacts, kind: Kind, reason: str = "", since: str = "", list_id: int = 0) -> Change:
    return Change(kind, record.entity, record.record_id, record.name, list_id, reason, since)
