"""Which lists of an account are meant: by name, activated or all."""

from django.db.models import QuerySet

from syncline.accounts.models import EmailAccount
from syncline.lists.models import MarketingList


def lists_of(
    account: EmailAccount, *, activated_only: bool = False, name: str = ""
) -> QuerySet[MarketingList]:
    """In the order in which they are synced; those that are gone from Dynamics come last."""
    found = MarketingList.objects.filter(account=account)
    if activated_only:
        found = found.filter(activated=True)
    if name:
        found = found.filter(name__icontains=name)
    return found.order_by("-active", "-activated", "sync_order", "name", "pk")


def syncable(account: EmailAccount) -> QuerySet[MarketingList]:
    """Lists that a sync would look at."""
    return MarketingList.objects.filter(account=account, activated=True, active=True)
