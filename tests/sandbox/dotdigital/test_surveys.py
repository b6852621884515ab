"""Forms ("surveys") and the responses to them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox_process import ControlRefused

from .api import Api

ALICE, BOB = "alice@people.example", "bob@people.example"
NOW = "2026-03-05T12:00:00Z"
WALK: dict[str, Any] = {
    "name": "Walk",
    "created": "2026-03-01T09:00:00Z",
    "list": "Walkers",
    "views": 9,
    "pages": [
        [
            {"text": "E-mail", "type": "email", "required": True, "data_field": "Email"},
            {"text": "Day", "type": "radiolist", "choices": ["Friday", "Sunday"], "other": True},
        ],
        [
            {"text": "Gear", "type": "checkboxlist", "choices": ["Tent", "Rope"]},
            {"text": "Happy with", "type": "matrix", "rows": ["Food", "Guide"], "choices": ["Yes", "No"]},
        ],
    ],
    "responses": [
        {
            "email": ALICE,
            "started": "2026-03-02T10:00:00Z",
            "completed": "2026-03-02T10:01:30Z",
            "source": "Email",
            "answers": {
                "E-mail": ALICE,
                "Day": "Sunday",
                "Gear": ["Rope", "Tent"],
                "Happy with": {"Food": "No", "Guide": "Yes"},
            },
        },
        {"started": "2026-03-05T10:00:00Z", "completed": False, "answers": {"Day": "Monday"}},
    ],
}


@pytest.fixture
def walk(api: Api) -> Api:
    """A form with one complete and one incomplete response, and one that nobody answered."""
    api.control.set_clock(NOW)
    api.control.seed(forms=[WALK, {"name": "Quiet", "created": "2026-02-01T00:00:00Z"}])
    return api


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


def form_id(api: Api) -> int:
    return int(next(row["id"] for row in api.ok("GET", "/v2/surveys") if row["name"] == "Walk"))


def test_a_form_is_told_with_its_figures(walk: Api) -> None:
    found = walk.ok("GET", f"/v2/surveys/{form_id(walk)}")
    assert found == next(row for row in walk.ok("GET", "/v2/surveys") if row["name"] == "Walk")
    assert (found["fieldCount"], found["state"], found["submissionMode"]) == (4, "Active", "Multiple")
    assert (found["totalCompleteResponses"], found["totalIncompleteResponses"]) == (1, 1)
    assert (found["totalCompleteResponsesInLastDay"], found["totalCompleteResponsesInLastWeek"]) == (0, 1)
    assert (found["timeToCompleteMax"], found["totalViews"], found["sourceEmailTotal"]) == (90_000, 9, 1)
    assert found["firstResponseDate"] == found["lastResponseDate"] == "2026-03-02T10:01:30.000Z"
    assert found["isAssignedToAddressBook"]
    assert found["assignedAddressBookTarget"] == "SpecificAddressBook"


def test_fields_have_choices_rows_and_an_other(walk: Api) -> None:
    first, second = walk.ok("GET", f"/v2/surveys/{form_id(walk)}/fields")
    email, day = first["fields"]
    assert (email["isRequired"], email["assignedContactDataFieldName"]) == (True, "Email")
    assert [choice["text"] for choice in day["choices"]] == ["Friday", "Sunday", "Other"]
    assert day["otherOptionChoiceId"] == day["choices"][2]["id"]
    assert [row["text"] for row in second["fields"][1]["subFields"]] == ["Food", "Guide"]


def answers(api: Api) -> dict[bool, dict[tuple[str, str | None], Any]]:
    """Complete or not → (question, row) → value, choices in words."""
    words, rows, texts = {}, {}, {}
    for page in api.ok("GET", f"/v2/surveys/{form_id(api)}/fields"):
        for field in page["fields"]:
            texts[field["id"]] = field["text"]
            texts[field["otherOptionTextFieldId"]] = f"{field['text']}, other"
            rows |= {row["id"]: row["text"] for row in field["subFields"]}
            words |= {choice["id"]: choice["text"] for choice in field["choices"]}

    def worded(value: Any) -> Any:
        return [worded(one) for one in value] if isinstance(value, list) else words.get(value, value)

    return {
        one["complete"]: {
            (texts[given["fieldId"]], rows.get(given["subFieldId"])): worded(given["value"])
            for given in one["givenAnswers"]
        }
        for one in api.ok("GET", f"/v2/surveys/{form_id(api)}/responses")
    }


def test_answers_carry_the_numbers_of_choices_and_rows(walk: Api) -> None:
    assert answers(walk) == {
        True: {
            ("E-mail", None): ALICE,
            ("Day", None): "Sunday",
            ("Gear", None): ["Rope", "Tent"],
            ("Happy with", "Food"): "No",
            ("Happy with", "Guide"): "Yes",
        },
        False: {("Day", None): "Other", ("Day, other", None): "Monday"},
    }


def test_several_choices_may_be_an_answer_each(walk: Api) -> None:
    walk.control.settings(several_choices="repeated")
    number = form_id(walk)
    walk.control.seed(forms=[{"id": number, "responses": [{"answers": {"Gear": ["Tent", "Rope"]}}]}])
    (latest, *_) = walk.ok("GET", f"/v2/surveys/{number}/responses")
    assert [one["fieldId"] for one in latest["givenAnswers"]] == [latest["givenAnswers"][0]["fieldId"]] * 2


def test_an_unfinished_response_has_no_end_and_may_get_one(walk: Api) -> None:
    number = form_id(walk)
    (newest, _) = walk.ok("GET", f"/v2/surveys/{number}/responses")
    assert (newest["complete"], newest["dateCompleted"], newest["email"]) == (False, None, None)
    done = {"id": newest["id"], "email": BOB, "started": newest["dateStarted"], "completed": NOW}
    walk.control.seed(forms=[{"id": number, "responses": [done]}])
    since = walk.ok("GET", f"/v2/surveys/{number}/responses/with-activity-since/{NOW}")
    assert [(one["id"], one["email"], one["complete"]) for one in since] == [(newest["id"], BOB, True)]


def test_activity_is_a_change_of_the_form_or_a_response(walk: Api) -> None:
    path = "/v2/surveys/with-activity-since"
    assert names(walk.ok("GET", f"{path}/2026-03-05T10:00:00Z")) == ["Walk"]
    assert walk.ok("GET", f"{path}/2026-03-05T10:00:01Z") == []
    quiet = walk.ok("GET", f"{path}/2026-01-01")[1]
    walk.control.seed(forms=[{"id": quiet["id"], "name": "Quieter"}])
    assert names(walk.ok("GET", f"{path}/2026-03-05T10:00:01Z")) == ["Quieter"]
    assert walk.get(f"{path}/yesterday").error == "ERROR_PARAMETER_INVALID"


def test_forms_can_be_asked_for_by_their_address_book(walk: Api) -> None:
    assert names(walk.ok("GET", "/v2/surveys")) == ["Walk", "Quiet"]
    assert names(walk.ok("GET", "/v2/surveys?assignedToAddressBookOnly=true")) == ["Walk"]
    assert names(walk.ok("GET", "/v2/surveys?assignedToAddressBookOnly=false")) == ["Quiet"]


def test_pages_hold_at_most_five_hundred(walk: Api) -> None:
    number = form_id(walk)
    walk.control.seed(forms=[{"id": number, "count": 1100}])
    path = f"/v2/surveys/{number}/responses"
    sizes = [len(walk.ok("GET", f"{path}?select=500&skip={skip}")) for skip in (0, 500, 1000, 1500)]
    assert sizes == [500, 500, 102, 0]
    for place in ("/v2/surveys", path):
        for wrong in ("select=501", "select=0", "skip=-1"):
            answer = walk.get(f"{place}?{wrong}")
            assert (answer.status, answer.error) == (400, "ERROR_PARAMETER_INVALID")


def test_an_unknown_form_is_not_found(walk: Api) -> None:
    for path in ("", "/fields", "/responses", "/responses/with-activity-since/2026-01-01"):
        answer = walk.get(f"/v2/surveys/4711{path}")
        assert (answer.status, answer.error) == (404, "ERROR_SURVEY_NOT_FOUND")
    with pytest.raises(ControlRefused, match="no question"):
        walk.control.seed(forms=[{"id": form_id(walk), "responses": [{"answers": {"Shoe size": "9"}}]}])


def test_without_the_feature_every_call_is_refused(walk: Api) -> None:
    number = form_id(walk)
    walk.control.settings(forms=False)
    for path in ("", "/with-activity-since/2026-01-01", f"/{number}", f"/{number}/fields"):
        answer = walk.get(f"/v2/surveys{path}")
        assert (answer.status, answer.error) == (403, "ERROR_FEATURENOTACTIVE"), path


def test_the_demo_account_has_forms_that_people_answered(api: Api) -> None:
    api.control.reset("demo")
    rows = api.ok("GET", "/v2/surveys")
    assert len(rows) == 2
    for row in rows:
        assert row["totalCompleteResponses"] > row["totalIncompleteResponses"] > 0
        assert row["totalViews"] > row["totalCompleteResponses"]
