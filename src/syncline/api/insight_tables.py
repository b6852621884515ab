"""Tables of Dynamics that go into insight data of Dotdigital."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from syncline.accounts.clients import dataverse_for_questions
from syncline.accounts.models import EmailAccount
from syncline.accounts.rights import Right
from syncline.api.body import Body
from syncline.api.errors import ApiError, answers, not_found
from syncline.api.finding import account_of
from syncline.api.guard import ApiRequest, actor_of, needs
from syncline.api.paging import TEXT, Page, Paging, page
from syncline.insight import rows
from syncline.insight.choosing import (
    MOST_COLUMNS,
    Choice,
    ChoiceRefusedError,
    change_columns,
    choose,
    drop,
    offer,
)
from syncline.insight.models import InsightTable

router = Router(tags=["Insight data"])

NAME = r"^[A-Za-z][A-Za-z0-9_]*$"


class InsightTableFacts(Schema):
    """A table of Dynamics whose rows go into a collection of insight data."""

    id: int = Field(examples=[2])
    table: str = Field(examples=["opportunity"])
    title: str = Field(examples=["Opportunity"])
    collection: str = Field(examples=["Deals"])
    lookup: str = Field(description="The column that points at the person.", examples=["parentcontactid"])
    columns: list[str] = Field(examples=[["name", "estimatedvalue"]])
    change_tracking: bool = Field(description="False: the whole table is compared in each sync.")
    records: int = Field(description="Records that Dotdigital has of it.")


class OfferFacts(Schema):
    """What can be chosen of a table."""

    table: str
    title: str
    lookups: dict[str, str] = Field(description="Columns that point at a person: name and title.")
    columns: dict[str, str] = Field(description="Columns that can be carried over: name and title.")
    change_tracking: bool


class InsightColumns(Body):
    """What is carried over of a table."""

    columns: list[str] = Field(min_length=1, max_length=MOST_COLUMNS, examples=[["name", "estimatedvalue"]])


class InsightChoice(InsightColumns):
    """A table that is to be carried over."""

    table: str = Field(max_length=128, pattern=NAME, examples=["opportunity"])
    lookup: str = Field(
        "", max_length=128, pattern=TEXT, description="May be left out where only one column is possible."
    )
    collection: str = Field(
        "", max_length=255, pattern=TEXT, description="The table's name where it is left out."
    )


@router.get(
    "/accounts/{int:account_id}/insight-tables",
    auth=needs(Right.SEE),
    response=answers(Page[InsightTableFacts], refusals=(422,)),
)
def list_insight_tables(request: HttpRequest, account_id: int, search: Query[Paging]) -> dict[str, object]:
    """The tables that were chosen."""
    found = InsightTable.objects.filter(account=account_of(account_id), pk__gt=search.start)
    return page(found.order_by("pk")[: search.limit + 1], search.limit, insight_table_facts)


@router.get(
    "/accounts/{int:account_id}/insight-offers/{table}",
    auth=needs(Right.SEE),
    response=answers(OfferFacts, refusals=(502, 503)),
)
def offer_of_table(request: HttpRequest, account_id: int, table: str) -> OfferFacts:
    """What can be chosen of a table of Dynamics, by its logical name."""
    try:
        offered = offer(dataverse_for_questions(account_of(account_id)), table)
    except ChoiceRefusedError as refusal:
        remedy = "Give the logical name of a table of Dynamics, for example opportunity."
        raise ApiError(HTTPStatus.NOT_FOUND, "no_such_table", str(refusal), remedy) from refusal
    return OfferFacts(
        table=offered.table.logical_name,
        title=offered.table.display_name,
        lookups=dict(offered.lookups),
        columns={name: column.label or name for name, column in offered.columns.items()},
        change_tracking=offered.table.change_tracking,
    )


@router.post(
    "/accounts/{int:account_id}/insight-tables",
    auth=needs(Right.ADMINISTER),
    response=answers(InsightTableFacts, status=HTTPStatus.CREATED, refusals=(400, 422, 502, 503)),
)
def choose_insight_table(
    request: ApiRequest, account_id: int, body: InsightChoice
) -> Status[InsightTableFacts]:
    """Have a table carried over from the next sync on."""
    account = account_of(account_id)
    wanted = Choice(body.table, body.columns, body.lookup, body.collection)
    try:
        row = choose(account, wanted, dataverse_for_questions(account), by=actor_of(request))
    except ChoiceRefusedError as refusal:
        raise _refused(refusal) from refusal
    return Status(HTTPStatus.CREATED, insight_table_facts(row))


@router.put(
    "/accounts/{int:account_id}/insight-tables/{int:insight_table_id}",
    auth=needs(Right.ADMINISTER),
    response=answers(InsightTableFacts, refusals=(400, 422, 502, 503)),
)
def change_insight_table(
    request: ApiRequest, account_id: int, insight_table_id: int, body: InsightColumns
) -> InsightTableFacts:
    """Carry other columns over: the next sync sends every record anew."""
    account = account_of(account_id)
    row = _table_of(account, insight_table_id)
    try:
        change_columns(row, body.columns, dataverse_for_questions(account), by=actor_of(request))
    except ChoiceRefusedError as refusal:
        raise _refused(refusal) from refusal
    return insight_table_facts(row)


@router.delete(
    "/accounts/{int:account_id}/insight-tables/{int:insight_table_id}",
    auth=needs(Right.ADMINISTER),
    response=answers(InsightTableFacts),
)
def remove_insight_table(request: ApiRequest, account_id: int, insight_table_id: int) -> InsightTableFacts:
    """Carry a table over no more. Its records stay in Dotdigital. Answers with what was removed."""
    row = _table_of(account_of(account_id), insight_table_id)
    facts = insight_table_facts(row)
    drop(row, by=actor_of(request))
    return facts


def _table_of(account: EmailAccount, insight_table_id: int) -> InsightTable:
    found = InsightTable.objects.filter(account=account, pk=insight_table_id).first()
    if found is None:
        raise not_found("insight_table", "GET /api/v1/accounts/{account_id}/insight-tables lists them.")
    return found


def _refused(refusal: ChoiceRefusedError) -> ApiError:
    remedy = "GET /api/v1/accounts/{account_id}/insight-offers/{table} tells what can be chosen."
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "not_chosen", str(refusal), remedy)


def insight_table_facts(row: InsightTable) -> InsightTableFacts:
    return InsightTableFacts(
        id=row.pk,
        table=row.table,
        title=row.title,
        collection=row.collection,
        lookup=row.lookup,
        columns=row.columns,
        change_tracking=row.tracked,
        records=rows.count_sent(row.pk),
    )
