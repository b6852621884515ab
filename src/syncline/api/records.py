"""The records of a run: who, what was or would be written, and why; page by page, or as one CSV file."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from syncline.accounts.rights import Right
from syncline.api.errors import answers
from syncline.api.finding import run_of
from syncline.api.guard import needs
from syncline.api.paging import CODE, TEXT, Page, Paging, page
from syncline.ledger.models import Outcome
from syncline.ledger.records import RecordFilter, every_record, records_after
from syncline.people.facts import NO_ADDRESS
from syncline.syncs.reasons import REASONS
from syncline.syncs.record_export import csv_lines

router = Router(tags=["Records"])

Side = Literal["dotdigital", "dynamics"]
Action = Literal["create", "update", "remove", "none"]
Result = Literal["planned", "created", "updated", "removed", "unchanged", "skipped", "rejected"]


class FieldFacts(Schema):
    """One field that was, or would be, written."""

    name: str = Field(examples=["FIRSTNAME"])
    old: Any = None
    new: Any = None


class LostFacts(Schema):
    """A value that lost a conflict: both sides had changed the field."""

    name: str = Field(examples=["POSTCODE"])
    side: str = Field(description="Whose value it was.", examples=["dotdigital"])
    value: Any = None


class ReasonFacts(Schema):
    """Why; all empty where nothing needs a reason."""

    code: str = Field(examples=["suppressed"])
    words: str
    remedy: str


class RecordFacts(Schema):
    """What became of one record in one run, or would become of it by a plan."""

    id: int
    address: str | None = Field(
        description="Null where the record has none.", examples=["bob@contoso.example"]
    )
    name: str = Field(examples=["Bob"])
    entity: str = Field(examples=["contact"])
    record_id: str
    list_id: int | None = Field(description="The marketing list that it is about.")
    list_name: str
    side: str = Field(description="Where it was, or would be, written.", examples=["dotdigital"])
    action: str = Field(description="What was decided.", examples=["update"])
    result: str = Field(description="What became of it.", examples=["updated"])
    membership: str = Field(description="`joined` or `left` where the list was; else empty.", examples=[""])
    reason: ReasonFacts
    detail: str = Field(description="Words for this one record, the vendor's own among them.")
    vendor_code: str
    fields: list[FieldFacts]
    lost: list[LostFacts]
    at: datetime


class RecordQuestion(Schema):
    """Which records; what is not given limits nothing."""

    side: Side | None = None
    action: Action | None = None
    result: Result | None = None
    reason: str = Field("", max_length=40, pattern=CODE, description="A code.", examples=["suppressed"])
    address: str = Field(
        "", max_length=320, pattern=TEXT, description="A whole address, or the beginning of one."
    )

    @property
    def filter(self) -> RecordFilter:
        return RecordFilter(
            side=self.side or "",
            action=self.action or "",
            result=self.result or "",
            reason=self.reason,
            address=self.address.strip().lower(),
        )


class RecordSearch(RecordQuestion, Paging):
    pass


@router.get(
    "/runs/{uuid:run_key}/records",
    auth=needs(Right.SEE),
    response=answers(Page[RecordFacts], refusals=(422,)),
)
def list_records(request: HttpRequest, run_key: UUID, search: Query[RecordSearch]) -> dict[str, object]:
    """The records of a run or a plan, in the order in which they were decided."""
    rows = records_after(run_of(run_key), search.filter, search.start, search.limit + 1)
    return page(rows, search.limit, record_facts)


@router.get(
    "/runs/{uuid:run_key}/records.csv",
    auth=needs(Right.SEE),
    response=answers(None, refusals=(422,)),
    openapi_extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def export_records(
    request: HttpRequest, run_key: UUID, search: Query[RecordQuestion]
) -> StreamingHttpResponse:
    """The same records as one CSV file, sent while it is being read, however many there are."""
    run = run_of(run_key)
    return StreamingHttpResponse(
        csv_lines(every_record(run, search.filter)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="run-{run.pk}.csv"'},
    )


def record_facts(row: Outcome) -> RecordFacts:
    return RecordFacts(
        id=row.pk,
        address=address_of(row.person_key),
        name=row.name,
        entity=row.entity,
        record_id=row.record_id,
        list_id=row.part.list_id if row.part else None,
        list_name=row.part.name if row.part else "",
        side=row.side,
        action=row.action,
        result=row.result,
        membership=row.membership,
        reason=reason_facts(row.reason),
        detail=row.detail,
        vendor_code=row.vendor_code,
        fields=[
            FieldFacts(name=name, old=old, new=new) for name, (old, new) in json.loads(row.fields).items()
        ],
        lost=[
            LostFacts(name=name, side=side, value=value)
            for name, (side, value) in json.loads(row.lost).items()
        ],
        at=row.at,
    )


def address_of(person_key: str) -> str | None:
    """None for a record that goes by a made-up key, because it has no address."""
    return None if person_key.startswith(NO_ADDRESS) else person_key or None


def reason_facts(code: str) -> ReasonFacts:
    entry = REASONS.get(code)
    return ReasonFacts(code=code, words=entry.words if entry else "", remedy=entry.remedy if entry else "")
