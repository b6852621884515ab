"""Builds forms as a sync leaves them; for the tests of the API, the command line and the browser too."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from syncline.accounts.models import EmailAccount
from syncline.forms.models import Form, FormField
from syncline.mapping.models import CrmField

QUESTIONS: Final = [
    {"id": 1, "text": "E-mail address", "rows": [], "choices": []},
    {"id": 2, "text": "Job title", "rows": [], "choices": []},
    {
        "id": 3,
        "text": "Happy with",
        "rows": [{"id": 4, "text": "Food"}, {"id": 5, "text": "Guide"}],
        "choices": [{"id": 6, "text": "Yes"}, {"id": 7, "text": "No"}],
    },
]
_numbers = count(601)


def make_form(account: EmailAccount, name: str, **more: Any) -> Form:
    """One that was answered, with three questions, one of them a grid of two lines."""
    header = {
        "syncline_name": name,
        "syncline_url": "https://forms.example/p/601",
        "syncline_formstate": "Active",
        "syncline_submissionmode": "Multiple",
        "syncline_completeresponses": 1_230,
        "syncline_incompleteresponses": 410,
        "syncline_views": 5_200,
        "syncline_bounces": 900,
        "syncline_lastresponseon": "2026-03-02T09:00:00Z",
        **more.pop("header", {}),
    }
    made = {
        "form_id": next(_numbers),
        "name": name,
        "header": header,
        "questions": QUESTIONS,
        "told_digest": "told",
        "synced_at": datetime(2026, 3, 2, 10, tzinfo=UTC),
    }
    return Form.objects.create(account=account, **{**made, **more})


def make_columns(account: EmailAccount) -> None:
    """Columns of contacts and leads that answers may go into, and one that they may not."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for entity in ("contact", "lead"):
        for name, title, kind in (
            ("jobtitle", "Job Title", "String"),
            ("description", "Description", "Memo"),
            ("donotbulkemail", "Do not allow Bulk Emails", "Boolean"),
        ):
            about = {
                "display_name": title,
                "type": kind,
                "max_length": 100 if kind == "String" else None,
                "refreshed_at": now,
            }
            CrmField.objects.get_or_create(account=account, entity=entity, logical_name=name, defaults=about)


def make_forms(account: EmailAccount) -> Form:
    """Some of each kind; the one returned has columns that its answers go into."""
    make_columns(account)
    make_form(account, "Shop survey", problem="Answers: Dynamics has no table syncline_formanswer.")
    make_form(account, "Winter ride", deleted=True, header={"syncline_formstate": "Expired"})
    make_form(account, "Newsletter sign-up", header={"syncline_lastresponseon": None, "syncline_views": 0})
    walk = make_form(account, "Trail weekend registration", creates="lead")
    for table in ("contact", "lead"):
        FormField.objects.create(form=walk, entity=table, crm_field="jobtitle", question_id=2)
    FormField.objects.create(form=walk, entity="contact", crm_field="description", question_id=3, line_id=5)
    return walk
