"""What is to happen to one row, as a table."""

from __future__ import annotations

import pytest

from syncline.consent.gate import Permit
from syncline.insight.rows import Row
from syncline.people.facts import CrmFacts, CrmFlag, PersonFacts
from syncline.syncs.insight_data.decide import decide, fields_of

NEW, OLD = '{"name":"Tent"}', '{"name":"Boots"}'


def row(*, active: bool = True, sent_to: int = 0, sent: str = "") -> Row:
    return Row("r1", "c1", "Tent", active, NEW, sent_to, sent, 0, "alice@example.com", 7)


def person(
    status: str = "subscribed", contact_id: int | None = 7, flags: int = 0, **rest: str
) -> PersonFacts:
    record = CrmFacts("contact", "c1", "Alice", flags, {}, "")
    return PersonFacts("alice@example.com", [record], contact_id=contact_id, status=status, **rest)


@pytest.mark.parametrize(
    ("sent_to", "sent", "action"),
    [(0, "", "create"), (7, OLD, "update"), (7, NEW, "none"), (8, NEW, "move"), (0, OLD, "update")],
)
def test_what_a_subscriber_is_given(sent_to: int, sent: str, action: str) -> None:
    decision, permit = decide(row(sent_to=sent_to, sent=sent), person())
    assert (decision.action, decision.contact_id, decision.reason) == (action, 7, "")
    assert isinstance(permit, Permit)


@pytest.mark.parametrize(
    ("whose", "reason"),
    [
        (None, "nobody_known"),
        (person("unsubscribed"), "not_subscribed"),
        (person(""), "not_subscribed"),
        (person("pendingoptin"), "not_subscribed"),
        (person(contact_id=None), "not_subscribed"),
        (person(suppressed_for="HardBounced"), "suppressed"),
        (person(opted_out_as="al@example.com"), "opted_out_before"),
        (person(flags=CrmFlag.DO_NOT_BULK_EMAIL), "do_not_bulk_email"),
        (person(flags=CrmFlag.DO_NOT_EMAIL), "do_not_email"),
    ],
)
@pytest.mark.parametrize(("sent_to", "action"), [(0, "none"), (7, "remove")])
def test_whoever_may_not_have_it_loses_it(
    whose: PersonFacts | None, reason: str, sent_to: int, action: str
) -> None:
    decision, permit = decide(row(sent_to=sent_to, sent=NEW if sent_to else ""), whose)
    assert (decision.action, decision.contact_id, decision.reason, permit) == (action, 0, reason, None)


def test_a_row_that_is_not_active_is_nobodys() -> None:
    assert decide(row(active=False, sent_to=7, sent=NEW), person())[0].action == "remove"
    assert decide(row(active=False), person())[0].action == "none"


def test_the_audit_shows_what_differs() -> None:
    assert fields_of("", NEW) == {"name": [None, "Tent"]}
    assert fields_of(OLD, "") == {"name": ["Boots", None]}
    assert fields_of('{"a":1,"b":2}', '{"a":1,"c":3}') == {"c": [None, 3], "b": [2, None]}
