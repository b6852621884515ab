"""Which campaigns of an account are meant: by name, level, and whether they were sent or have a problem."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import F, Q, QuerySet

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.models import EmailAccount
from syncline.campaigns.models import Campaign, has_level


class Which(StrEnum):
    SENT = "sent"
    PROBLEM = "problem"
    ALL = "all"


@dataclass(frozen=True)
class CampaignSearch:
    which: Which = Which.ALL
    name: str = ""
    """A part of its name or subject."""
    level: CampaignLevel | None = None
    """The level in force, be it the campaign's own or the account's."""


def campaigns_of(account: EmailAccount, search: CampaignSearch) -> QuerySet[Campaign]:
    """Newest first; those that were never sent come last. Without what Dynamics was told, which is long."""
    found = Campaign.objects.filter(account=account).select_related("account").defer("told")
    if search.which is Which.SENT:
        found = found.filter(sent_at__isnull=False)
    elif search.which is Which.PROBLEM:
        found = found.exclude(problem="")
    if search.name:
        found = found.filter(
            Q(name__icontains=search.name) | Q(header__syncline_subject__icontains=search.name)
        )
    if search.level is not None:
        found = found.filter(has_level(search.level))
    return found.order_by(F("sent_at").desc(nulls_last=True), "-pk")


def count_of(account: EmailAccount) -> dict[Which, int]:
    """How many campaigns each of these would find."""
    return {which: campaigns_of(account, CampaignSearch(which)).count() for which in Which}
