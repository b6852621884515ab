"""Forms: what is shown of each, finding some, and where the answers go."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from console.form_world import make_columns, make_form, make_forms
from console.world import SignedIn, basis_at, make_account, make_run
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.console.forms_page import FORMS_A_PAGE
from syncline.forms.mapping import fields_of
from syncline.forms.models import Form
from syncline.ledger.models import RunPart, RunStatus
from syncline.syncs.forms.parts import AUDIT_TYPE


def page(client: Client, account: EmailAccount, **query: str) -> str:
    return client.get(reverse("forms", args=[account.pk]), query).content.decode()


def shown(text: str) -> list[str]:
    return re.findall(r'<a class="row-title"[^>]*>([^<]+)<', text)


def address(form: Form) -> str:
    return reverse("form", args=[form.account_id, form.form_id])


def one(client: Client, form: Form) -> str:
    return client.get(address(form)).content.decode()


def save(client: Client, form: Form, **sent: str) -> tuple[int, str]:
    """`contact__2__0`: the box of contacts for question 2."""
    boxes = {name.replace("__", "-"): text for name, text in sent.items()}
    answer = client.post(address(form), boxes | basis_at(client, address(form)), follow=True)
    return answer.status_code, answer.content.decode()


@pytest.fixture
def viewer(signed_in: SignedIn) -> Client:
    return signed_in(Role.VIEWER)


def test_without_forms_the_page_says_where_they_come_from(manager: Client, contoso: EmailAccount) -> None:
    text = page(manager, contoso)
    assert "No form is known yet" in text
    assert reverse("schedule", args=[contoso.pk]) in text
    assert f'href="{reverse("forms", args=[contoso.pk])}" aria-current="true">Forms' in text, "in the menu"


def test_forms_are_told_with_what_came_of_them(viewer: Client, contoso: EmailAccount) -> None:
    make_forms(contoso)
    make_form(make_account("Fabrikam"), "Theirs")
    text = page(viewer, contoso)
    assert shown(text)[-1] == "Newsletter sign-up", "those never answered come last"
    assert set(shown(text)) == {
        "Trail weekend registration",
        "Shop survey",
        "Winter ride",
        "Newsletter sign-up",
    }
    for words in ("1,230", "410", "5,200", "3 columns", "strangers become a lead", "Deleted in Dotdigital"):
        assert words in text
    assert "Dynamics has no table syncline_formanswer." in text
    assert shown(page(viewer, contoso, show="problem")) == ["Shop survey"]
    assert shown(page(viewer, contoso, name="RIDE")) == ["Winter ride"]
    assert "No form matches" in page(viewer, contoso, name="nothing")


def test_they_come_in_pages(viewer: Client, contoso: EmailAccount) -> None:
    for number in range(FORMS_A_PAGE + 2):
        make_form(contoso, f"Form {number}")
    assert len(shown(page(viewer, contoso))) == FORMS_A_PAGE
    assert len(shown(page(viewer, contoso, page="2"))) == 2


def test_a_form_is_shown_with_its_questions_and_columns(manager: Client, contoso: EmailAccount) -> None:
    make_columns(contoso)
    text = one(manager, make_forms(contoso))
    for words in (
        "Trail weekend registration",
        "75.0 % of those who began",
        "Happy with: Guide",
        "Question 3.5",
    ):
        assert words in text
    assert 'name="contact-2-0" value="jobtitle"' in text
    assert 'name="contact-3-5" value="description"' in text
    assert '<option value="lead" selected>' in text
    assert '<option value="jobtitle">Job Title</option>' in text
    assert "donotbulkemail" not in text, "columns that speak of consent are not offered"


def test_a_manager_says_where_the_answers_go(manager: Client, contoso: EmailAccount) -> None:
    make_columns(contoso)
    walk = make_form(contoso, "Walk")
    status, text = save(
        manager, walk, creates="contact", contact__2__0="JobTitle, description", lead__3__5="description"
    )
    assert (status, "It holds for the responses that come from now on" in text) == (200, True)
    walk.refresh_from_db()
    assert walk.creates == "contact"
    assert [(one.name, one.question, one.line) for one in fields_of(walk)] == [
        ("contact.description", 2, 0),
        ("contact.jobtitle", 2, 0),
        ("lead.description", 3, 5),
    ]
    entry = AdminLogEntry.objects.get(action="mapping of a form")
    (after,) = entry.after.values()
    assert "creates a contact" in after
    assert (
        "Nothing had changed"
        in save(
            manager, walk, creates="contact", contact__2__0="description,jobtitle", lead__3__5="description"
        )[1]
    )
    save(manager, walk, creates="")
    assert not Form.objects.get(pk=walk.pk).fields.exists()


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("donotbulkemail", "speaks of consent"),
        ("nothing", "no column nothing"),
        ("jobtitle, jobtitle", "takes one answer"),
    ],
)
def test_what_cannot_be_stands_beside_the_question_and_nothing_is_saved(
    manager: Client, contoso: EmailAccount, column: str, says: str
) -> None:
    make_columns(contoso)
    walk = make_form(contoso, "Walk")
    status, text = save(manager, walk, creates="lead", contact__2__0=column, lead__2__0="jobtitle")
    assert (status, "Nothing was saved." in text) == (422, True)
    row = next(part for part in text.split("<tr") if "Job title" in part)
    assert says in row
    assert f'value="{column}"' in row, "what was typed is kept"
    walk.refresh_from_db()
    assert (walk.creates, walk.fields.exists()) == ("", False)


def test_whoever_may_only_look_sees_where_the_answers_go(viewer: Client, contoso: EmailAccount) -> None:
    text = one(viewer, make_forms(contoso))
    assert "contact.jobtitle, lead.jobtitle" in text
    assert "becomes a lead" in text
    assert "Only an Email Marketing Manager" in text
    assert 'name="creates"' not in text


def test_a_form_of_another_account_is_not_found(manager: Client, contoso: EmailAccount) -> None:
    theirs = make_form(make_account("Fabrikam"), "Theirs")
    assert manager.get(reverse("form", args=[contoso.pk, theirs.form_id])).status_code == 404


def test_a_form_whose_questions_were_not_read_says_so(manager: Client, contoso: EmailAccount) -> None:
    assert "No sync has read its questions yet" in one(manager, make_form(contoso, "New", questions=[]))


def test_words_of_a_form_are_never_taken_for_markup(signed_in: SignedIn, contoso: EmailAccount) -> None:
    evil = "<script>alert(1)</script>"
    question = {"id": 1, "text": evil, "rows": [], "choices": []}
    client = signed_in(Role.MANAGER)
    text = one(client, make_form(contoso, evil, questions=[question])) + page(client, contoso)
    assert evil not in text
    assert "&lt;script&gt;" in text


def test_a_run_leads_to_the_form_that_it_tells_of(viewer: Client, contoso: EmailAccount) -> None:
    walk = make_form(contoso, "Walk")
    run = make_run(contoso, "forms")
    part = RunPart.objects.create(
        run=run, audit_type=AUDIT_TYPE, reference=walk.pk, name="Walk", status=RunStatus.COMPLETED
    )
    where = reverse("part", args=[contoso.pk, run.key, part.pk])
    assert f'href="{address(walk)}"' in viewer.get(where).content.decode()
