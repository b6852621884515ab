"""Held records: what one side refused and why, and Replay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from syncline.accounts.models import EmailAccount
from syncline.accounts.rights import Right, right_to_run, role_may
from syncline.accounts.roles import Role
from syncline.api.body import Body
from syncline.api.errors import ApiError, answers
from syncline.api.finding import account_of, enabled_account_of, run_of
from syncline.api.guard import ApiRequest, actor_of, needs
from syncline.api.paging import CODE, TEXT, Page, Paging, page
from syncline.api.records import ReasonFacts, address_of, reason_facts
from syncline.api.run_facts import RunFacts, run_facts
from syncline.engine.replay import replay
from syncline.ledger.held import held_page, held_records, reasons_held
from syncline.ledger.models import Held
from syncline.syncs.registry import SYNC_TYPES

router = Router(tags=["Held records"])

NO_SPACE: Final = r"^[^\s\x00]*$"
"""An address of blanks would choose everybody's records."""


class HeldFacts(Schema):
    """A record that one side refused, or that waits for a person to look at it."""

    id: int
    sync_type: str = Field(examples=["lists_out"])
    address: str | None = Field(
        description="Null where the record has none.", examples=["bob@contoso.example"]
    )
    entity: str = Field(examples=["contact"])
    record_id: str
    reason: ReasonFacts
    detail: str = Field(description="The vendor's own words among them.")
    vendor_code: str
    run: UUID | None = Field(description="The run that held it, where that is still kept.")
    since: datetime


class HeldCount(Schema):
    reason: ReasonFacts
    records: int


class HeldSearch(Paging):
    reason: str = Field("", max_length=40, pattern=CODE, examples=["refused_by_dotdigital"])
    address: str = Field(
        "", max_length=320, pattern=TEXT, description="A whole address, or the beginning of one."
    )


class Choice(Body):
    """Which held records to replay: some by id, all of a reason, all of an address, or simply all."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    ids: list[int] = Field(default_factory=list, min_length=1, max_length=1000, examples=[[7, 8]])
    reason: str = Field("", min_length=1, max_length=40, pattern=CODE, examples=["refused_by_dotdigital"])
    address: str = Field("", min_length=1, max_length=320, pattern=NO_SPACE)
    all: bool = Field(
        False,
        description="True: needed where nothing else limits the choice.",
        json_schema_extra={"const": True},
    )


class ReplayFacts(Schema):
    records: int = Field(description="How many are decided again.")
    runs: list[RunFacts] = Field(description="The runs that decide them.")


@router.get(
    "/accounts/{int:account_id}/held",
    auth=needs(Right.SEE),
    response=answers(Page[HeldFacts], refusals=(422,)),
)
def list_held(request: HttpRequest, account_id: int, search: Query[HeldSearch]) -> dict[str, object]:
    """The account's held records, the newest first."""
    held = held_records(account_of(account_id), reason=search.reason, address=search.address.strip().lower())
    return page(held_page(held, search.limit, after=search.start), search.limit, held_facts)


@router.get(
    "/accounts/{int:account_id}/held/reasons", auth=needs(Right.SEE), response=answers(list[HeldCount])
)
def count_held(request: HttpRequest, account_id: int) -> list[HeldCount]:
    """How many records are held for which reason, the most first."""
    counted = reasons_held(account_of(account_id))
    return [HeldCount(reason=reason_facts(code), records=number) for code, number in counted]


@router.post(
    "/accounts/{int:account_id}/held/replay",
    auth=needs(Right.START_LIST_SYNC),
    response=answers(ReplayFacts, status=HTTPStatus.ACCEPTED, refusals=(400, 409, 422)),
)
def replay_held(request: ApiRequest, account_id: int, choice: Choice) -> Status[ReplayFacts]:
    """Decide held records once more, with the mappings and lists as they are now.

    Records of a sync type that the token may not start are left as they are.
    """
    account = enabled_account_of(account_id)
    role = Role(request.auth.role)
    allowed = [key for key in SYNC_TYPES if role_may(role, right_to_run(key))]
    held, asked = _chosen(account, choice)
    done = replay(account, held, actor_of(request), asked=asked, sync_types=allowed)
    runs = [run_facts(run_of(run.key)) for run in done.runs]
    return Status(HTTPStatus.ACCEPTED, ReplayFacts(records=done.records, runs=runs))


def _chosen(account: EmailAccount, choice: Choice) -> tuple[QuerySet[Held], Mapping[str, object]]:
    """The records that are meant, and how to tell the admin log."""
    asked = {name: value for name, value in choice.dict().items() if value}
    if not asked:
        raise ApiError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "nothing_chosen",
            "The body says not which records to replay.",
            'Give ids, a reason or an address; {"all": true} replays all.',
        )
    held = held_records(account, reason=choice.reason, address=choice.address.strip().lower())
    return held.filter(pk__in=choice.ids) if choice.ids else held, asked


def held_facts(row: Held) -> HeldFacts:
    return HeldFacts(
        id=row.pk,
        sync_type=row.sync_type,
        address=address_of(row.person_key),
        entity=row.entity,
        record_id=row.record_id,
        reason=reason_facts(row.reason),
        detail=row.detail,
        vendor_code=row.vendor_code,
        run=row.run.key if row.run else None,
        since=row.since,
    )
