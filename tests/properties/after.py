"""What both sides and Syncline hold once a decision has been carried out, as the writing does it."""

from __future__ import annotations

import msgspec

from syncline.people.facts import CrmFacts, PersonFacts, Place
from syncline.syncs.marketing_lists.decisions import Decision

OUR_WRITE_MS = 10_000
"""Later than every change that the generated people have seen: our writes move the clocks of both sides."""


def _copy(person: PersonFacts) -> PersonFacts:
    return msgspec.convert(msgspec.to_builtins(person), PersonFacts)


def after_joining(person: PersonFacts, decision: Decision) -> PersonFacts:
    """Who was to be let into a marketing list is in it, as a new record where Dynamics did not know them."""
    then = _copy(person)
    for made in decision.crm_creates:
        columns = {column: new for column, (_, new) in made.columns.items()}
        then.records.append(CrmFacts(made.entity, made.record_id, made.name, 0, columns, ""))
        then.agreed = {**then.agreed, **made.labels}
    by_id = {record.record_id: record for record in then.records}
    for join in decision.crm_joins:
        by_id[join.record_id].lists.append(join.list_id)
        then.places[join.list_id] = Place("subscribed", True)
    return _with_changes(then, decision)


def after_inward(person: PersonFacts, decision: Decision) -> PersonFacts:
    """Dynamics has the newer values."""
    return _with_changes(_copy(person), decision)


def _with_changes(then: PersonFacts, decision: Decision) -> PersonFacts:
    by_id = {record.record_id: record for record in then.records}
    for change in decision.crm_changes:
        _write(by_id[change.record_id], {column: new for column, (_, new) in change.columns.items()})
        by_id[change.record_id].modified_ms = OUR_WRITE_MS
        then.agreed = {**then.agreed, **change.labels}
    return then


def _write(record: CrmFacts, columns: dict[str, object]) -> None:
    record.columns = {
        name: value for name, value in {**record.columns, **columns}.items() if value is not None
    }


def after_outward(person: PersonFacts, decision: Decision) -> PersonFacts:
    """The import is through and so are the removals."""
    then = _copy(person)
    if decision.imports:
        then.remote = {
            label: value for label, value in {**then.remote, **decision.send}.items() if value is not None
        }
        then.updated_ms = 2 * OUR_WRITE_MS
        then.contact_id, then.status, then.known_as = then.contact_id or 7, then.status or "subscribed", ""
    if decision.agreed and then.contact_id is not None:
        then.agreed = decision.agreed
    for list_id in (*decision.joins, *decision.confirmed):
        then.places[list_id] = Place("subscribed", True)
    for list_id in decision.leaves:
        del then.places[list_id]
    return then
