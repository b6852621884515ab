"""Suppressions, and asking Dotdigital to bring somebody back."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from syncline.accounts.clients import dotdigital_for_somebody_waiting
from syncline.accounts.rights import Right
from syncline.api.body import Body
from syncline.api.errors import ApiError, answers
from syncline.api.finding import account_of, list_of
from syncline.api.guard import ApiRequest, actor_of, needs
from syncline.api.paging import MOST, TEXT, USUAL, Page
from syncline.consent.gate import is_deliverable
from syncline.consent.ledger import Source
from syncline.consent.models import Suppression
from syncline.consent.resubscribe import LONGEST_EVIDENCE, RefusedError, Wish, ask
from syncline.consent.resubscriptions import Ground
from syncline.consent.suppressing import LONGEST_NOTE, MOST_ADDRESSES, Asked, suppress
from syncline.consent.suppression_list import SuppressionSearch, suppressions_page
from syncline.consent.suppression_reasons import reason_of

router = Router(tags=["Suppressions"])


class SuppressionFacts(Schema):
    """An address that is not mailed."""

    address: str = Field(examples=["bob@contoso.example"])
    reason: str = Field(description="Dotdigital's, or `asked` or `accepted`.", examples=["hardBounced"])
    words: str
    since: datetime
    suppressed_by: str = Field(description="Empty where it came from Dotdigital.")
    note: str


class SuppressionQuestion(Schema):
    address: str = Field("", max_length=320, pattern=TEXT, description="Or the beginning of one.")
    reason: str = Field("", max_length=32, pattern=TEXT, examples=["hardBounced"])
    after: str = Field("", max_length=320, pattern=TEXT, description="The `next` of the page before.")
    limit: int = Field(USUAL, ge=1, le=MOST)


class Addresses(Body):
    """Whom to suppress."""

    addresses: list[str] = Field(min_length=1, max_length=MOST_ADDRESSES, examples=[["bob@contoso.example"]])
    note: str = Field("", max_length=LONGEST_NOTE, pattern=TEXT, description="Who asked for it, and how.")


class SuppressedFacts(Schema):
    """What became of each address. All of them are stopped here."""

    accepted: list[str] = Field(description="Dotdigital has suppressed them.")
    known: list[str] = Field(description="Were on the list already.")
    refused: dict[str, str] = Field(description="Dotdigital takes no contact for them; its words.")
    waiting: list[str] = Field(description="Dotdigital has not confirmed them: ask again.")


class ResubscribeWish(Body):
    """That somebody asked to come back."""

    address: str = Field(max_length=320, pattern=TEXT, examples=["bob@contoso.example"])
    ground: Literal["written", "spoken", "form"]
    evidence: str = Field(min_length=1, max_length=LONGEST_EVIDENCE, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")
    list_id: int | None = Field(
        None, ge=1, lt=2**63, description="The one list that they left, by its `id`; else all of the account."
    )
    asked_themselves: bool = Field(json_schema_extra={"const": True})


class ResubscribedFacts(Schema):
    """How it ended."""

    address: str
    state: str = Field(description="asked, added, challenged, refused or failed.", examples=["challenged"])
    words: str


@router.get(
    "/accounts/{int:account_id}/suppressions",
    auth=needs(Right.SEE),
    response=answers(Page[SuppressionFacts], refusals=(422,)),
)
def list_suppressions(
    request: HttpRequest, account_id: int, search: Query[SuppressionQuestion]
) -> dict[str, object]:
    """The account's suppression list, in the order of addresses."""
    wanted = SuppressionSearch(search.address.strip().lower(), search.reason)
    rows = suppressions_page(account_of(account_id).pk, wanted, search.limit, after=search.after)
    shown = rows[: search.limit]
    following = shown[-1].person_key if len(rows) > search.limit else None
    return {"items": [suppression_facts(row) for row in shown], "next": following}


@router.post(
    "/accounts/{int:account_id}/suppressions",
    auth=needs(Right.ADMINISTER),
    response=answers(SuppressedFacts, refusals=(400, 422)),
)
def suppress_addresses(request: ApiRequest, account_id: int, body: Addresses) -> SuppressedFacts:
    """Stop addresses here, and suppress them in Dotdigital."""
    account = account_of(account_id)
    addresses = list(dict.fromkeys(address.strip().lower() for address in body.addresses))
    if bad := [address for address in addresses if not is_deliverable(address)]:
        raise ApiError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "no_address",
            f"No e-mail address: {', '.join(bad[:5])}.",
            "Nothing was suppressed. Mend what is named.",
        )
    asked = Asked(addresses, actor_of(request), Source.API, body.note)
    done = suppress(account, asked, partial(dotdigital_for_somebody_waiting, account))
    return SuppressedFacts(
        accepted=done.accepted, known=done.known, refused=done.refused, waiting=done.waiting
    )


@router.post(
    "/accounts/{int:account_id}/resubscriptions",
    auth=needs(Right.ADMINISTER),
    response=answers(ResubscribedFacts, refusals=(400, 409, 422, 502, 503)),
)
def resubscribe(request: ApiRequest, account_id: int, body: ResubscribeWish) -> ResubscribedFacts:
    """Have Dotdigital ask somebody who asked to come back. They are back once they confirm it."""
    account = account_of(account_id)
    listed = list_of(account, body.list_id) if body.list_id is not None else None
    address = body.address.strip().lower()
    try:
        if not body.asked_themselves:
            raise RefusedError("Only the person themselves can ask.", "Confirm it with asked_themselves.")
        wish = Wish(
            address,
            Ground(body.ground),
            body.evidence,
            actor_of(request),
            list_id=listed.pk if listed else None,
            book_id=listed.address_book_id if listed else None,
        )
        answer = ask(account, wish, partial(dotdigital_for_somebody_waiting, account))
    except RefusedError as refused:
        raise ApiError(HTTPStatus.CONFLICT, "not_asked", refused.message, refused.remedy) from refused
    return ResubscribedFacts(address=address, state=answer.state.value, words=answer.words)


def suppression_facts(row: Suppression) -> SuppressionFacts:
    return SuppressionFacts(
        address=row.person_key,
        reason=row.reason,
        words=reason_of(row.reason).words,
        since=row.since,
        suppressed_by=row.asked_by,
        note=row.note,
    )
