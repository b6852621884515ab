"""Whose value stands, rule by rule: a table of what both sides hold and what they last agreed on."""

from typing import Any

import pytest

from syncline.mapping.models import ConflictRule
from syncline.syncs.marketing_lists.conflicts import NEVER
from syncline.syncs.marketing_lists.merge import Merged, merge
from syncline.syncs.marketing_lists.rules import FieldRule
from tests.syncs.marketing_lists.people import alice, contact, field, rules

DYNAMICS, DOTDIGITAL, NEWEST, RESTRICTIVE = ConflictRule
YES, NO, BLANK = True, False, None


def merged(
    rule: FieldRule, crm: Any, remote: Any, agreed: Any, modified_ms: int = 0, updated_ms: int = 0
) -> Merged:
    record = contact(1, column=crm)
    record.modified_ms = modified_ms
    person = alice(
        record,
        contact_id=7,
        status="subscribed",
        remote={"LABEL": remote} if remote is not None else {},
        agreed={} if agreed is NEVER else {"LABEL": agreed},
        updated_ms=updated_ms,
    )
    return merge(record, person, rules(rule))


def stands(outcome: Merged, crm: Any, remote: Any) -> Any:
    """The value that both sides end up with."""
    if outcome.send:
        return outcome.send["LABEL"]
    return outcome.take["column"][1] if outcome.take else (crm, remote)


@pytest.mark.parametrize("rule", list(ConflictRule))
@pytest.mark.parametrize(
    ("crm", "remote", "agreed", "winner"),
    [
        ("Ann", "Bea", "Ann", "Bea"),  # Only Dotdigital changed.
        ("Ann", "Bea", "Bea", "Ann"),  # Only Dynamics changed.
        ("Ann", BLANK, NEVER, "Ann"),  # Never met: a value beats a blank.
        (BLANK, "Bea", NEVER, "Bea"),
        (BLANK, "Bea", "Bea", "Bea"),  # Emptied, and blanks overwrite nothing: it comes back.
        ("Ann", BLANK, "Ann", "Ann"),
    ],
)
def test_what_only_one_side_changed_is_no_matter_of_rules(rule, crm, remote, agreed, winner):
    outcome = merged(field("column", "LABEL", conflict_rule=rule), crm, remote, agreed, 1, 2)
    assert stands(outcome, crm, remote) == winner
    assert not outcome.conflicts and not outcome.lost and not outcome.lost_inward


@pytest.mark.parametrize("agreed", ["Cleo", NEVER])
@pytest.mark.parametrize(
    ("rule", "modified_ms", "updated_ms", "winner", "words"),
    [
        (DYNAMICS, 1, 2, "Ann", "as the mapping says"),
        (DOTDIGITAL, 2, 1, "Bea", "as the mapping says"),
        (NEWEST, 2, 1, "Ann", "changed last"),
        (NEWEST, 1, 2, "Bea", "changed last"),
        (NEWEST, 2, 2, "Ann", "at the same moment"),
        (NEWEST, 0, 2, "Ann", "not known which side"),
        (NEWEST, 2, 0, "Ann", "not known which side"),
    ],
)
def test_what_both_sides_changed_goes_by_the_rule(rule, modified_ms, updated_ms, winner, words, agreed):
    outcome = merged(
        field("column", "LABEL", conflict_rule=rule), "Ann", "Bea", agreed, modified_ms, updated_ms
    )
    assert stands(outcome, "Ann", "Bea") == winner
    [told] = outcome.conflicts
    assert words in told
    loser = "Bea" if winner == "Ann" else "Ann"
    assert f"held '{loser}'" in told
    lost = {**outcome.lost, **outcome.lost_inward}
    assert list(lost.values()) == [["dotdigital" if winner == "Ann" else "dynamics", loser]]


def allows(**about: Any) -> FieldRule:
    """A yes/no column that is restrictive at No, such as “wants the newsletter”."""
    return field("column", "LABEL", conflict_rule=RESTRICTIVE, restrictive=False, **about)


def forbids(**about: Any) -> FieldRule:
    """A consent column such as donotphone, whatever rule its mapping has."""
    about.setdefault("conflict_rule", RESTRICTIVE)
    return field("column", "LABEL", restrictive=True, is_consent=True, **about)


@pytest.mark.parametrize(
    ("crm", "remote", "agreed", "winner"),
    [
        (YES, NO, NEVER, NO),
        (NO, YES, NEVER, NO),
        (YES, NO, NO, YES),  # Only Dynamics changed, and the column is not about consent.
        (NO, YES, NO, YES),
        (YES, NO, YES, NO),
        (NO, BLANK, NEVER, NO),
        (YES, BLANK, NEVER, YES),
    ],
)
def test_most_restrictive_decides_where_nothing_was_agreed(crm, remote, agreed, winner):
    assert stands(merged(allows(), crm, remote, agreed), crm, remote) is winner


@pytest.mark.parametrize(("crm", "remote", "winner"), [(NO, BLANK, NO), (BLANK, NO, NO)])
def test_most_restrictive_prefers_a_word_to_none(crm, remote, winner):
    outcome = merged(allows(blank_overwrites=True), crm, remote, YES)
    assert stands(outcome, crm, remote) is winner


@pytest.mark.parametrize("rule", list(ConflictRule))
@pytest.mark.parametrize("blank_overwrites", [True, False])
@pytest.mark.parametrize(
    ("crm", "remote", "agreed", "told"),
    [
        (YES, NO, NO, False),  # New in Dynamics.
        (NO, YES, NO, False),  # New in Dotdigital.
        (YES, NO, YES, True),  # Taken back in Dotdigital: it stands in Dynamics, and comes back.
        (NO, YES, YES, True),  # Taken back in Dynamics.
        (YES, NO, NEVER, True),
        (NO, YES, NEVER, True),
        (YES, BLANK, NEVER, False),
        (BLANK, YES, NEVER, False),
    ],
)
def test_a_consent_column_never_becomes_less_restrictive(crm, remote, agreed, told, rule, blank_overwrites):
    outcome = merged(
        forbids(conflict_rule=rule, blank_overwrites=blank_overwrites), crm, remote, agreed, 1, 1
    )
    assert stands(outcome, crm, remote) is YES
    assert bool(outcome.conflicts) is told
    assert bool(outcome.lost or outcome.lost_inward) is told


def test_a_blank_takes_back_no_consent_mark_even_where_blanks_overwrite():
    outcome = merged(forbids(blank_overwrites=True), YES, BLANK, YES)
    assert outcome.send == {"LABEL": YES}
    assert outcome.conflicts


def test_a_label_that_only_goes_to_dynamics_cannot_lift_a_mark_there():
    outcome = merged(forbids(outward=False), YES, NO, YES)
    assert not outcome.take and not outcome.send
    assert "Dynamics wins, for a sync takes no such mark back; Dotdigital held No" in outcome.conflicts[0]
    assert merged(forbids(outward=False), NO, YES, NO).take == {"column": [NO, YES]}


def test_a_mark_that_only_goes_to_dotdigital_is_a_mirror_of_dynamics():
    assert merged(forbids(inward=False), NO, YES, YES).send == {"LABEL": NO}


def test_a_mark_that_both_sides_lifted_is_lifted():
    outcome = merged(forbids(), NO, NO, YES)
    assert not outcome.send and not outcome.take
    assert outcome.agreed == {"LABEL": NO}
