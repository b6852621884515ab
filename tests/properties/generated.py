"""People and rules drawn at random: everything that a decision may meet."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st

from syncline.consent.gate import DELETED, MOVED
from syncline.lists.models import MembershipAction
from syncline.mapping.models import ConflictRule
from syncline.people.facts import CrmFacts, PersonFacts, Place
from syncline.syncs.marketing_lists.rules import FieldRule, ListRule, NeededColumn, NewRows, Rules

LISTS = (1, 2, 3)
ENTITIES = ("contact", "lead", "account")
LABELS = ("FIRST", "LAST", "TOWN")
YES_NO = {"VIP": False, "QUIET": True}
"""Yes/no labels, with the value that allows less; QUIET says of somebody not to be contacted."""
KEY = "alice@example.com"

_STATUSES = (
    "subscribed",
    "unsubscribed",
    "hardbounced",
    "pendingoptin",
    "suppressed",
    "what?",
    MOVED,
    DELETED,
)
_values = st.sampled_from(["A", "B", "C"])
_moments = st.sampled_from([0, 1000, 2000])
_ways = st.sampled_from([(True, True), (True, True), (True, False), (False, True)])
_for_texts = st.sampled_from([rule for rule in ConflictRule if rule != ConflictRule.MOST_RESTRICTIVE_WINS])


def _capitals(value: Any) -> Any:
    """The conversion: what Dynamics holds in small letters, Dotdigital holds in capitals."""
    return value.upper()


def _small(value: Any) -> Any:
    return value.lower()


def _agrees(crm: Any, remote: Any) -> bool:
    return bool(crm == remote)


@st.composite
def field_rules(draw: st.DrawFn, label: str) -> FieldRule:
    outward, inward = draw(_ways)
    return FieldRule(
        column=label.lower(),
        write_column=label.lower(),
        label=label,
        convert_out=_capitals,
        convert_in=_small if inward else None,
        agrees=_agrees,
        outward=outward,
        conflict_rule=draw(_for_texts),
        blank_overwrites=draw(st.booleans()),
        is_lookup=False,
    )


def _unchanged(value: Any) -> Any:
    return value


@st.composite
def yes_no_rules(draw: st.DrawFn, label: str) -> FieldRule:
    outward, inward = draw(_ways)
    return FieldRule(
        column=label.lower(),
        write_column=label.lower(),
        label=label,
        convert_out=_unchanged,
        convert_in=_unchanged if inward else None,
        agrees=_agrees,
        outward=outward,
        conflict_rule=draw(st.sampled_from(list(ConflictRule))),
        blank_overwrites=draw(st.booleans()),
        is_lookup=False,
        restrictive=YES_NO[label],
        is_consent=YES_NO[label],
    )


@st.composite
def rule_sets(draw: st.DrawFn) -> Rules:
    lists = {
        list_id: ListRule(
            list_id=list_id,
            order=order,
            entity=draw(st.sampled_from(ENTITIES)),
            dynamic=draw(st.booleans()),
            action=draw(st.sampled_from([action.value for action in MembershipAction])),
            usable=draw(st.sampled_from([True, True, True, False])),
        )
        for order, list_id in enumerate(draw(st.permutations(LISTS)))
    }
    return Rules(
        fields={
            entity: (
                *(draw(field_rules(label)) for label in LABELS),
                *(draw(yes_no_rules(label)) for label in YES_NO),
            )
            for entity in ENTITIES
        },
        lists=lists,
        only_open_and_active=draw(st.booleans()),
        looked_up={},
        priority={entity: place for place, entity in enumerate(draw(st.permutations(ENTITIES)))},
        readmit_inactive=draw(st.booleans()),
        new_rows=NewRows(
            {"contact": (NeededColumn("lastname", "Last Name", 50),)}, lambda entity, key: f"new {entity}"
        ),
    )


@st.composite
def _records(draw: st.DrawFn, rules: Rules) -> list[CrmFacts]:
    found = []
    for number in range(draw(st.integers(0, 3))):
        entity = draw(st.sampled_from(ENTITIES))
        open_to = [list_id for list_id in LISTS if rules.lists[list_id].entity == entity]
        found.append(
            CrmFacts(
                entity=entity,
                record_id=f"r{number}",
                name=f"Record {number}",
                flags=draw(st.sampled_from([0, 0, 0, 0, 1, 2, 4, 5])),
                columns=_some(
                    {label.lower(): draw(_values.map(str.lower)) for label in LABELS}
                    | {label.lower(): draw(st.booleans()) for label in YES_NO},
                    draw,
                ),
                former_keys="",
                lists=[list_id for list_id in open_to if draw(st.booleans())],
                modified_ms=draw(_moments),
            )
        )
    return found


def _some(values: dict[str, Any], draw: st.DrawFn) -> dict[str, Any]:
    return {key: value for key, value in values.items() if draw(st.booleans())}


def _contents(
    draw: st.DrawFn, texts: st.SearchStrategy[Any], yes_no: st.SearchStrategy[Any]
) -> dict[str, Any]:
    return {label: draw(texts) for label in LABELS} | {label: draw(yes_no) for label in YES_NO}


@st.composite
def people(draw: st.DrawFn, rules: Rules) -> PersonFacts:
    """Anybody, also people about whom the tables contradict themselves."""
    person = PersonFacts(
        key=draw(st.sampled_from([KEY, KEY, KEY, KEY, "@r0", "no address"])), records=draw(_records(rules))
    )
    if draw(st.booleans()):
        person.contact_id = 7
        person.status = draw(st.sampled_from(["subscribed"] * 8 + list(_STATUSES)))
        person.known_as = draw(st.sampled_from(["", "", "alice@old.example"]))
        person.updated_ms = draw(_moments)
        person.remote = _some(_contents(draw, _values, st.booleans()), draw)
        nothing = st.none()
        person.agreed = _some(_contents(draw, nothing | _values, nothing | st.booleans()), draw)
    person.places = {
        list_id: Place(
            draw(st.sampled_from(["subscribed", "subscribed", "suppressed", "pending", "removed"])),
            draw(st.booleans()),
        )
        for list_id in LISTS
        if draw(st.booleans())
    }
    person.suppressed_for = draw(st.sampled_from([""] * 8 + ["Unsubscribed"]))
    person.opted_out_as = draw(st.sampled_from([""] * 8 + ["alice@old.example"]))
    person.erased = draw(st.sampled_from([False] * 8 + [True]))
    return person


@st.composite
def situations(draw: st.DrawFn) -> tuple[PersonFacts, Rules]:
    rules = draw(rule_sets())
    return draw(people(rules)), rules
