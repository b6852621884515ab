"""Why somebody is or is not synced."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from syncline.accounts.rights import Right
from syncline.api.errors import answers
from syncline.api.finding import account_of
from syncline.api.guard import needs
from syncline.ledger.models import Outcome
from syncline.syncs.marketing_lists.explain import explain
from syncline.syncs.marketing_lists.explained import Asked as Gate
from syncline.syncs.marketing_lists.explained import Explanation, HeldTold, SyncTold

router = Router(tags=["People"])

ADDRESS: Final = r"^[^\s@\x00]+@[^\s@\x00]+$"


class TargetFacts(Schema):
    """What decides a question: a record in Dynamics, a list, the account, a mapping, another address, or a
    run.
    """

    kind: str = Field(examples=["record"])
    name: str
    reference: str = Field(
        description="A record's id, a list's or account's number, a run's key, an address."
    )
    entity: str = Field(description="Table of a record, or of a mapping's columns; else empty.")


class GateFacts(Schema):
    """One question on the way from one side to the other."""

    code: str = Field(examples=["suppressed"])
    question: str
    open: bool = Field(description="False: this keeps the person from being synced.")
    words: str = Field(description="Why it is shut; empty where it is open.")
    remedy: str
    targets: list[TargetFacts]


class VerdictFacts(Schema):
    """What the next sync would do about one place in a list, and why."""

    list_name: str
    record_name: str
    entity: str = Field(examples=["contact"])
    verdict: str
    passes: bool = Field(description="False: the person is left out.")
    code: str
    reason: str
    remedy: str
    targets: list[TargetFacts]


class ValueFacts(Schema):
    """A value that would be written."""

    field: str
    old: Any
    new: Any
    where: str = Field(description="The record in Dynamics, or Dotdigital.")


class LastFacts(Schema):
    """The last thing that a sync did or decided about the person, of those that are kept."""

    at: datetime
    result: str = Field(examples=["updated"])
    detail: str
    run: TargetFacts


class SyncFacts(Schema):
    """One sync type's view of the person."""

    sync_type: str = Field(examples=["lists_out"])
    conclusion: str
    gates: list[GateFacts]
    lists: list[VerdictFacts]
    values: list[ValueFacts]
    last: LastFacts | None = Field(description="None: no run that is kept had to do with the person.")


class KnownRecordFacts(Schema):
    """A Dynamics record with the address."""

    entity: str
    record_id: str
    name: str
    marks: list[str] = Field(examples=[["Do Not Bulk Email"]])
    lists: list[str]
    was_read: bool = Field(description="False: no sync has read it yet; Dynamics was asked now.")


class HeldBefore(Schema):
    """What one side refused of the person."""

    sync_type: str
    reason: str
    remedy: str
    detail: str
    since: datetime


class PastFacts(Schema):
    """What became of the person in an earlier run."""

    at: datetime
    run: int = Field(description="The run's number.")
    list_name: str
    result: str
    reason: str
    detail: str


class ExplanationFacts(Schema):
    """Everything that bears on one address."""

    address: str
    conclusion: str = Field(description="The first thing to know.")
    unasked: list[str] = Field(description="What could not be asked of a vendor, in words.")
    records: list[KnownRecordFacts]
    dotdigital: str = Field(description="What Dotdigital says of it.")
    waits: bool = Field(description="Something changed since the last sync, so the next one looks.")
    syncs: list[SyncFacts]
    held: list[HeldBefore] = Field(description="What waits for somebody to mend it.")
    recent: list[PastFacts]


class Asked(Schema):
    address: str = Field(max_length=320, pattern=ADDRESS, examples=["bob@contoso.example"])


@router.get(
    "/accounts/{int:account_id}/explanation",
    auth=needs(Right.SEE),
    response=answers(ExplanationFacts, refusals=(422,)),
)
def explain_address(request: HttpRequest, account_id: int, asked: Query[Asked]) -> ExplanationFacts:
    """Every gate passed or failed, every list, and what happened before, for anybody, known or not.

    Asks both sides about whom no sync has read yet. Changes nothing.
    """
    return explanation_facts(explain(account_of(account_id), asked.address))


def explanation_facts(told: Explanation) -> ExplanationFacts:
    return ExplanationFacts(
        address=told.address,
        conclusion=told.conclusion,
        unasked=list(told.unasked),
        records=[KnownRecordFacts(**asdict(record)) for record in told.records],
        dotdigital=told.dotdigital,
        waits=told.waits,
        syncs=[_sync(one) for one in told.syncs],
        held=[_held(one) for one in told.held],
        recent=[_past(row) for row in told.recent],
    )


def _sync(told: SyncTold) -> SyncFacts:
    return SyncFacts(
        sync_type=told.key,
        conclusion=told.conclusion,
        gates=[_gate(gate) for gate in told.gates],
        lists=[VerdictFacts(**asdict(one)) for one in told.lists],
        values=[ValueFacts(**asdict(one)) for one in told.values],
        last=LastFacts(**asdict(told.last)) if told.last else None,
    )


def _gate(gate: Gate) -> GateFacts:
    facts = asdict(gate)
    return GateFacts(open=facts.pop("is_open"), **facts)


def _held(held: HeldTold) -> HeldBefore:
    facts = asdict(held)
    del facts["run"]
    return HeldBefore(**facts)


def _past(row: Outcome) -> PastFacts:
    return PastFacts(
        at=row.at,
        run=row.run_id,
        list_name=row.part.name if row.part else "",
        result=row.result,
        reason=row.reason,
        detail=row.detail,
    )
