"""Which of the values that a run wrote still stand and can be put back. Pure."""

from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from syncline.mapping.conversion import ConversionError
from syncline.people.facts import PersonFacts
from syncline.syncs.marketing_lists.decisions import CrmChange
from syncline.syncs.marketing_lists.deeds import Deeds, ValueDeed
from syncline.syncs.marketing_lists.rules import FieldRule, Rules


class Left(NamedTuple):
    """A value that is left as it is, and why."""

    deed: ValueDeed
    reason: str
    detail: str


class Values(msgspec.Struct):
    """What becomes of the values that the run wrote about one person."""

    send: dict[str, Any] = {}
    old: dict[str, Any] = {}
    crm_changes: list[CrmChange] = []
    put_back: list[ValueDeed] = []
    left: list[Left] = []


def undo_values(deeds: Deeds, person: PersonFacts, rules: Rules) -> Values:
    """Each value: put back where the run's own still stands, passed over where it is as before already, and
    left with a reason everywhere else.
    """
    found = Values()
    for deed in deeds.values:
        if deed.side == "dotdigital":
            if not deeds.made_contact:
                _in_dotdigital(deed, person, rules, found)
        elif deed.record_id not in deeds.made_records:
            _in_dynamics(deed, person, rules, found)
    return found


def _in_dotdigital(deed: ValueDeed, person: PersonFacts, rules: Rules, found: Values) -> None:
    if deed.field == "EMAIL":
        found.left.append(Left(deed, "address_stays", f"It was {deed.old} before."))
        return
    if person.contact_id is None:
        found.left.append(Left(deed, "changed_since_run", "Dotdigital no longer has the contact."))
        return
    mapped = [one for of in rules.fields.values() for one in of if one.label == deed.field]
    if not mapped:
        found.left.append(Left(deed, "no_longer_mapped", f"{deed.field}: {_written(deed)}"))
        return
    rule, present = mapped[0], person.remote.get(deed.field)
    if any(_takes_a_mark_back(one, present, deed.old) for one in mapped):
        found.left.append(_mark(deed))
    elif _same(rule, deed.new, present):
        found.send[deed.field], found.old[deed.field] = deed.old, present
        found.put_back.append(deed)
    elif not _same(rule, deed.old, present):
        found.left.append(_changed(deed, "Dotdigital", present))


def _in_dynamics(deed: ValueDeed, person: PersonFacts, rules: Rules, found: Values) -> None:
    record = next((one for one in person.records if one.record_id == deed.record_id), None)
    if record is None:
        gone = "Dynamics no longer has the record with this address."
        found.left.append(Left(deed, "changed_since_run", gone))
        return
    rule = next((one for one in rules.fields.get(deed.entity, ()) if one.write_column == deed.field), None)
    if rule is None:
        found.left.append(Left(deed, "no_longer_mapped", f"{deed.field}: {_written(deed)}"))
        return
    present = record.columns.get(rule.column)
    if _takes_a_mark_back(rule, present, deed.old):
        found.left.append(_mark(deed))
    elif _same_in_dynamics(rule, deed.new, present):
        _put_back(deed, rule, present, found)
    elif not _same_in_dynamics(rule, deed.old, present):
        found.left.append(_changed(deed, "Dynamics", present))


def _put_back(deed: ValueDeed, rule: FieldRule, present: Any, found: Values) -> None:
    change = next((one for one in found.crm_changes if one.record_id == deed.record_id), None)
    if change is None:
        change = CrmChange(deed.entity, deed.record_id, deed.name, {}, {}, list_id=deed.list_id)
        found.crm_changes.append(change)
    change.columns[deed.field] = [present, deed.old]
    # A value that no label can hold was never agreed on.
    with suppress(ConversionError):
        change.labels[rule.label] = rule.convert_out(deed.old) if deed.old is not None else None
    found.put_back.append(deed)


def _takes_a_mark_back(rule: FieldRule, present: Any, before: Any) -> bool:
    """Whether a consent column would become less restrictive. No sync does that, and so no undo either."""
    return rule.is_consent and present is True and before is not True


def _mark(deed: ValueDeed) -> Left:
    return Left(deed, "consent_mark_stands", f"{deed.field} stays Yes.")


def _same(rule: FieldRule, value: Any, present: Any) -> bool:
    """Dotdigital may keep a value in a form of its own, so the mapping decides what is the same."""
    return bool(
        value == present or (value is not None and present is not None and rule.agrees(value, present))
    )


def _same_in_dynamics(rule: FieldRule, value: Any, present: Any) -> bool:
    if value == present:
        return True
    if value is None or present is None:
        return False
    try:
        return bool(rule.convert_out(value) == rule.convert_out(present))
    except ConversionError:
        return False


def _changed(deed: ValueDeed, where: str, present: Any) -> Left:
    now = f"{deed.field} in {where} is {_shown(present)} by now; {_written(deed)}"
    return Left(deed, "changed_since_run", now)


def _written(deed: ValueDeed) -> str:
    return f"the run had written {_shown(deed.new)}."


def _shown(value: Any) -> str:
    return "blank" if value is None else repr(value)
