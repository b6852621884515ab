"""Forms by program: a page at a time, one, and where the answers go."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from api.conftest import items
from console.form_world import make_columns, make_form
from console.world import make_account
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.forms.models import Form


def address(account: EmailAccount, *more: object) -> str:
    return "/".join(["/api/v1/accounts", str(account.pk), "forms", *(str(step) for step in more)])


def put(client: Client, form: Form, body: dict[str, Any]) -> Any:
    where = address(form.account, form.form_id, "mapping")
    return client.post(where, body, content_type="application/json")


def test_a_form_is_told_with_its_questions(viewer: Client, contoso: EmailAccount) -> None:
    walk = make_form(contoso, "Walk")
    told = viewer.get(address(contoso, walk.form_id)).json()
    assert (told["name"], told["state"], told["complete"], told["views"]) == ("Walk", "Active", 1230, 5200)
    assert (told["creates"], told["last_response_at"]) == (None, "2026-03-02T09:00:00Z")
    assert [(one["question"], one["line"], one["words"]) for one in told["questions"]] == [
        (1, 0, "E-mail address"),
        (2, 0, "Job title"),
        (3, 4, "Happy with: Food"),
        (3, 5, "Happy with: Guide"),
    ]
    assert viewer.get(address(contoso, 4711)).json()["error"]["code"] == "no_such_form"


def test_they_come_in_pages_and_can_be_filtered(viewer: Client, contoso: EmailAccount) -> None:
    make_form(contoso, "Walk")
    make_form(contoso, "Run", problem="Answers: no.", header={"syncline_lastresponseon": None})
    make_form(contoso, "Ride")
    make_form(make_account("Fabrikam"), "Theirs")
    first = viewer.get(address(contoso), {"limit": 2}).json()
    assert [one["name"] for one in first["items"]] == ["Walk", "Run"]
    last = viewer.get(address(contoso), {"after": first["next"]}).json()
    assert ([one["name"] for one in last["items"]], last["next"]) == (["Ride"], None)
    assert [one["name"] for one in items(viewer.get(address(contoso), {"show": "problem"}))] == ["Run"]
    assert [one["name"] for one in items(viewer.get(address(contoso), {"name": "ri"}))] == ["Ride"]


def test_a_manager_says_where_the_answers_go(manager: Client, contoso: EmailAccount) -> None:
    make_columns(contoso)
    walk = make_form(contoso, "Walk")
    columns = [
        {"table": "contact", "column": "jobtitle", "question": 2},
        {"table": "lead", "column": "description", "question": 3, "line": 5},
    ]
    told = put(manager, walk, {"creates": "lead", "columns": columns}).json()
    assert told["creates"] == "lead"
    assert [one["columns"] for one in told["questions"]] == [
        [],
        ["contact.jobtitle"],
        [],
        ["lead.description"],
    ]
    assert AdminLogEntry.objects.filter(action="mapping of a form").count() == 1
    told = put(manager, walk, {"columns": []}).json()
    assert (told["creates"], any(one["columns"] for one in told["questions"])) == (None, False)


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ({"table": "contact", "column": "donotbulkemail", "question": 2}, "speaks of consent"),
        ({"table": "contact", "column": "jobtitle", "question": 9}, "no question 9"),
        ({"table": "contact", "column": "nothing", "question": 2}, "no column nothing"),
    ],
)
def test_what_cannot_be_is_refused_as_a_whole(
    manager: Client, contoso: EmailAccount, column: dict[str, Any], says: str
) -> None:
    make_columns(contoso)
    walk = make_form(contoso, "Walk")
    good = {"table": "lead", "column": "jobtitle", "question": 2}
    answer = put(manager, walk, {"columns": [good, column]})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "mapping_refused")
    assert says in error["message"]
    assert not walk.fields.exists()


def test_a_viewer_changes_nothing(viewer: Client, contoso: EmailAccount) -> None:
    assert put(viewer, make_form(contoso, "Walk"), {"columns": []}).status_code == 403
