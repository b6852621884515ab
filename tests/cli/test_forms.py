"""`syncline forms`: what there is, and where the answers go."""

import pytest

from console.form_world import make_columns, make_form
from console.world import make_account
from syncline.accounts.models import AdminLogEntry
from syncline.cli.exit_codes import ExitCode

pytestmark = pytest.mark.django_db


@pytest.fixture
def contoso():
    account = make_account("Contoso")
    make_columns(account)
    return account


@pytest.fixture
def walk(contoso):
    return make_form(contoso, "Walk")


def test_forms_are_shown_those_answered_last_first(run, contoso, walk):
    make_form(contoso, "Quiet", header={"syncline_lastresponseon": None}, problem="Answers: no.")
    make_form(contoso, "Run", header={"syncline_lastresponseon": "2026-03-04T09:00:00Z"})
    shown = run("forms", "Contoso", "--json").results
    assert [one["name"] for one in shown] == ["Run", "Walk", "Quiet"]
    assert (shown[1]["complete"], shown[1]["creates"], shown[1]["state"]) == (1230, None, "Active")
    assert "Walk" in run("forms", "Contoso").out
    assert [one["name"] for one in run("forms", "Contoso", "--problems", "--json").results] == ["Quiet"]
    assert [one["name"] for one in run("forms", "Contoso", "--name", "ru", "--json").results] == ["Run"]
    assert "No form matches" in run("forms", "Contoso", "--name", "nothing").out


def test_one_form_is_shown_with_its_questions_and_gets_a_mapping(run, contoso, walk):
    number = str(walk.form_id)
    text = run("forms", "Contoso", "--form", number).out
    assert "Happy with: Guide" in text and "3.5" in text
    ran = run(
        "forms", "Contoso", "--form", number, "--map", "2=contact.JobTitle", "--map", "3.5=lead.description",
        "--creates", "lead", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    [shown] = ran.results
    assert shown["creates"] == "lead"
    assert {one["words"]: one["columns"] for one in shown["questions"] if one["columns"]} == {
        "Job title": ["contact.jobtitle"],
        "Happy with: Guide": ["lead.description"],
    }
    ran = run(
        "forms", "Contoso", "--form", number, "--unmap", "lead.description", "--creates", "nobody", "--json"
    )
    [shown] = ran.results
    assert (shown["creates"], [one["columns"] for one in shown["questions"] if one["columns"]]) == (
        None,
        [["contact.jobtitle"]],
    )
    assert AdminLogEntry.objects.filter(action="mapping of a form").count() == 2
    assert "1 column" in run("forms", "Contoso").out


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (["--map", "2=contact.donotbulkemail"], ExitCode.USAGE),
        (["--map", "99=contact.jobtitle"], ExitCode.USAGE),
        (["--map", "contact.jobtitle"], ExitCode.USAGE),
        (["--creates", "account"], ExitCode.USAGE),
        (["--unmap", "contact.jobtitle"], ExitCode.NOT_FOUND),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(run, contoso, walk, wrong, code):
    ran = run("forms", "Contoso", "--form", str(walk.form_id), *wrong)
    assert (ran.code, bool(ran.err)) == (code, True)
    assert not walk.fields.exists()
    assert not AdminLogEntry.objects.filter(action="mapping of a form").exists()


def test_a_form_has_to_be_named_and_known(run, contoso):
    assert run("forms", "Contoso", "--creates", "lead").code == ExitCode.USAGE
    assert run("forms", "Contoso", "--form", "4711").code == ExitCode.NOT_FOUND
    assert "No form is known yet" in run("forms", "Contoso").out
