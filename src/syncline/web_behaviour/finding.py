"""Looking through visits."""

from datetime import datetime

from django.db.models import QuerySet

from syncline.accounts.models import EmailAccount
from syncline.web_behaviour.models import WebVisit


def visits_of(
    account: EmailAccount, *, address: str = "", since: datetime | None = None
) -> QuerySet[WebVisit]:
    """The latest first. `address`: part of it, upper and lower case alike; `since`: begun then or later."""
    found = WebVisit.objects.filter(account_id=account.pk)
    if address:
        found = found.filter(person_key__contains=address.lower())
    if since is not None:
        found = found.filter(started_at__gte=since)
    return found.order_by("-started_at", "row_id")


def count_visits(account: EmailAccount) -> int:
    return WebVisit.objects.filter(account_id=account.pk).count()
