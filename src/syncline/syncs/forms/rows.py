"""Forms, questions, options, responses and answers as Dynamics is told of them: pure, from what Dotdigital
says to ids and columns.

Dotdigital numbers everything but forms inside a form, as far as is known; so a row is known by the numbers of
all that it stands in.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from syncline.accounts.models import EmailAccount
from syncline.dataverse import bind
from syncline.dotdigital import Choice, Form, FormResponse, GivenAnswer, Question
from syncline.people.facts import NO_ADDRESS, person_key
from syncline.provisioning.form_tables import (
    LONGEST_ANSWER,
    LONGEST_ANSWER_NAME,
    LONGEST_FORM_NAME,
    LONGEST_FORM_URL,
    LONGEST_QUESTION,
)
from syncline.syncs.campaigns.campaign_rows import Columns, moment, text
from syncline.syncs.derived_ids import derived_id


class Table(NamedTuple):
    table: str

    @property
    def entity_set(self) -> str:
        return f"{self.table}s"


FORM: Final = Table("syncline_form")
QUESTION: Final = Table("syncline_formquestion")
OPTION: Final = Table("syncline_formoption")
RESPONSE: Final = Table("syncline_formresponse")
ANSWER: Final = Table("syncline_formanswer")


class Row(NamedTuple):
    row_id: str
    columns: Columns


class ResponseRow(NamedTuple):
    row_id: str
    person_key: str
    columns: Columns


def form_columns(form: Form) -> Columns:
    return {
        "syncline_name": text(form.name, LONGEST_FORM_NAME) or f"Form {form.id}",
        "syncline_url": text(form.url, LONGEST_FORM_URL),
        "syncline_formstate": text(form.state, 50),
        "syncline_submissionmode": text(form.submission_mode, 50),
        "syncline_madeon": moment(form.created_on),
        "syncline_changedon": moment(form.modified_on),
        "syncline_firstresponseon": moment(form.first_response_on),
        "syncline_lastresponseon": moment(form.last_response_on),
        "syncline_completeresponses": form.complete_responses,
        "syncline_incompleteresponses": form.incomplete_responses,
        "syncline_views": form.views,
        "syncline_bounces": form.bounces,
    }


class FormRows:
    """Makes the rows of one form."""

    def __init__(self, account: EmailAccount, form_id: int, name: str, questions: Sequence[Question]) -> None:
        self._account = account
        self._form_id = form_id
        self._name = name
        self._questions = questions
        self._by_field = {question.id: question for question in questions}
        self._own_words = {number: question for question in questions for number in question.other_fields}
        self._form: Columns = {
            "syncline_account": str(account.connector_key),
            "syncline_dotdigitalformid": form_id,
        }

    @property
    def form_row_id(self) -> str:
        return derived_id(self._account, FORM.table, str(self._form_id))

    @property
    def about_responses(self) -> Columns:
        """What all responses to the form say."""
        return {**self._form, "syncline_Form@odata.bind": bind(FORM.entity_set, self.form_row_id)}

    def questions(self) -> list[Row]:
        return [
            Row(
                self._id(QUESTION, question.id, line.id),
                {
                    **self.about_responses,
                    "syncline_name": text(_words(question, line), LONGEST_QUESTION)
                    or f"Question {question.id}",
                    "syncline_dotdigitalid": question.id,
                    "syncline_dotdigitallineid": line.id,
                    "syncline_questiontype": text(question.type, 50),
                    "syncline_page": question.page,
                    "syncline_position": place,
                    "syncline_required": question.required,
                    "syncline_datafield": text(question.data_field, 100),
                },
            )
            for place, (question, line) in enumerate(self._lines(), start=1)
        ]

    def options(self) -> list[Row]:
        return [
            Row(
                self._id(OPTION, question.id, line.id, choice.id),
                {
                    **self._form,
                    "syncline_name": text(choice.text, LONGEST_QUESTION) or f"Option {choice.id}",
                    "syncline_dotdigitalid": choice.id,
                    "syncline_dotdigitalquestionid": question.id,
                    "syncline_dotdigitallineid": line.id,
                    "syncline_position": place,
                    "syncline_Question@odata.bind": self._bound(QUESTION, question.id, line.id),
                },
            )
            for question, line in self._lines()
            for place, choice in enumerate(question.choices, start=1)
        ]

    def response(self, told: FormResponse) -> ResponseRow:
        row_id = self._id(RESPONSE, told.id)
        key = person_key(told.email, row_id)
        return ResponseRow(
            row_id,
            key,
            {
                "syncline_name": text(self._name, LONGEST_FORM_NAME),
                "syncline_dotdigitalid": told.id,
                "syncline_email": None if key.startswith(NO_ADDRESS) else key,
                "syncline_complete": told.complete,
                "syncline_startedon": moment(told.started_on),
                "syncline_completedon": moment(told.completed_on),
            },
        )

    def answers(self, told: FormResponse) -> list[Row]:
        """Of a response that is complete; until then people may still change what they said."""
        if not told.complete:
            return []
        values: dict[tuple[int, int, int], str] = {}
        for given in told.answers:
            for (field_id, line, option), value in self._said(given):
                key = (field_id, line, option)
                values[key] = f"{values[key]}\n{value}" if option == 0 and key in values else value
        return [self._answer(told.id, key, value) for key, value in values.items()]

    def _said(self, given: GivenAnswer) -> Iterator[tuple[tuple[int, int, int], str]]:
        """((question, line, option), words) for each value; option 0 for what was said in words."""
        question = self._by_field.get(given.field_id) or self._own_words.get(given.field_id)
        field_id = question.id if question else given.field_id
        own_words = question is not None and {given.field_id, given.row_id} & question.other_fields
        line = given.row_id or 0
        if question is not None and line not in {one.id for one in question.rows}:
            line = 0
        choices = {choice.id: choice.text for choice in question.choices} if question else {}
        for value in given.values:
            number = None if own_words else _number(value)
            if number is not None and number in choices:
                yield (field_id, line, number), choices[number]
            else:
                yield (field_id, line, 0), _in_words(value)

    def _answer(self, response_id: int, key: tuple[int, int, int], value: str) -> Row:
        field_id, line, option = key
        columns = {
            **self._form,
            "syncline_name": text(value, LONGEST_ANSWER_NAME),
            "syncline_value": text(value, LONGEST_ANSWER),
            "syncline_dotdigitalresponseid": response_id,
            "syncline_dotdigitalquestionid": field_id,
            "syncline_dotdigitallineid": line,
            "syncline_dotdigitaloptionid": option,
            "syncline_Response@odata.bind": self._bound(RESPONSE, response_id),
        }
        question = self._by_field.get(field_id)
        if question is not None and line in {one.id for one in _lines_of(question)}:
            columns["syncline_Question@odata.bind"] = self._bound(QUESTION, field_id, line)
            if option:
                columns["syncline_Option@odata.bind"] = self._bound(OPTION, field_id, line, option)
        return Row(self._id(ANSWER, response_id, field_id, line, option), columns)

    def _lines(self) -> Iterator[tuple[Question, Choice]]:
        return ((question, line) for question in self._questions for line in _lines_of(question))

    def _id(self, table: Table, *numbers: int) -> str:
        return derived_id(self._account, table.table, "/".join(map(str, (self._form_id, *numbers))))

    def _bound(self, table: Table, *numbers: int) -> str:
        return bind(table.entity_set, self._id(table, *numbers))


_WHOLE: Final = Choice(0, "")
"""In place of a line, of a question that is no grid."""


def _lines_of(question: Question) -> Sequence[Choice]:
    return question.rows or (_WHOLE,)


def _words(question: Question, line: Choice) -> str:
    return f"{question.text}: {line.text}" if line.id else question.text


def _number(value: object) -> int | None:
    """A choice's id, told as a number or as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else None
    return value if isinstance(value, int) else None


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)


def words_of(rows: Sequence[Row]) -> Mapping[tuple[int, int], list[str]]:
    """(question, line) → what a response says to it, in words."""
    said: dict[tuple[int, int], list[str]] = {}
    for row in rows:
        key = (row.columns["syncline_dotdigitalquestionid"], row.columns["syncline_dotdigitallineid"])
        if (value := row.columns["syncline_value"]) is not None:
            said.setdefault(key, []).append(value)
    return said
