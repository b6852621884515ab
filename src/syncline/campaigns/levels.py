"""How much is synced of single email campaigns."""

from collections.abc import Collection

from django.db import transaction

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.models import EmailAccount
from syncline.campaigns.models import Campaign


class UnknownCampaignsError(Exception):
    """None of the account's campaigns has these numbers, as far as the last sync has seen them."""

    def __init__(self, numbers: Collection[int]) -> None:
        super().__init__(f"No campaign is known with the number {', '.join(map(str, sorted(numbers)))}.")
        self.what_to_do = "Run the Email campaigns sync first, then look at the numbers it shows."


@transaction.atomic
def set_levels(
    account: EmailAccount, numbers: Collection[int], level: CampaignLevel | None, *, by: Actor
) -> int:
    """Give campaigns, by Dotdigital's numbers, a level of their own; None: the account's from now on. Returns
    how many had another one. What Dynamics holds already stays there.

    Raises UnknownCampaignsError, and then changes none.
    """
    wanted = set(numbers)
    rows = list(Campaign.objects.select_for_update().filter(account=account, campaign_id__in=wanted))
    if unknown := wanted - {row.campaign_id for row in rows}:
        raise UnknownCampaignsError(unknown)
    changed = [row for row in rows if row.level != (level or "")]
    for row in changed:
        before, row.level = row.level, level or ""
        row.save(update_fields=["level"])
        record_change(
            by,
            account,
            "level of an email campaign",
            {f"campaign {row.campaign_id}": before},
            {f"campaign {row.campaign_id}": row.level},
        )
    return len(changed)
