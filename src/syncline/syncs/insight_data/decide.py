"""What is to happen to one row of a chosen table. Pure."""

from typing import Any, Literal

import msgspec

from syncline.consent.gate import Permit, permit
from syncline.insight.rows import Row
from syncline.people.facts import PersonFacts
from syncline.syncs.marketing_lists.decide import standing

Action = Literal["create", "update", "move", "remove", "none"]
"""`move`: the record is another contact's from now on, so it is removed there before it is made here."""


class Decision(msgspec.Struct, frozen=True, array_like=True):
    """`contact_id`: who is to have the record, 0 for nobody. `permit` is not kept: it is asked for anew
    wherever the record is sent.
    """

    row_id: str
    person_key: str
    name: str
    action: Action
    contact_id: int
    columns: str
    sent_to: int
    sent: str
    reason: str = ""


def decide(row: Row, person: PersonFacts | None) -> tuple[Decision, Permit | None]:
    """The decision, and the permit without which nothing is sent."""
    reason, given = _whether(row, person)
    contact_id = person.contact_id if given is not None and person is not None else 0
    decision = Decision(
        row.row_id,
        row.person_key,
        row.name,
        _action(row, contact_id or 0),
        contact_id or 0,
        row.columns,
        row.sent_to,
        row.sent,
        reason,
    )
    return decision, given


def _whether(row: Row, person: PersonFacts | None) -> tuple[str, Permit | None]:
    """Why nobody may have the record, or the permit of whom it belongs to. Any doubt is a stop: whom
    Dotdigital has not told to be subscribed gets nothing.
    """
    if not row.active:
        return "row_not_active", None
    if person is None:
        return "nobody_known", None
    verdict = permit(standing(person))
    if not isinstance(verdict, Permit):
        return verdict, None
    if person.status.lower() != "subscribed" or not person.contact_id:
        return "not_subscribed", None
    return "", verdict


def _action(row: Row, contact_id: int) -> Action:
    if not contact_id:
        return "remove" if row.sent_to else "none"
    if row.sent_to and row.sent_to != contact_id:
        return "move"
    if row.sent_to and row.columns == row.sent:
        return "none"
    return "update" if row.sent else "create"


def fields_of(before: str, after: str) -> dict[str, list[Any]]:
    """Column → [old, new] of what differs, as the audit shows it. Both are JSON objects, or empty texts."""
    old, new = (msgspec.json.decode(text) if text else {} for text in (before, after))
    names = list(dict.fromkeys([*new, *old]))
    return {name: [old.get(name), new.get(name)] for name in names if old.get(name) != new.get(name)}
