"""Forms, what was answered to each, and which answers go into which columns of contacts and leads."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from syncline.accounts.rights import Right
from syncline.api.body import Body
from syncline.api.errors import ApiError, answers
from syncline.api.finding import account_of, form_of
from syncline.api.guard import ApiRequest, actor_of, needs
from syncline.api.paging import TEXT, Page, Paging, page
from syncline.forms.facts import last_response_of, questions_of, totals_of
from syncline.forms.finding import forms_of
from syncline.forms.mapping import FormMappingRefusedError, WantedField, save_form_mapping
from syncline.forms.models import Form

router = Router(tags=["Forms"])

MOST_FIELDS: Final = 500
Number = Annotated[int, Field(ge=0, lt=2**63)]
Table = Literal["contact", "lead"]


class QuestionFacts(Schema):
    question: int = Field(description="Dotdigital's number of it.", examples=[3])
    line: int = Field(description="Of a line of a grid; else 0.", examples=[0])
    words: str = Field(examples=["Job title"])
    columns: list[str] = Field(
        description="What its answers go into, as `table.column`.", examples=[["contact.jobtitle"]]
    )


class FormFacts(Schema):
    """A form, as the last sync of Forms has read it."""

    id: int = Field(description="Dotdigital's number of it.", examples=[601])
    name: str = Field(examples=["Event registration"])
    url: str
    state: str = Field(description="As Dotdigital tells it.", examples=["Active"])
    complete: int = Field(description="Complete responses.")
    incomplete: int
    views: int
    bounces: int
    last_response_at: datetime | None
    creates: Table | None = Field(description="What strangers who answer become; null: nobody.")
    questions: list[QuestionFacts]
    synced_at: datetime | None
    deleted: bool = Field(description="In Dotdigital; what Dynamics was told stays there.")
    problem: str = Field(description="What its last sync could not do; empty where all went well.")


class FormQuestion(Paging):
    show: Literal["all", "problem"] = Field("all", description="All, or only those with a problem.")
    name: str = Field("", max_length=255, pattern=TEXT, description="A part of its name.")


class MappedColumn(Body):
    table: Table
    column: str = Field(min_length=1, max_length=128, pattern=TEXT, examples=["jobtitle"])
    question: Number = Field(examples=[3])
    line: Number = Field(0, description="Of a line of a grid; else 0.")


class NewFormMapping(Body):
    """Replaces what there is."""

    creates: Table | None = Field(None, description="What strangers who answer become; null: nobody.")
    columns: list[MappedColumn] = Field(max_length=MOST_FIELDS)


@router.get(
    "/accounts/{int:account_id}/forms",
    auth=needs(Right.SEE),
    response=answers(Page[FormFacts], refusals=(422,)),
)
def list_forms(request: HttpRequest, account_id: int, search: Query[FormQuestion]) -> dict[str, object]:
    """The account's forms, in the order in which a sync first saw them."""
    rows = forms_of(account_of(account_id), name=search.name.strip(), problems=search.show == "problem")
    found = rows.filter(pk__gt=search.start).order_by("pk").prefetch_related("fields")
    return page(found[: search.limit + 1], search.limit, form_facts)


@router.get(
    "/accounts/{int:account_id}/forms/{int:form_id}", auth=needs(Right.SEE), response=answers(FormFacts)
)
def get_form(request: HttpRequest, account_id: int, form_id: int) -> FormFacts:
    """One form, with its questions."""
    return form_facts(form_of(account_of(account_id), form_id))


@router.post(
    "/accounts/{int:account_id}/forms/{int:form_id}/mapping",
    auth=needs(Right.ADMINISTER),
    response=answers(FormFacts, refusals=(400, 409, 422)),
)
def set_form_mapping(request: ApiRequest, account_id: int, form_id: int, body: NewFormMapping) -> FormFacts:
    """Say which answers go into which columns, for the responses that come from then on. All of it or
    nothing; columns that speak of consent are refused.
    """
    form = form_of(account_of(account_id), form_id)
    wanted = [
        WantedField(table=one.table, column=one.column, question=one.question, line=one.line)
        for one in body.columns
    ]
    try:
        save_form_mapping(form, body.creates or "", wanted, by=actor_of(request))
    except FormMappingRefusedError as refusal:
        raise ApiError(
            HTTPStatus.CONFLICT,
            "mapping_refused",
            str(refusal),
            "Nothing was saved. Mend what is said of each column, and send the whole mapping again.",
        ) from refusal
    return form_facts(form_of(form.account, form_id))


def form_facts(one: Form) -> FormFacts:
    return FormFacts(
        id=one.form_id,
        name=one.name,
        url=one.header.get("syncline_url") or "",
        state=one.header.get("syncline_formstate") or "",
        **asdict(totals_of(one)),
        last_response_at=last_response_of(one),
        creates="contact" if one.creates == "contact" else "lead" if one.creates == "lead" else None,
        questions=[QuestionFacts(**asdict(question)) for question in questions_of(one)],
        synced_at=one.synced_at,
        deleted=one.deleted,
        problem=one.problem,
    )
