"""A plan writes nothing, and carrying one out writes only what was approved: held against both sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from syncline.dotdigital import Contact
from syncline.ledger.models import PlanItem, Run
from syncline.syncs.marketing_lists.decisions import decode_decision
from syncline.syncs.marketing_lists.effects import Effects, effects
from tests.properties.two_sides import COLUMNS, Record, Truth, TwoSides
from tests.syncs.world import TABLES

Written = tuple[tuple[str | int, ...], Any]
"""What was written, named as effects of a decision are, and the value that is there now."""


def nothing_was_written(before: Truth, after: Truth) -> None:
    """Making a plan leaves both sides as they were."""
    assert after == before


def nothing_but_the_plan_was_written(run: Run, before: Truth, after: Truth, sides: TwoSides) -> None:
    """However much has changed since the plan was made; only Syncline wrote between these moments."""
    approved = _approved(run)
    for key, (effect, value) in _written(before, after, sides):
        planned = approved.get(key, {})
        assert effect in planned, f"{key}: {effect} was not approved"
        wanted = planned[effect]
        assert value == (wanted[1] if isinstance(wanted, list) else wanted), f"{key}: {effect} is {value!r}"


def _approved(run: Run) -> dict[str, Effects]:
    items = PlanItem.objects.filter(run=run.subject)
    return {item.key: effects(decode_decision(bytes(item.payload))) for item in items}


def _written(before: Truth, after: Truth, sides: TwoSides) -> Iterator[tuple[str, Written]]:
    lists = {one.address_book_id: one.pk for one in sides.lists if sides.book_of(one) is not None}
    known = {contact.contact_id: contact for contact in before.contacts.values()}
    for email, contact in after.contacts.items():
        for written in _written_to(known.get(contact.contact_id), contact, lists):
            yield email, written
    for record_id, record in after.records.items():
        for written in _written_in(before.records.get(record_id), record):
            yield record.key, written
    yield from _memberships(before, after, sides)


def _written_to(old: Contact | None, new: Contact, lists: dict[int | None, int]) -> Iterator[Written]:
    if old is not None and old.email != new.email:
        yield ("dotdigital", "address"), new.email
    fields = old.data_fields if old else {}
    for label in sorted({*fields, *new.data_fields}):
        if fields.get(label) != new.data_fields.get(label):
            yield ("dotdigital", "value", label), new.data_fields.get(label)
    was_in, is_in = (_lists_of(one, lists) for one in (old, new))
    for list_id in sorted(is_in - was_in):
        yield ("dotdigital", "join", list_id), True
    for list_id in sorted(was_in - is_in):
        yield ("dotdigital", "leave", list_id), True


def _lists_of(contact: Contact | None, lists: dict[int | None, int]) -> set[int]:
    entries = contact.lists if contact else []
    return {lists[entry.id] for entry in entries if entry.status == "subscribed" and entry.id in lists}


def _written_in(old: Record | None, new: Record) -> Iterator[Written]:
    """The full name is left out, for Dynamics computes it."""
    what = "value" if old else "create"
    for column in COLUMNS:
        was, now = (old.values[column] if old else None), new.values[column]
        if was != now and not (old is None and now is False):  # No is what Dynamics begins with.
            yield ("dynamics", what, TABLES[new.set_name], new.record_id, column), now


def _memberships(before: Truth, after: Truth, sides: TwoSides) -> Iterator[tuple[str, Written]]:
    """Of static lists; who is in a dynamic one is nobody's decision."""
    for one in sides.static:
        was, now = before.members.get(one.pk, set()), after.members.get(one.pk, set())
        for record_id in sorted(was ^ now):
            what = "join" if record_id in now else "leave"
            key = after.records[record_id].key
            yield key, (("dynamics", what, one.entity, record_id, one.pk), True)
