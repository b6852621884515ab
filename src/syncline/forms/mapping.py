"""Which answers of a form go into which columns of contacts and leads: checked and changed as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.details import Problem
from syncline.forms.models import Form, FormField
from syncline.mapping.models import CrmField, Direction
from syncline.mapping.pairs import LABEL_TYPE_FOR, why_not
from syncline.mapping.restrictive import forbids
from syncline.mapping.specs import FieldSpec, LabelSpec

TABLES: Final = ("contact", "lead")
NOBODY: Final = ""

_SPEAKS_OF_CONSENT: Final = re.compile(r"opt[_ -]?(in|out)|consent|subscri|gdpr|marketing[_ -]?permission")
_NEVER: Final = frozenset({"emailaddress1", "followemail", "syncline_optintype"})
"""The address is what people are known by; the others say how they may be written to."""


@dataclass(frozen=True, kw_only=True)
class WantedField:
    """`line`: of a line of a grid; else 0."""

    table: str
    column: str
    question: int
    line: int = 0

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"


class FormMappingRefusedError(Exception):
    """A mapping cannot be accepted as it is; nothing was changed. Each problem names the field."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


@transaction.atomic
def save_form_mapping(form: Form, creates: str, wanted: Sequence[WantedField], *, by: Actor) -> bool:
    """Replace the form's mapping, from the responses that come next on. `creates`: `contact`, `lead`, or
    empty for nobody. Returns whether anything changed. Raises FormMappingRefusedError.
    """
    form = Form.objects.select_for_update().select_related("account").get(pk=form.pk)
    if problems := list(_problems(form, creates, wanted)):
        raise FormMappingRefusedError(problems)
    before, after = shown(form.creates, fields_of(form)), shown(creates, wanted)
    if before == after:
        return False
    form.creates = creates
    form.save(update_fields=["creates"])
    form.fields.all().delete()
    FormField.objects.bulk_create(
        FormField(
            form=form,
            entity=one.table,
            crm_field=one.column,
            question_id=one.question,
            line_id=one.line,
        )
        for one in wanted
    )
    label = f"form {form.form_id}"
    record_change(by, form.account, "mapping of a form", {label: before}, {label: after})
    return True


def fields_of(form: Form) -> list[WantedField]:
    return [
        WantedField(table=row.entity, column=row.crm_field, question=row.question_id, line=row.line_id)
        for row in sorted(form.fields.all(), key=lambda row: (row.entity, row.crm_field))
    ]


def shown(creates: str, fields: Sequence[WantedField]) -> list[str]:
    """For the admin log, in a fixed order."""
    lines = [f"{one.name} ← {one.question}{f'.{one.line}' if one.line else ''}" for one in fields]
    return [*sorted(lines), *([f"creates a {creates}"] if creates else [])]


def column_problem(row: CrmField) -> str:
    """Why answers may not go into this column, in words; empty where they may."""
    field = FieldSpec.of(row)
    names = (field.logical_name.lower(), field.display_name.lower())
    if field.logical_name == "emailaddress1":
        return f"{field.title} is what people are known by, so no answer changes it."
    if field.logical_name in _NEVER or forbids(field) or any(map(_SPEAKS_OF_CONSENT.search, names)):
        return (
            f"{field.title} speaks of consent. A form of Dotdigital changes that through Suppressions alone."
        )
    kind = LABEL_TYPE_FOR.get(field.kind)
    if kind is None:
        return f"{field.title} is of the type {field.type}, which cannot be mapped."
    return why_not(field, LabelSpec(name="", type=kind), Direction.TO_DYNAMICS)


def _problems(form: Form, creates: str, wanted: Sequence[WantedField]) -> Iterator[Problem]:
    if creates not in {NOBODY, *TABLES}:
        yield Problem("creates", f"{creates} is not one of contact and lead.")
    questions = {(number, line) for number, line, _ in lines_of(form)}
    seen: set[str] = set()
    for one in wanted:
        if one.name in seen:
            yield Problem(one.name, f"{one.name} is there twice; a column takes one answer.")
        seen.add(one.name)
        if (one.question, one.line) not in questions:
            said = f"{one.question}.{one.line}" if one.line else str(one.question)
            yield Problem(one.name, f"The form has no question {said}, as far as the last sync has seen it.")
        yield from _column_problems(form, one)


def _column_problems(form: Form, one: WantedField) -> Iterator[Problem]:
    if one.table not in TABLES:
        yield Problem(one.name, f"{one.table} is not one of contact and lead.")
        return
    row = CrmField.objects.filter(account=form.account, entity=one.table, logical_name=one.column).first()
    if row is None:
        yield Problem(
            one.name,
            f"{one.table} has no column {one.column} that is known here; refresh the CRM fields if it was "
            "added lately.",
        )
    elif problem := column_problem(row):
        yield Problem(one.name, problem)


def lines_of(form: Form) -> list[tuple[int, int, str]]:
    """(question, line, words) of everything that can be answered, in order; line 0 where it is no grid."""
    found: list[tuple[int, int, str]] = []
    for question in form.questions:
        if question["rows"]:
            found += [
                (question["id"], line["id"], f"{question['text']}: {line['text']}")
                for line in question["rows"]
            ]
        else:
            found.append((question["id"], 0, question["text"]))
    return found
