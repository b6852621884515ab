"""Loading forms and responses over the control address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from syncline_sandbox.control import ControlError
from syncline_sandbox.dotdigital import forms
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.form_answers import given_answers
from syncline_sandbox.dotdigital.forms import FIRST_FORM_ID, FIRST_RESPONSE_ID, SOURCES, STATES, Response
from syncline_sandbox.dotdigital.moments import read_iso
from syncline_sandbox.dotdigital.storage import take_ids

_SELECT_FORM = "SELECT * FROM surveys WHERE id = ?"
_RESPONSE_GAP_MS = 1000


class SeedQuestion(msgspec.Struct, forbid_unknown_fields=True):
    """One field. ``choices`` and ``rows`` (the sub-fields of a grid) are their texts; ids follow from the
    order. With ``other`` people may answer in words of their own. ``data_field`` names the contact's data
    field that an answer goes to.
    """

    text: str
    type: str = "textbox"
    required: bool = False
    choices: list[str] = msgspec.field(default_factory=list)
    rows: list[str] = msgspec.field(default_factory=list)
    other: bool = False
    data_field: str | None = None


class SeedResponse(msgspec.Struct, forbid_unknown_fields=True):
    """``answers``: a question's text → text, choice, several choices, or row → any of these. ``completed``
    false leaves it unfinished. With the ``id`` of an earlier one it takes its place.
    """

    email: str | None = None
    answers: dict[str, Any] = msgspec.field(default_factory=dict)
    started: str | None = None
    completed: str | bool = True
    source: str = "Direct"
    id: int | None = None


class SeedForm(msgspec.Struct, forbid_unknown_fields=True):
    """A new form, or with ``id`` an existing one, which gets other questions where some are given.

    ``count`` adds so many responses of contact<N>@<domain>, each a second after the one before, the last of
    them now; their answer to every text field is their number.
    """

    id: int | None = None
    name: str | None = None
    state: str | None = None
    submission_mode: str = "Multiple"
    on_list: str | int | None = msgspec.field(default=None, name="list")
    assigned: bool = False
    views: int = 0
    bounces: int = 0
    created: str | None = None
    modified: str | None = None
    pages: list[list[SeedQuestion]] = msgspec.field(default_factory=list)
    responses: list[SeedResponse] = msgspec.field(default_factory=list)
    count: int = 0
    domain: str = "seeded.example"


class FormLoader:
    """Loads forms; ``list_id`` finds or makes the list of a name."""

    def __init__(self, account: Account, list_id: Callable[[str | int], int]) -> None:
        self._account = account
        self._list_id = list_id
        self._now = account.now_ms()

    def load(self, entries: list[SeedForm]) -> dict[str, list[int]]:
        """Ids of the forms and of the responses, in the order given."""
        ids, responses = [], []
        for entry in entries:
            number = self._create(entry) if entry.id is None else self._change(entry.id, entry)
            rows = [*self._responses(number, entry), *self._numbered(number, entry)]
            forms.keep_responses(self._account, rows)
            ids.append(number)
            responses += [row.id for row in rows[: len(entry.responses)]]
        return {"forms": ids, "responses": responses}

    def _create(self, entry: SeedForm) -> int:
        number = take_ids(self._account.connection, "next_form", FIRST_FORM_ID)
        created = self._moment(entry.created)
        modified = created if entry.modified is None else read_iso(entry.modified)
        list_id = None if entry.on_list is None else self._list_id(entry.on_list)
        self._account.connection.execute(
            "INSERT INTO surveys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                entry.name or "Form",
                f"https://r1.dotdigital-pages.com/p/{number}",
                _state(entry.state or "Active"),
                entry.submission_mode,
                list_id,
                entry.assigned or list_id is not None,
                entry.views,
                entry.bounces,
                _pages(entry.pages),
                created,
                modified,
                modified,
            ),
        )
        return number

    def _change(self, number: int, entry: SeedForm) -> int:
        row = self._account.connection.execute(_SELECT_FORM, (number,)).fetchone()
        if row is None:
            raise ControlError(f"there is no form {number}")
        if entry.name or entry.state or entry.pages or entry.modified:
            moment = self._moment(entry.modified)
            pages = _pages(entry.pages) if entry.pages else row["pages"]
            self._account.connection.execute(
                "UPDATE surveys SET name = ?, state = ?, pages = ?, modified = ?, "
                "activity = max(activity, ?) WHERE id = ?",
                (
                    entry.name or row["name"],
                    _state(entry.state or row["state"]),
                    pages,
                    moment,
                    moment,
                    number,
                ),
            )
        return number

    def _responses(self, number: int, entry: SeedForm) -> Iterator[Response]:
        pages = forms.pages_of(self._account, number)
        first = take_ids(self._account.connection, "next_response", FIRST_RESPONSE_ID, len(entry.responses))
        for place, told in enumerate(entry.responses):
            if told.source not in SOURCES:
                raise ControlError(f"{told.source!r} is not one of {', '.join(SOURCES)}")
            completed = told.completed if isinstance(told.completed, str) else None
            started = self._moment(told.started or completed)
            done = (started if completed is None else read_iso(completed)) if told.completed else None
            yield Response(
                told.id or first + place,
                number,
                told.email,
                told.source,
                started,
                done,
                max(started, done or 0),
                given_answers(
                    pages, told.answers, repeated=self._account.settings.several_choices == "repeated"
                ),
            )

    def _numbered(self, number: int, entry: SeedForm) -> Iterator[Response]:
        first = take_ids(self._account.connection, "next_response", FIRST_RESPONSE_ID, entry.count)
        fields = [one for page in forms.pages_of(self._account, number) for one in page["fields"]]
        texts = [one["text"] for one in fields if not one["choices"] and not one["subFields"]]
        pages = forms.pages_of(self._account, number)
        for place in range(entry.count):
            moment = self._now - (entry.count - 1 - place) * _RESPONSE_GAP_MS
            email = f"contact{place}@{entry.domain}"
            answers = given_answers(pages, dict.fromkeys(texts, str(place)), repeated=False)
            yield Response(first + place, number, email, "Direct", moment, moment, moment, answers)

    def _moment(self, text: str | None) -> int:
        return self._now if text is None else read_iso(text)


def _state(word: str) -> str:
    if word not in STATES:
        raise ControlError(f"{word!r} is not one of {', '.join(STATES)}")
    return word


def _pages(pages: list[list[SeedQuestion]]) -> str:
    """As the API tells them. Pages have numbers of their own; everything inside a form shares one row of
    them, as in the vendor's example.
    """
    number = 0

    def next_number() -> int:
        nonlocal number
        number += 1
        return number

    def field(question: SeedQuestion) -> dict[str, Any]:
        texts = [*question.choices, *(["Other"] if question.other else [])]
        told = _field(next_number(), question.type, question.text)
        told |= {
            "isRequired": question.required,
            "choices": [{"id": next_number(), "text": t} for t in texts],
        }
        told["subFields"] = [_field(next_number(), question.type, text) for text in question.rows]
        if question.other:
            told |= {"hasOtherOption": True, "otherOptionChoiceId": told["choices"][-1]["id"]}
            told["otherOptionTextFieldId"] = next_number()
        if question.data_field:
            told |= {
                "isAssignedToContactDataField": True,
                "assignedContactDataFieldName": question.data_field,
            }
        return told

    shown = [
        {"id": place, "name": None, "fields": [field(question) for question in page]}
        for place, page in enumerate(pages, start=1)
    ]
    return msgspec.json.encode(shown).decode()


def _field(number: int, kind: str, text: str) -> dict[str, Any]:
    return {
        "id": number,
        "type": kind,
        "text": text,
        "isRequired": False,
        "defaultValue": None,
        "mode": "singleline" if kind in ("email", "textbox") else None,
        "choices": [],
        "subFields": [],
        "hasOtherOption": False,
        "otherOptionChoiceId": 0,
        "otherOptionSubFieldId": 0,
        "otherOptionTextFieldId": 0,
        "isAssignedToContactDataField": False,
        "assignedContactDataFieldName": None,
        "assignedContactDataExistsAction": "OverwriteData",
    }
