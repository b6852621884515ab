"""Manual Sync Only: a static list that nobody used for 90 days is left out of scheduled syncs.

Used is a list whose members came or went on either side, whose settings a person changed, or that somebody
synced by hand, by its name.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from syncline.accounts.models import EmailAccount
from syncline.lists.models import MarketingList

UNUSED_FOR: Final = timedelta(days=90)


def mark_used(list_ids: Iterable[int], now: datetime) -> None:
    ids = list(list_ids)
    if ids:
        MarketingList.objects.filter(pk__in=ids).update(used_at=now)


def wake(account: EmailAccount, list_ids: Iterable[int], now: datetime) -> None:
    """Lists that somebody syncs by hand are in use again."""
    MarketingList.objects.filter(account=account, pk__in=list(list_ids)).update(
        manual_only=False, used_at=now
    )


def put_to_rest(account: EmailAccount, now: datetime) -> list[MarketingList]:
    """Turn Manual Sync Only what was not used for so long. For a list that is new here the time begins."""
    lists = MarketingList.objects.filter(account=account, activated=True, active=True, manual_only=False)
    lists.filter(used_at=None).update(used_at=now)
    unused = list(lists.filter(dynamic=False, used_at__lt=now - UNUSED_FOR).order_by("sync_order", "name"))
    MarketingList.objects.filter(pk__in=[row.pk for row in unused]).update(manual_only=True)
    return unused
