"""What the ledger tells of one person's consent."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from syncline.accounts.rights import Right
from syncline.api.errors import answers
from syncline.api.explaining import ADDRESS
from syncline.api.guard import needs
from syncline.syncs.consent_export import Format, signed
from syncline.syncs.consent_history import history

router = Router(tags=["People"])


class ConsentEventFacts(Schema):
    """One change of consent."""

    number: int
    at: datetime = Field(description="When it happened, as far as its source tells; else when it was seen.")
    recorded_at: datetime
    account: str
    what: str = Field(examples=["suppression"])
    before: str
    after: str
    source: str = Field(examples=["dotdigital"])
    actor: str
    list_name: str
    evidence: dict[str, Any]
    run: int | None


class ConsentHistoryFacts(Schema):
    """Everything that is kept of one address, in all accounts, in the order in which it happened."""

    address: str
    erased_at: datetime | None = Field(description="When the person was erased here; else null.")
    events: list[ConsentEventFacts]
    document: str = Field(
        description="The same as a signed file: written down as it is, `syncline consent verify` accepts it."
    )


class AskedHistory(Schema):
    address: str = Field(max_length=320, pattern=ADDRESS, examples=["bob@contoso.example"])
    format: Format = Field("json", description="Of the document.")


@router.get(
    "/consent-history",
    auth=needs(Right.SEE),
    response=answers(ConsentHistoryFacts, refusals=(422,)),
)
def consent_history(request: HttpRequest, asked: Query[AskedHistory]) -> ConsentHistoryFacts:
    """The whole history of a person's consent, also of somebody who was erased. Asks no vendor."""
    told = history(asked.address)
    return ConsentHistoryFacts(
        address=told.address,
        erased_at=told.erased_at,
        events=[ConsentEventFacts(**asdict(entry)) for entry in told.entries],
        document=signed(told, asked.format).decode(),
    )
