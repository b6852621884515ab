"""Field by field: what each side holds, what both last agreed on, and therefore which way the value goes.
Pure.
"""

from typing import Any, Final

import msgspec

from syncline.mapping.conversion import ConversionError
from syncline.people.facts import CrmFacts, PersonFacts
from syncline.syncs.marketing_lists.conflicts import NEVER, Ruling, rule_between
from syncline.syncs.marketing_lists.rules import FieldRule, Rules

UNKNOWN: Final = object()
"""A value that cannot be told: neither a value nor a blank."""


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
    """Words for each field about which one side overruled the other."""
    problems: list[str]
    """Words for each value that cannot be carried over."""
    lost: dict[str, list[Any]]
    """Label → ["dotdigital", value] for each value in Dotdigital that `send` overrules."""
    lost_inward: dict[str, list[Any]]
    """Column → ["dynamics", value] for each value in Dynamics that `take` overrules."""


def merge(record: CrmFacts, person: PersonFacts, rules: Rules) -> Merged:
    """Compare one Dynamics record with the Dotdigital contact of the same address."""
    if not person.status and not person.agreed:
        return _first_meeting(record, rules)
    merged = Merged({}, {}, {}, {}, dict(person.agreed), [], [], {}, {})
    for rule in rules.fields.get(record.entity, ()):
        raw = record.columns.get(rule.column)
        if rule.is_lookup and raw is not None:
            raw = looked_up(rule, raw, rules)
            if raw is UNKNOWN:
                continue  # What we may not read is no blank: the label stays as it is.
        try:
            crm = rule.convert_out(raw) if raw is not None else None
        except ConversionError as error:
            merged.problems.append(str(error))
            continue
        remote = person.remote.get(rule.label)
        if crm == remote or (remote is not None and crm is not None and rule.agrees(crm, remote)):
            if crm is not None or rule.label in merged.agreed:
                merged.agreed[rule.label] = crm
            continue
        ruling = rule_between(rule, crm, remote, person.agreed.get(rule.label, NEVER), record, person)
        if ruling.dynamics and rule.outward and (crm is not None or rule.blank_overwrites):
            merged.send[rule.label] = crm
            merged.old[rule.label] = remote
            merged.agreed[rule.label] = crm
            if ruling.conflict:
                merged.lost[rule.label] = ["dotdigital", remote]
        elif not ruling.dynamics and (
            remote is not None or _was_emptied(rule, person.agreed.get(rule.label))
        ):
            _take(rule, raw, remote, merged)
            if ruling.conflict and rule.write_column in merged.take:
                merged.lost_inward[rule.write_column] = ["dynamics", raw]
        if ruling.conflict:
            merged.conflicts.append(_told(rule, ruling, remote if ruling.dynamics else crm))
    return merged


def looked_up(rule: FieldRule, record_id: str, rules: Rules) -> Any:
    """The name or the column of the row that a lookup points at; UNKNOWN where it could not be read, and
    where the lookup points at a row of another table than the mapping's.
    """
    row = rules.looked_up.get(record_id)
    return UNKNOWN if row is None else row.get(rule.looked_up, UNKNOWN)


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
        if rule.is_lookup:
            raw = looked_up(rule, raw, rules)
            if raw is UNKNOWN:
                continue
        try:
            value = rule.convert_out(raw)
        except ConversionError as error:
            problems.append(str(error))
            continue
        if value is not None:
            send[rule.label] = value
    return Merged(send, {}, {}, {}, send, [], problems, {}, {})


def _told(rule: FieldRule, ruling: Ruling, lost: Any) -> str:
    winner, loser = ("Dynamics", "Dotdigital") if ruling.dynamics else ("Dotdigital", "Dynamics")
    return f"{rule.label}: {winner} wins, {ruling.conflict}; {loser} held {_shown(lost)}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return repr(value)


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
