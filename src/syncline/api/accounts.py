"""Accounts, and the sync types of each."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.models import EmailAccount
from syncline.accounts.rights import Right
from syncline.api.errors import answers
from syncline.api.finding import account_of
from syncline.api.guard import needs
from syncline.api.paging import Page, Paging, page
from syncline.syncs.registry import SYNC_TYPES

router = Router(tags=["Accounts"])


class AccountFacts(Schema):
    """One connected Dotdigital account and its Dynamics environment. Never a secret."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["Contoso"])
    description: str
    owner: str = Field(description="The Dotdigital account's main e-mail address.")
    default: bool
    disabled: bool = Field(description="True: none of its syncs run.")
    campaign_level: CampaignLevel = Field(
        description="How much is synced of email campaigns without a level of their own."
    )
    time_zone: str = Field(description="IANA name.", examples=["Europe/London"])
    dynamics: str = Field(examples=["https://contoso.crm4.dynamics.com"])
    dotdigital: str = Field(examples=["https://r1-api.dotdigital.com"])
    added_at: datetime


class SyncTypeFacts(Schema):
    """One kind of sync."""

    key: str = Field(examples=["lists_out"])
    name: str = Field(examples=["Two-way marketing list sync"])
    description: str


@router.get("/accounts", auth=needs(Right.SEE), response=answers(Page[AccountFacts], refusals=(422,)))
def list_accounts(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """All accounts, in the order in which they were added."""
    rows = EmailAccount.objects.filter(pk__gt=paging.start).order_by("pk")[: paging.limit + 1]
    return page(rows, paging.limit, account_facts)


@router.get("/accounts/{int:account_id}", auth=needs(Right.SEE), response=answers(AccountFacts))
def get_account(request: HttpRequest, account_id: int) -> AccountFacts:
    """One account."""
    return account_facts(account_of(account_id))


@router.get(
    "/accounts/{int:account_id}/sync-types", auth=needs(Right.SEE), response=answers(list[SyncTypeFacts])
)
def list_sync_types(request: HttpRequest, account_id: int) -> list[SyncTypeFacts]:
    """The kinds of sync that the account can run."""
    account_of(account_id)
    return [
        SyncTypeFacts(key=one.key, name=one.name, description=one.description) for one in SYNC_TYPES.values()
    ]


def account_facts(account: EmailAccount) -> AccountFacts:
    return AccountFacts(
        id=account.pk,
        name=account.name,
        description=account.description,
        owner=account.owner,
        default=account.is_default,
        disabled=account.disabled,
        campaign_level=CampaignLevel(account.campaign_level),
        time_zone=account.time_zone,
        dynamics=account.dataverse_url,
        dotdigital=account.dotdigital_url,
        added_at=account.created_at,
    )
