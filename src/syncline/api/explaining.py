"""Why somebody is or is not synced."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from syncline.accounts.clients import new_dataverse_client, new_dotdigital_client
from syncline.accounts.rights import Right
from syncline.api.errors import answers
from syncline.api.finding import account_of
from syncline.api.guard import needs
from syncline.ledger.models import Outcome
from syncline.remote import Patience
from syncline.syncs.marketing_lists.explain import Explanation, explain

router = Router(tags=["People"])

FEW_TRIES: Final = Patience(patience_s=8.0, attempts=3)
"""A program waits for the answer."""
ADDRESS: Final = r"^[^\s@\x00]+@[^\s@\x00]+$"


class GateFacts(Schema):
    """One question of the consent gate."""

    code: str = Field(examples=["suppressed"])
    question: str
    open: bool = Field(description="False: this keeps the person from being sent.")


class VerdictFacts(Schema):
    """What the next sync would do about one membership, and why."""

    list_name: str
    record_name: str
    entity: str = Field(examples=["contact"])
    verdict: str
    reason: str
    remedy: str


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
    records: list[str] = Field(description="A sentence for each Dynamics record with the address.")
    dotdigital: str = Field(description="What Dotdigital says of it.")
    gates: list[GateFacts]
    lists: list[VerdictFacts]
    held: list[str] = Field(description="What waits for somebody to mend it.")
    recent: list[PastFacts]


class Asked(Schema):
    address: str = Field(max_length=320, pattern=ADDRESS, examples=["bob@contoso.example"])


@router.get(
    "/accounts/{int:account_id}/explanation",
    auth=needs(Right.SEE),
    response=answers(ExplanationFacts, refusals=(422, 502, 503)),
)
def explain_address(request: HttpRequest, account_id: int, asked: Query[Asked]) -> ExplanationFacts:
    """Every gate passed or failed, every list, and what happened before, for anybody, known or not.

    Asks both sides about whom no sync has read yet. Changes nothing.
    """
    account = account_of(account_id)
    with (
        closing(new_dataverse_client(account, patience=FEW_TRIES)) as dataverse,
        closing(new_dotdigital_client(account, patience=FEW_TRIES)) as dotdigital,
    ):
        return explanation_facts(explain(account, asked.address, dataverse, dotdigital))


def explanation_facts(told: Explanation) -> ExplanationFacts:
    return ExplanationFacts(
        address=told.address,
        conclusion=told.conclusion,
        records=told.records,
        dotdigital=told.dotdigital,
        gates=[
            GateFacts(code=gate.code, question=gate.question, open=is_open) for gate, is_open in told.gates
        ],
        lists=[
            VerdictFacts(
                list_name=one.list_name,
                record_name=one.record_name,
                entity=one.entity,
                verdict=one.verdict,
                reason=one.reason,
                remedy=one.remedy,
            )
            for one in told.lists
        ],
        held=told.held,
        recent=[_past(row) for row in told.recent],
    )


def _past(row: Outcome) -> PastFacts:
    return PastFacts(
        at=row.at,
        run=row.run_id,
        list_name=row.part.name if row.part else "",
        result=row.result,
        reason=row.reason,
        detail=row.detail,
    )
