"""Whose records are given which scores."""

from typing import Any, Final

from syncline.people.facts import CrmFacts, PersonFacts
from syncline.people.store.scores import Scored
from syncline.syncs.scores.columns import columns_of
from syncline.syncs.scores.decide import decide

SCORED: Final = Scored(42, 70, 14, "Warm", "2026-05-01T03:00:00Z")
TABLES: Final = ("contact", "lead")


def person(*records: tuple[str, str], **more: Any) -> PersonFacts:
    facts = [CrmFacts(entity, record_id, "Alice", 0, {}, "") for entity, record_id in records]
    return PersonFacts("alice@example.com", facts, **more)


def given(who: PersonFacts, scored: Scored | None, **written: dict[str, Any]) -> list[str]:
    return [one.record_id for one in decide(who, scored, written, TABLES).changes]


def test_contacts_and_leads_are_given_scores_and_accounts_are_not() -> None:
    who = person(("lead", "c"), ("contact", "b"), ("account", "a"))
    assert given(who, SCORED) == ["b", "c"]
    assert decide(who, SCORED, {}, ("contact",)).changes[0].columns == {
        "syncline_overallscore": 42,
        "syncline_engagementscore": 70,
        "syncline_suitabilityscore": 14,
        "syncline_scorelabel": "Warm",
        "syncline_lastscoredon": "2026-05-01T03:00:00Z",
    }
    assert [one.record_id for one in decide(who, SCORED, {}, ("contact",)).changes] == ["b"]


def test_what_a_record_was_given_is_not_written_again() -> None:
    who = person(("contact", "a"), ("contact", "b"))
    assert given(who, SCORED, a=columns_of(SCORED)) == ["b"]
    assert given(who, SCORED, a=columns_of(SCORED), b=columns_of(SCORED._replace(label="Hot"))) == ["b"]


def test_nothing_is_written_where_there_is_no_score_or_the_person_was_erased() -> None:
    assert given(person(("contact", "a")), None) == []
    assert given(person(("contact", "a"), erased=True), SCORED) == []


def test_what_was_not_told_is_blank() -> None:
    columns = columns_of(Scored(0, 0, 0, "", ""))
    assert (columns["syncline_scorelabel"], columns["syncline_lastscoredon"]) == (None, None)
    assert columns["syncline_overallscore"] == 0
