"""Links to the page of one contact or lead, for a form of Dynamics that shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from syncline.accounts.record_links import GOOD_FOR, LinkedRecord, link_text
from syncline.accounts.rights import Right
from syncline.api.errors import answers
from syncline.api.finding import account_of
from syncline.api.guard import needs

router = Router(tags=["Record page"])


class WantedRecord(Schema):
    table: Literal["contact", "lead"]
    record_id: UUID = Field(description="The row's id in Dynamics.")


class RecordLink(Schema):
    """The address of a page that needs no sign-in."""

    url: str
    expires_at: datetime = Field(description="From then on it opens nothing.")


@router.post(
    "/accounts/{int:account_id}/record-links",
    auth=needs(Right.SEE),
    response=answers(RecordLink, refusals=(400, 422)),
)
def link_to_record(request: HttpRequest, account_id: int, body: WantedRecord) -> RecordLink:
    """A signed link to one record's page, good for five minutes, that pages of the account's Dynamics
    environment may show in a frame.

    Nobody is asked whether there is such a record: the page says so where there is none.
    """
    record = LinkedRecord(account_of(account_id).pk, body.table, str(body.record_id))
    # Behind a proxy the call itself may have come without TLS.
    scheme = "https" if settings.ENVIRONMENT.https else request.scheme
    path = reverse("record", args=[link_text(record)])
    return RecordLink(url=f"{scheme}://{request.get_host()}{path}", expires_at=timezone.now() + GOOD_FOR)
