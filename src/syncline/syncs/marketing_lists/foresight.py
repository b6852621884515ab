"""What a whole run would do to one person. Pure.

The in-pass goes before the out-pass, and what it writes changes what is decided next: whoever is let into a
marketing list is synced from then on, and a value that Dynamics took is no longer sent back. So a plan
decides as often as a run does, each time as things will then be.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from syncline.consent.gate import Permit
from syncline.people.facts import CrmFacts, PersonFacts, Place
from syncline.syncs.marketing_lists.decide import decide
from syncline.syncs.marketing_lists.decisions import CrmChange, CrmCreate, CrmJoin, Decision
from syncline.syncs.marketing_lists.rules import Rules


def foresee(person: PersonFacts, rules: Rules) -> tuple[Decision, Permit | None]:
    """One decision that holds what every stage of a run would do, if nothing else changes meanwhile."""
    first, granted = decide(person, rules)
    if not first.is_owed:
        return first, granted
    second = first
    if first.crm_joins:
        person = _after_joins(_after_creates(person, first.crm_creates), first.crm_joins)
        second, granted = decide(person, rules)
    last = second
    if second.crm_changes:
        last, granted = decide(_after_changes(person, second.crm_changes), rules)
    last.crm_creates, last.crm_joins, last.crm_changes = (
        first.crm_creates,
        first.crm_joins,
        second.crm_changes,
    )
    return last, granted


def _after_creates(person: PersonFacts, creates: list[CrmCreate]) -> PersonFacts:
    """Who was not known to Dynamics is a record there, with the values that were given along."""
    if not creates:
        return person
    agreed = {**person.agreed}
    records = [*person.records]
    for made in creates:
        values = {column: new for column, (_, new) in made.columns.items()}
        records.append(CrmFacts(made.entity, made.record_id, made.name, 0, values, ""))
        agreed |= made.labels
    return replace(person, records=records, agreed=agreed)


def _after_joins(person: PersonFacts, joins: list[CrmJoin]) -> PersonFacts:
    """Who was to be let into a marketing list is in it."""
    entered = {
        join.record_id: [one.list_id for one in joins if one.record_id == join.record_id] for join in joins
    }
    records = [
        replace(record, lists=[*record.lists, *entered.get(record.record_id, ())])
        for record in person.records
    ]
    places = {**person.places, **{join.list_id: Place("subscribed", True) for join in joins}}
    return replace(person, records=records, places=places)


def _after_changes(person: PersonFacts, changes: list[CrmChange]) -> PersonFacts:
    """Dynamics has the newer values, and both sides agree on them."""
    written = {change.record_id: change.columns for change in changes}
    agreed = {**person.agreed}
    for change in changes:
        agreed |= change.labels
    records = [_with(record, written.get(record.record_id, {})) for record in person.records]
    return replace(person, records=records, agreed=agreed)


def _with(record: CrmFacts, columns: Mapping[str, list[Any]]) -> CrmFacts:
    if not columns:
        return record
    values = {**record.columns, **{column: new for column, (_, new) in columns.items()}}
    return replace(record, columns={column: value for column, value in values.items() if value is not None})
