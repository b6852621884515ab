"""The decision about an opt-in type, which is pure: a value in Dynamics is only ever raised."""

from __future__ import annotations

from datetime import UTC, datetime

import hypothesis.strategies as st
from hypothesis import given

from syncline.people.facts import CrmFacts, PersonFacts
from syncline.provisioning.consent_tables import OPT_IN_TYPES
from syncline.syncs.consent.changes import Held, Kind
from syncline.syncs.consent.decide import Facts, Rules, decide_opt_in

WORDS = ("", "unknown", "single", "double", "verifieddouble", "triple")
"""As Dotdigital may say it: the last one it does not say yet."""

STRENGTH = {"": 0} | {word.lower(): value for word, value in OPT_IN_TYPES.items()}
BLANK, OF_SOMEBODY_ELSE = 0, 727000001
values = st.sampled_from([BLANK, OF_SOMEBODY_ELSE, *OPT_IN_TYPES.values()])
RULES = Rules(marks=True, keeps_crm_list=True, has_tables=True, static_lists={}, lists={})

records = st.lists(
    st.tuples(st.sampled_from(["contact", "lead", "account"]), st.none() | values), max_size=4
).map(lambda rows: [(table, f"r{number}", value) for number, (table, value) in enumerate(rows)])


def facts_of(
    word: str, rows: list[tuple[str, str, int | None]], *, contact_id: int | None = 1, erased: bool = False
) -> Facts:
    person = PersonFacts(
        "alice@example.com",
        [CrmFacts(table, record_id, "Alice", 0, {}, "") for table, record_id, _ in rows],
        contact_id=contact_id,
        opt_in=word,
        erased=erased,
    )
    held = {record_id: Held(value, f'W/"{record_id}"') for _, record_id, value in rows if value is not None}
    return Facts(person, since=datetime(2026, 1, 1, tzinfo=UTC), held=held)


@given(st.sampled_from(WORDS), records)
def test_a_value_is_only_ever_raised_and_to_what_dotdigital_says(
    word: str, rows: list[tuple[str, str, int | None]]
) -> None:
    decision = decide_opt_in(facts_of(word, rows), RULES)

    there = {record_id: (table, value) for table, record_id, value in rows}
    for change in decision.changes:
        table, value = there.pop(change.record_id)
        assert (change.kind, change.entity, change.before) == (Kind.RAISE, table, value)
        assert change.before < change.after == STRENGTH[word]
        assert change.before != OF_SOMEBODY_ELSE
        assert change.version == f'W/"{change.record_id}"'
    for table, value in there.values():
        may_be_raised = value is not None and table != "account" and value != OF_SOMEBODY_ELSE
        assert not may_be_raised or value >= STRENGTH.get(word, 0), "nobody weaker is left out"


@given(st.sampled_from(WORDS), records)
def test_deciding_again_about_what_was_written_changes_nothing(
    word: str, rows: list[tuple[str, str, int | None]]
) -> None:
    changes = {one.record_id: one.after for one in decide_opt_in(facts_of(word, rows), RULES).changes}
    written = [(table, record_id, changes.get(record_id, value)) for table, record_id, value in rows]

    assert decide_opt_in(facts_of(word, written), RULES).changes == ()


@given(st.permutations(["unknown", "single", "double", "verifieddouble"]), values)
def test_whatever_the_order_of_the_accounts_the_strongest_stays(words: list[str], value: int) -> None:
    before = value
    for word in words:
        for change in decide_opt_in(facts_of(word, [("contact", "r0", value)]), RULES).changes:
            value = change.after

    assert value == (before if before == OF_SOMEBODY_ELSE else max(OPT_IN_TYPES.values()))


def test_nothing_follows_for_whom_dotdigital_no_longer_knows_or_who_was_erased() -> None:
    blank = [("contact", "r0", BLANK)]
    assert decide_opt_in(facts_of("double", blank), RULES).changes
    assert not decide_opt_in(facts_of("double", blank, contact_id=None), RULES).changes
    assert not decide_opt_in(facts_of("double", blank, erased=True), RULES).changes
