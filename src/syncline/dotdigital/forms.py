"""Pages and forms, their questions, and what people answered (v2, "surveys"; contract §8.1).

An account without the feature raises FeatureOff.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from syncline.dotdigital import dates
from syncline.dotdigital.campaigns import OffsetPage
from syncline.dotdigital.limits import HIGH
from syncline.dotdigital.offset_pages import offset_pages
from syncline.dotdigital.session import OnSession, call_to
from syncline.dotdigital.words import folded
from syncline.remote import Permanent

Row = TypeVar("Row")

MOST_FORM_ROWS: Final = 500
"""Forms or responses that one call may ask for."""

OVERLAP: Final = 25
"""Rows of the page before that are read again. Forms may have many responses, so that every row counts."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: Active, Inactive, Pending, Expired or SurveyFeatureDisabled. `submission_mode`: Single or
    Multiple.
    """

    id: int
    name: str
    url: str
    state: str
    submission_mode: str
    created_on: datetime | None
    modified_on: datetime | None
    first_response_on: datetime | None
    last_response_on: datetime | None
    complete_responses: int
    incomplete_responses: int
    views: int
    bounces: int


class Choice(msgspec.Struct, frozen=True):
    id: int
    text: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a form. `type` is free text of Dotdigital's (email, radiolist…)."""

    id: int
    page: int
    """Which page of the form it is on, from 1."""
    type: str
    text: str
    required: bool
    choices: tuple[Choice, ...]
    rows: tuple[Choice, ...]
    """Lines of a grid, each of which is answered by itself."""
    other_fields: frozenset[int]
    """Field ids under which people's own words beside the choices come; empty where there are none."""
    data_field: str
    """The contact's data field that Dotdigital writes the answer to; empty for none."""


class GivenAnswer(msgspec.Struct, frozen=True):
    """`values`: a text; of a choice its id; of several choices their ids."""

    field_id: int
    row_id: int | None
    values: tuple[str | int | float | bool, ...]


class FormResponse(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    email: str
    """In lower case; empty for whoever gave none."""
    started_on: datetime | None
    completed_on: datetime | None
    complete: bool
    answers: tuple[GivenAnswer, ...]


class Forms(OnSession):
    """Rows move between pages (contract §1.6), so one may come twice; none comes not at all for good."""

    def forms(self, *, skip: int = 0) -> Iterator[OffsetPage[Form]]:
        """Every form of the account."""
        return self._form_pages("/v2/surveys", "/v2/surveys", _form, skip)

    def forms_active_since(self, when: datetime, *, skip: int = 0) -> Iterator[OffsetPage[Form]]:
        """Forms that were changed or answered at or after `when`."""
        path = f"/v2/surveys/with-activity-since/{dates.for_path(when)}"
        return self._form_pages(path, "/v2/surveys/with-activity-since/{date}", _form, skip)

    def get_form(self, form_id: int) -> Form:
        """Raises `NotFound`."""
        call = call_to("GET", f"/v2/surveys/{form_id}", route="/v2/surveys/{id}", tier=HIGH)
        return _form(folded(self._session.json(call)))

    def form_questions(self, form_id: int) -> list[Question]:
        """In the order in which people see them. Raises `NotFound`."""
        call = call_to("GET", f"/v2/surveys/{form_id}/fields", route="/v2/surveys/{id}/fields", tier=HIGH)
        pages = self._session.json(call)
        if not isinstance(pages, list):
            raise Permanent(f"{call.label}: a list was expected")
        return [
            _question(folded(field), number)
            for number, page in enumerate(pages, start=1)
            for field in folded(page).get("fields") or ()
        ]

    def form_responses(
        self, form_id: int, since: datetime | None, *, skip: int = 0
    ) -> Iterator[OffsetPage[FormResponse]]:
        """Responses that were begun or completed at or after `since`; None: all. Raises `NotFound`."""
        path, route = f"/v2/surveys/{form_id}/responses", "/v2/surveys/{id}/responses"
        if since is not None:
            path = f"{path}/with-activity-since/{dates.for_path(since)}"
            route = f"{route}/with-activity-since/{{date}}"
        return self._form_pages(path, route, _response, skip)

    def _form_pages(
        self, path: str, route: str, make: Callable[[dict[str, Any]], Row], skip: int
    ) -> Iterator[OffsetPage[Row]]:
        for rows, next_skip in offset_pages(
            self._session,
            path,
            route=route,
            identity=lambda row: row.get("id"),
            skip=skip,
            select=MOST_FORM_ROWS,
            overlap=OVERLAP,
        ):
            yield OffsetPage([make(row) for row in rows], next_skip)


def _form(row: dict[str, Any]) -> Form:
    return Form(
        id=int(row["id"]),
        name=str(row.get("name") or ""),
        url=str(row.get("url") or ""),
        state=str(row.get("state") or ""),
        submission_mode=str(row.get("submissionmode") or ""),
        created_on=dates.parsed(row.get("datesurveycreated")),
        modified_on=dates.parsed(row.get("datesurveymodified")),
        first_response_on=dates.parsed(row.get("firstresponsedate")),
        last_response_on=dates.parsed(row.get("lastresponsedate")),
        complete_responses=int(row.get("totalcompleteresponses") or 0),
        incomplete_responses=int(row.get("totalincompleteresponses") or 0),
        views=int(row.get("totalviews") or 0),
        bounces=int(row.get("totalbounces") or 0),
    )


def _question(row: dict[str, Any], page: int) -> Question:
    rows = [folded(one) for one in row.get("subfields") or ()]
    others = {int(row.get("otheroptiontextfieldid") or 0), int(row.get("otheroptionsubfieldid") or 0)}
    return Question(
        id=int(row["id"]),
        page=page,
        type=str(row.get("type") or ""),
        text=str(row.get("text") or ""),
        required=bool(row.get("isrequired")),
        choices=_choices([row, *rows]),
        rows=tuple(Choice(int(one["id"]), str(one.get("text") or "")) for one in rows),
        other_fields=frozenset(others - {0}) if row.get("hasotheroption") else frozenset(),
        data_field=str(row.get("assignedcontactdatafieldname") or "")
        if row.get("isassignedtocontactdatafield")
        else "",
    )


def _choices(rows: list[dict[str, Any]]) -> tuple[Choice, ...]:
    """Of the question, and of lines that have choices of their own; each number once."""
    found = [folded(choice) for row in rows for choice in row.get("choices") or ()]
    by_id = {int(one["id"]): str(one.get("text") or "") for one in found}
    return tuple(Choice(number, text) for number, text in by_id.items())


def _response(row: dict[str, Any]) -> FormResponse:
    answers = [folded(one) for one in row.get("givenanswers") or ()]
    return FormResponse(
        id=int(row["id"]),
        email=str(row.get("email") or "").strip().lower(),
        started_on=dates.parsed(row.get("datestarted")),
        completed_on=dates.parsed(row.get("datecompleted")),
        complete=bool(row.get("complete")),
        answers=tuple(
            GivenAnswer(int(one["fieldid"]), _number(one.get("subfieldid")), _values(one.get("value")))
            for one in answers
        ),
    )


def _number(found: object) -> int | None:
    return found if isinstance(found, int) and found else None


def _values(found: object) -> tuple[str | int | float | bool, ...]:
    """What is told of an answer, each value by itself; how several come is not documented (contract §14)."""
    if isinstance(found, list):
        return tuple(value for one in found for value in _values(one))
    if found is None or found == "":
        return ()
    if isinstance(found, str | int | float):
        return (found,)
    return (msgspec.json.encode(found).decode(),)
