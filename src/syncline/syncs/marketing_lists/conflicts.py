"""Whose value stands where both sides hold different ones. Pure.

Only values that both sides changed since they last agreed, or about which they never agreed, are a conflict
for the mapping's rule. A consent column is no matter of rules: whichever side says that somebody is not to be
contacted is right, and that is told wherever it overrules the other side (decision 11).
"""

from typing import Any, Final, NamedTuple

from syncline.mapping.models import ConflictRule
from syncline.mapping.restrictive import strictness
from syncline.people.facts import CrmFacts, PersonFacts
from syncline.syncs.marketing_lists.rules import FieldRule

NEVER: Final = object()
"""Stands for what was agreed where nothing ever was."""


class Ruling(NamedTuple):
    """Which side's value stands."""

    dynamics: bool
    conflict: str = ""
    """Why it beats the other side's, in words, where both have a claim; else empty."""


DYNAMICS: Final = Ruling(dynamics=True)
DOTDIGITAL: Final = Ruling(dynamics=False)


def rule_between(
    rule: FieldRule, crm: Any, remote: Any, agreed: Any, record: CrmFacts, person: PersonFacts
) -> Ruling:
    """Between a converted Dynamics value and a Dotdigital value that are known to differ.

    `agreed` is what both last agreed on, or `NEVER`.
    """
    if rule.convert_in is None:
        return DYNAMICS
    if rule.is_consent and (crm is True or remote is True):
        return _for_consent(rule, crm, remote, agreed)
    if not rule.outward:
        return DOTDIGITAL
    if agreed is NEVER:
        # Never agreed before: a value beats a blank, and between two values the mapping decides.
        if crm is None or remote is None:
            return DYNAMICS if remote is None else DOTDIGITAL
        return _by_rule(rule, crm, remote, record, person)
    if not rule.blank_overwrites and (crm is None or remote is None):
        # A value that was emptied on one side is not emptied on the other: it comes back.
        return DYNAMICS if remote is None else DOTDIGITAL
    if remote == agreed or (remote is not None and rule.agrees(agreed, remote)):
        return DYNAMICS
    if crm == agreed:
        return DOTDIGITAL
    return _by_rule(rule, crm, remote, record, person)


def _for_consent(rule: FieldRule, crm: Any, remote: Any, agreed: Any) -> Ruling:
    """One side says Yes, do not; the other says No or nothing.

    A Yes that is new on one side is a one-sided change like any other. It is told where the other side had
    changed too, or had taken its own Yes back.
    """
    overruled = remote if crm is True else crm
    blank_counts = rule.blank_overwrites and agreed is not NEVER
    told = overruled != agreed and (overruled is not None or blank_counts)
    return Ruling(crm is True, "for a sync takes no such mark back" if told else "")


def _by_rule(rule: FieldRule, crm: Any, remote: Any, record: CrmFacts, person: PersonFacts) -> Ruling:
    match rule.conflict_rule:
        case ConflictRule.DYNAMICS_WINS:
            return Ruling(True, "as the mapping says")
        case ConflictRule.DOTDIGITAL_WINS:
            return Ruling(False, "as the mapping says")
        case ConflictRule.NEWEST_WINS:
            return _newest(record.modified_ms, person.updated_ms)
        case ConflictRule.MOST_RESTRICTIVE_WINS:
            ours, theirs = strictness(crm, rule.restrictive), strictness(remote, rule.restrictive)
            return Ruling(ours >= theirs, "for it is the more restrictive")


def _newest(modified_ms: int, updated_ms: int) -> Ruling:
    """By the clock of each side's whole record. Our own writes move those clocks too, but never between a
    conflict and its decision: all values of a person are decided at once.
    """
    if not modified_ms or not updated_ms:
        return Ruling(True, "for it is not known which side changed last")
    if modified_ms == updated_ms:
        return Ruling(True, "for both sides changed at the same moment")
    return Ruling(modified_ms > updated_ms, "for its record was changed last")
