"""Forms, their questions, and what people answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox_process import Control
from syncline.dotdigital import (
    MOST_FORM_ROWS,
    Dotdigital,
    FeatureOff,
    FormResponse,
    NotFound,
    OffsetPage,
    Permanent,
    Question,
)

ALICE, BOB = "alice@example.com", "bob@example.com"
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


def every(pages: Iterable[OffsetPage[Any]]) -> list[Any]:
    return [row for page in pages for row in page.rows]


@pytest.fixture
def form_id(control: Control) -> int:
    """Alice answered it on Monday, somebody gave up on Tuesday; nobody ever saw the other form."""
    control.set_clock("2026-03-05T12:00:00Z")
    alice = {"E-mail": "Alice@example.com", "Gear": ["Rope", "Sledge"], "Happy with": {"Food": "No"}}
    walk, _ = control.seed(
        forms=[
            {
                "name": "Walk",
                "created": "2026-03-01T09:00:00Z",
                "views": 9,
                "pages": [
                    [{"text": "E-mail", "type": "email", "required": True, "data_field": "Email"}],
                    [
                        {"text": "Gear", "type": "checkboxlist", "choices": ["Tent", "Rope"], "other": True},
                        {"text": "Happy with", "type": "matrix", "rows": ["Food"], "choices": ["Yes", "No"]},
                    ],
                ],
                "responses": [
                    {"email": "Alice@example.com", "completed": "2026-03-02T09:00:00Z", "answers": alice},
                    {"started": "2026-03-03T09:00:00Z", "completed": False},
                ],
            },
            {"name": "Quiet", "created": "2026-02-01T00:00:00Z"},
        ]
    )["forms"]
    return int(walk)


def questions(client: Dotdigital, form_id: int) -> dict[str, Question]:
    return {one.text: one for one in client.form_questions(form_id)}


def test_forms_are_told_with_what_came_of_them(client: Dotdigital, form_id: int) -> None:
    found = {one.name: one for one in every(client.forms())}
    assert set(found) == {"Walk", "Quiet"}
    walk = found["Walk"]
    assert (walk.id, walk.state, walk.views) == (form_id, "Active", 9)
    assert (walk.complete_responses, walk.incomplete_responses, walk.last_response_on) == (1, 1, MONDAY)
    assert (found["Quiet"].last_response_on, found["Quiet"].complete_responses) == (None, 0)
    assert client.get_form(form_id) == walk


def test_only_forms_to_which_anything_happened_are_active(client: Dotdigital, form_id: int) -> None:
    assert [one.id for one in every(client.forms_active_since(MONDAY))] == [form_id]
    assert every(client.forms_active_since(NOW)) == []


def test_questions_come_in_order_with_choices_and_lines(client: Dotdigital, form_id: int) -> None:
    email, gear, happy = client.form_questions(form_id)
    assert (email.text, email.page, email.required, email.data_field) == ("E-mail", 1, True, "Email")
    assert (email.choices, email.rows, email.other_fields) == ((), (), frozenset())
    assert ([one.text for one in gear.choices], gear.page) == (["Tent", "Rope", "Other"], 2)
    assert len(gear.other_fields) == 1
    assert [one.text for one in happy.rows] == ["Food"]


@pytest.mark.parametrize("told_as", ["array", "repeated"])
def test_answers_are_texts_and_ids_of_choices(
    client: Dotdigital, control: Control, form_id: int, told_as: str
) -> None:
    control.settings(several_choices=told_as)
    said = {"E-mail": BOB, "Gear": ["Rope", "Sledge"], "Happy with": {"Food": "No"}}
    bobs = {"email": BOB, "completed": "2026-03-05T12:00:00Z", "answers": said}
    control.seed(forms=[{"id": form_id, "responses": [bobs]}])
    (bob,) = every(client.form_responses(form_id, NOW))
    by_text = questions(client, form_id)
    choice = {one.text: one.id for question in by_text.values() for one in question.choices}
    (own_words,) = by_text["Gear"].other_fields
    assert isinstance(bob, FormResponse)
    assert (bob.email, bob.complete, bob.completed_on) == (BOB, True, NOW)
    told = [(one.field_id, one.row_id, value) for one in bob.answers for value in one.values]
    assert told == [
        (by_text["E-mail"].id, None, BOB),
        (by_text["Gear"].id, None, choice["Rope"]),
        (by_text["Gear"].id, None, choice["Other"]),
        (own_words, None, "Sledge"),
        (by_text["Happy with"].id, by_text["Happy with"].rows[0].id, choice["No"]),
    ]


def test_an_unfinished_response_without_an_address_is_told_as_such(client: Dotdigital, form_id: int) -> None:
    found = {one.complete: one for one in every(client.form_responses(form_id, None))}
    assert found[True].email == ALICE
    assert (found[False].email, found[False].completed_on, found[False].answers) == ("", None, ())


def test_responses_come_in_the_largest_pages(client: Dotdigital, control: Control, form_id: int) -> None:
    control.seed(forms=[{"id": form_id, "count": 1_200}])
    control.clear_journal()
    first = next(client.form_responses(form_id, None))
    assert len(first.rows) == MOST_FORM_ROWS
    assert first.next_skip is not None
    rest = every(client.form_responses(form_id, None, skip=first.next_skip))
    ids = {one.id for one in [*first.rows, *rest]}
    assert len(ids) == 1_202
    (calls,) = [
        numbers["calls"]
        for route, numbers in control.journal()["routes"].items()
        if route.startswith("GET /v2/surveys/")
    ]
    assert calls == 4, "three pages and an empty one"


def test_an_unknown_form_is_not_found_in_any_way(client: Dotdigital, form_id: int) -> None:
    unknown = form_id + 1000
    with pytest.raises(NotFound):
        client.get_form(unknown)
    with pytest.raises(NotFound):
        client.form_questions(unknown)
    for since in (None, MONDAY):
        with pytest.raises(NotFound):
            next(client.form_responses(unknown, since))


def test_an_account_without_forms_says_so(client: Dotdigital, control: Control, form_id: int) -> None:
    control.settings(forms=False)
    with pytest.raises(FeatureOff):
        next(client.forms())


def test_an_answer_that_is_no_list_is_an_error(client: Dotdigital, control: Control, form_id: int) -> None:
    control.fault("status", route="GET /v2/surveys/*/fields", status=200, body={"fields": []})
    with pytest.raises(Permanent):
        client.form_questions(form_id)
