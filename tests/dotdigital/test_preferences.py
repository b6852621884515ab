"""What people chose to be told about: definitions, choices with their times, and a choice made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox_process import Control
from syncline.dotdigital import Dotdigital, NotFound, Preference, Rejected
from syncline.dotdigital.preferences import _choices

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ALICE = "alice+news@example.com"


@pytest.fixture
def topics(control: Control) -> dict[str, int]:
    """Two preferences in one category, by name."""
    found: dict[str, int] = control.seed(
        preferences=[{"name": "Topics", "preferences": ["Hiking", "Skiing"]}],
        contacts=[
            {"email": ALICE, "preferences": {"Hiking": True}},
            {"email": "bob@example.com", "preferences": {"Hiking": False, "Skiing": True}},
            {"email": "carol@example.com"},
        ],
    )["preferences"]
    return found


def test_categories_come_before_what_is_in_them(client: Dotdigital, topics: dict[str, int]) -> None:
    category, hiking, skiing = client.preferences()
    assert (category.is_category, category.category, category.private_name) == (True, 0, "Topics")
    assert hiking == Preference(topics["Hiking"], "Hiking", "Hiking", is_category=False, category=category.id)
    assert skiing.id == topics["Skiing"]


def test_everybody_who_chose_is_found_with_yes_or_no(client: Dotdigital, topics: dict[str, int]) -> None:
    pages = list(client.choices_since(topics["Hiking"], LONG_AGO))
    found = {choice.email: choice.chosen for page in pages for choice in page.choices}
    assert found == {ALICE: True, "bob@example.com": False}
    assert all(choice.changed_on for page in pages for choice in page.choices)
    assert pages[-1].next_id is None
    assert not pages[-1].choices


def test_more_than_one_answer_holds_are_all_found(client: Dotdigital, control: Control) -> None:
    ids = control.seed(preferences=[{"name": "Topics", "preferences": ["Hiking"]}])["preferences"]
    people = [{"email": f"p{number}@example.com", "preferences": {"Hiking": True}} for number in range(2300)]
    control.seed(contacts=people)
    pages = list(client.choices_since(ids["Hiking"], LONG_AGO))
    emails = [choice.email for page in pages for choice in page.choices]
    assert len(emails) == len(set(emails)) == 2300
    again = client.choices_since(ids["Hiking"], LONG_AGO, from_id=pages[0].next_id or 0)
    assert [choice.email for page in again for choice in page.choices] == emails[1000:]


def test_a_choice_made_is_read_back(client: Dotdigital, topics: dict[str, int]) -> None:
    (alice,) = client.choices_of(ALICE)
    client.choose(alice.contact_id, [(topics["Skiing"], True), (topics["Hiking"], False)])
    now = {choice.preference: choice.chosen for choice in client.choices_of(ALICE)}
    assert now == {topics["Hiking"]: False, topics["Skiing"]: True}
    assert client.choices_of("carol@example.com") == []


def test_what_is_not_there_is_said(client: Dotdigital, topics: dict[str, int]) -> None:
    with pytest.raises(NotFound):
        client.choices_of("nobody@example.com")
    with pytest.raises(NotFound):
        client.choose(999_999, [(topics["Hiking"], True)])
    with pytest.raises(NotFound):
        list(client.choices_since(999_999, LONG_AGO))
    (alice,) = client.choices_of(ALICE)
    with pytest.raises(Rejected):
        client.choose(alice.contact_id, [(999_999, True)])


@pytest.mark.parametrize(
    ("made", "chosen"),
    [
        ([("2026-05-01T10:00:00Z", True), ("2026-05-02T10:00:00Z", False)], False),
        ([("2026-05-03T10:00:00Z", True), ("2026-05-02T10:00:00Z", False)], True),
        ([("2026-05-02T10:00:00Z", True), ("2026-05-02T10:00:00Z", False)], False),
        ([("2026-05-02T10:00:00Z", True), (None, False)], False),
        ([(None, True)], True),
    ],
)
def test_of_several_choices_the_latest_counts_and_in_doubt_the_no(
    made: list[tuple[str | None, bool]], chosen: bool
) -> None:
    """The definition names the list of a choice, so one preference may be told more than once."""
    row = {
        "contact": {"ID": 7, "Email": "Alice@example.com"},
        "marketingpreferenceoptins": [
            {"marketingPreferenceId": 3, "addressBookId": book, "isOptedIn": yes, "dateModifed": at}
            for book, (at, yes) in enumerate(made)
        ]
        + [{"marketingPreferenceId": 4, "isOptedIn": not chosen}],
    }
    (found,) = _choices(row, 3)
    assert (found.contact_id, found.email, found.chosen) == (7, "alice@example.com", chosen)
