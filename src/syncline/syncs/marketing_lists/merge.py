"""Field by field: what each side holds, what both last agreed on, and therefore which way the value goes.
Pure.
"""

from typing import Any, Final

import msgspec

from syncline.mapping.conversion import ConversionError
from syncline.people.facts import CrmFacts, PersonFacts
from syncline.syncs.marketing_lists.rules import FieldRule, Rules

_NEVER: Final = object()


class Merged(msgspec.Struct, gc=False):
    """The outcome for one record: values for Dotdigital, values for Dynamics, and the shadow that follows."""

    send: dict[str, Any]
    old: dict[str, Any]
    take: dict[str, list[Any]]
    """Column → [old, new] for Dynamics."""
    taken: dict[str, Any]
    """Label → value, for the labels in `take`."""
    agreed: dict[str, Any]
    """Label → value that both sides hold once `send` is delivered."""
    conflicts: list[str]
    """Words for each field that both sides had changed."""
    problems: list[str]
    """Words for each value that cannot be carried over."""


def merge(record: CrmFacts, person: PersonFacts, rules: Rules) -> Merged:
    """Compare one Dynamics record with the Dotdigital contact of the same address."""
    if not person.status and not person.agreed:
        return _first_meeting(record, rules)
    merged = Merged({}, {}, {}, {}, dict(person.agreed), [], [])
    for rule in rules.fields.get(record.entity, ()):
        raw = record.columns.get(rule.column)
        if rule.is_lookup and raw is not None:
            raw = rules.lookup_names.get(raw)
            if raw is None:
                continue  # A name that we may not read is no blank: the label stays as it is.
        try:
            crm = rule.convert_out(raw) if raw is not None else None
        except ConversionError as error:
            merged.problems.append(str(error))
            continue
        remote = person.remote.get(rule.label)
        if crm == remote or (remote is not None and crm is not None and rule.agrees(crm, remote)):
            if crm is not None or rule.label in merged.agreed:
                merged.agreed[rule.label] = crm
        elif _goes_out(rule, crm, remote, person.agreed.get(rule.label, _NEVER), merged):
            merged.send[rule.label] = crm
            merged.old[rule.label] = remote
            merged.agreed[rule.label] = crm
        elif remote is not None or _was_emptied(rule, person.agreed.get(rule.label)):
            _take(rule, raw, remote, merged)
    return merged


def _was_emptied(rule: FieldRule, agreed: Any) -> bool:
    """Whether a blank in Dotdigital is to overwrite: only where a value was agreed on before.

    A contact that we made ourselves is blank in every label that never goes there.
    """
    return rule.blank_overwrites and agreed is not None


def _first_meeting(record: CrmFacts, rules: Rules) -> Merged:
    """Dotdigital does not know the person, so there is nothing to compare with. A first load is all such."""
    send: dict[str, Any] = {}
    problems: list[str] = []
    columns = record.columns
    for rule in rules.fields.get(record.entity, ()):
        raw = columns.get(rule.column)
        if raw is None or not rule.outward:
            continue
        try:
            value = rule.convert_out(rules.lookup_names.get(raw) if rule.is_lookup else raw)
        except ConversionError as error:
            problems.append(str(error))
            continue
        if value is not None:
            send[rule.label] = value
    return Merged(send, {}, {}, {}, send, [], problems)


def _goes_out(rule: FieldRule, crm: Any, remote: Any, agreed: Any, merged: Merged) -> bool:
    """Whether the Dynamics value is the one to stand. The two are known to differ.

    False means that the Dotdigital value stands, or that nothing may move.
    """
    if rule.convert_in is None:
        wins = True
    elif not rule.outward:
        wins = False
    elif agreed is _NEVER:
        # Never agreed before: a value beats a blank, and between two values the mapping decides.
        wins = remote is None or (crm is not None and not rule.dotdigital_wins)
        if crm is not None and remote is not None:
            _note_conflict(rule, crm, remote, wins, merged)
    elif not rule.blank_overwrites and (crm is None or remote is None):
        # A value that was emptied on one side is not emptied on the other: it comes back.
        wins = remote is None
    elif remote == agreed or (remote is not None and rule.agrees(agreed, remote)):
        wins = True
    elif crm == agreed:
        wins = False
    else:
        wins = not rule.dotdigital_wins
        _note_conflict(rule, crm, remote, wins, merged)
    return wins and rule.outward and (crm is not None or rule.blank_overwrites)


def _note_conflict(rule: FieldRule, crm: Any, remote: Any, crm_wins: bool, merged: Merged) -> None:
    winner, loser, lost = ("Dynamics", "Dotdigital", remote) if crm_wins else ("Dotdigital", "Dynamics", crm)
    merged.conflicts.append(f"{rule.label}: both sides had changed, {winner} wins; {loser} held {lost!r}")


def _take(rule: FieldRule, raw: Any, remote: Any, merged: Merged) -> None:
    if rule.convert_in is None:
        return
    try:
        value = rule.convert_in(remote) if remote is not None else None
    except ConversionError as error:
        merged.problems.append(str(error))
        return
    merged.take[rule.write_column] = [raw, value]
    merged.taken[rule.label] = remote
