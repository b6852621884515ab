"""Marketing lists."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from syncline.accounts.rights import Right
from syncline.api.errors import answers
from syncline.api.finding import account_of
from syncline.api.guard import needs
from syncline.api.paging import Page, Paging, page
from syncline.lists.models import MarketingList, MembershipAction
from syncline.mapping.models import Entity

router = Router(tags=["Marketing lists"])


class ListFacts(Schema):
    """A marketing list of Dynamics, its settings, and the Dotdigital list that it is joined to."""

    id: int = Field(description="Its id here, for `lists` of a sync.", examples=[3])
    list_id: str = Field(
        description="`listid` in Dynamics.", examples=["0b0a1c2e-0000-4000-8000-000000000001"]
    )
    name: str = Field(examples=["Newsletter"])
    members: Entity = Field(description="What its members are.")
    dynamic: bool
    active: bool = Field(description="False: deactivated or deleted in Dynamics.")
    activated: bool = Field(description="Activated for Email.")
    manual_only: bool
    sync_order: int
    membership_action: MembershipAction
    dotdigital_list: int | None
    audience: dict[str, int] = Field(
        description="Counts: members, targets, no_address, unsubscribed and the like. Empty before a sync."
    )
    audience_counted_at: datetime | None = Field(
        description="When that was; a large list is not counted at every sync."
    )
    last_synced_at: datetime | None
    last_result: str
    problem: str = Field(description="Why it cannot be synced at the moment; empty when it can.")


class ListSearch(Paging):
    activated: bool | None = Field(None, description="Only those that are, or are not, activated for email.")


@router.get(
    "/accounts/{int:account_id}/lists",
    auth=needs(Right.SEE),
    response=answers(Page[ListFacts], refusals=(422,)),
)
def list_marketing_lists(
    request: HttpRequest, account_id: int, search: Query[ListSearch]
) -> dict[str, object]:
    """The account's marketing lists, as the last sync has seen them."""
    rows = MarketingList.objects.filter(account=account_of(account_id), pk__gt=search.start)
    if search.activated is not None:
        rows = rows.filter(activated=search.activated)
    return page(rows.order_by("pk")[: search.limit + 1], search.limit, list_facts)


def list_facts(one: MarketingList) -> ListFacts:
    counts = dict(one.audience)
    counted_at = counts.pop("counted_at", None)
    return ListFacts(
        id=one.pk,
        list_id=one.list_id,
        name=one.name,
        members=Entity(one.entity),
        dynamic=one.dynamic,
        active=one.active,
        activated=one.activated,
        manual_only=one.manual_only,
        sync_order=one.sync_order,
        membership_action=MembershipAction(one.membership_action),
        dotdigital_list=one.address_book_id,
        audience=counts,
        audience_counted_at=counted_at,
        last_synced_at=one.last_synced_at,
        last_result=one.last_result,
        problem=one.problem,
    )
