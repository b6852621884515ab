"""The questions of a form and their options: read where the form was changed, told where that made any
difference.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from syncline.dataverse import MOST_ROWS_A_MESSAGE, RowChange
from syncline.dotdigital import Choice, Question
from syncline.forms.models import Form
from syncline.syncs.campaigns.campaign_rows import digest_of
from syncline.syncs.campaigns.closed_tables import closed, remedy_for
from syncline.syncs.campaigns.reading import ask
from syncline.syncs.campaigns.write_rows import DataSetFailedError
from syncline.syncs.context import RunContext
from syncline.syncs.forms.rows import OPTION, QUESTION, FormRows, Row, Table

_NEVER: Final = "unknown"
"""In place of the date of a form that tells none."""


def questions_of(form: Form) -> list[Question]:
    """As last read."""
    return msgspec.convert(form.questions, list[Question])


def rows_of(form: Form) -> FormRows:
    return FormRows(form.account, form.form_id, form.name, questions_of(form))


def read_structure(context: RunContext, form: Form) -> None:
    """One call where the form was changed since its questions were read. Raises DataSetFailedError, and
    NotFound.
    """
    as_of = form.header.get("syncline_changedon") or _NEVER
    if form.questions_as_of == as_of:
        return
    found = ask(context, lambda: context.dotdigital.form_questions(form.form_id))
    form.questions = msgspec.to_builtins(with_former(found, questions_of(form)))
    form.questions_as_of = as_of
    with context.storing():
        form.save(update_fields=["questions", "questions_as_of"])


def with_former(now: Sequence[Question], before: Sequence[Question]) -> list[Question]:
    """The questions as they are now, then those that are gone: what was said to them stays said."""
    earlier = {question.id: question for question in before}
    kept = [_with_choices(question, earlier.pop(question.id, None)) for question in now]
    return [*kept, *earlier.values()]


def _with_choices(question: Question, before: Question | None) -> Question:
    if before is None:
        return question
    return msgspec.structs.replace(
        question,
        choices=_all(question.choices, before.choices),
        rows=_all(question.rows, before.rows),
        other_fields=question.other_fields | before.other_fields,
    )


def _all(now: Sequence[Choice], before: Sequence[Choice]) -> tuple[Choice, ...]:
    there = {choice.id for choice in now}
    return (*now, *(choice for choice in before if choice.id not in there))


def tell_structure(context: RunContext, form: Form) -> float | None:
    """Write questions and options where Dynamics was told otherwise. Returns the seconds to wait where they
    were put off. Raises DataSetFailedError where one of them was not taken.
    """
    rows = rows_of(form)
    questions, options = rows.questions(), rows.options()
    digest = digest_of({row.row_id: row.columns for row in [*questions, *options]})
    if form.structure_told == digest:
        return None
    # An option points at its question.
    for table, these in ((QUESTION, questions), (OPTION, options)):
        if (wait_s := _write(context, table, these)) is not None:
            return wait_s
    form.structure_told = digest
    with context.storing():
        form.save(update_fields=["structure_told"])
    return None


def _write(context: RunContext, table: Table, rows: Sequence[Row]) -> float | None:
    changes = [RowChange(row.row_id, row.columns) for row in rows]
    answers = context.dataverse.upsert_isolated(
        table.entity_set, table.table, changes, at_a_time=MOST_ROWS_A_MESSAGE
    )
    if shut := closed(answers):
        raise DataSetFailedError(remedy_for(shut, table.table))
    if refused := [one.reason for one in answers if one.state == "rejected"]:
        raise DataSetFailedError(f"{len(refused)} rows of {table.table} were refused: {refused[0]}")
    put_off = [one.after_s or 5.0 for one in answers if one.state == "deferred"]
    return max(put_off) if put_off else None
