"""Addresses on Dotdigital's suppression list, as last read."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from syncline.consent.models import Suppression


def save(account_id: int, rows: Sequence[tuple[str, str, datetime]]) -> list[str]:
    """Store rows of (address, reason, since). Returns the addresses that are new or have another reason
    now.
    """
    latest = {key: (reason, since) for key, reason, since in rows}
    known = {
        row.person_key: row.reason
        for row in Suppression.objects.filter(account_id=account_id, person_key__in=list(latest))
    }
    fresh = [key for key, (reason, _) in latest.items() if known.get(key) != reason]
    Suppression.objects.bulk_create(
        [
            Suppression(account_id=account_id, person_key=key, reason=reason, since=since)
            for key, (reason, since) in latest.items()
        ],
        update_conflicts=True,
        unique_fields=["account_id", "person_key"],
        update_fields=["reason", "since"],
    )
    return fresh


def among(account_id: int, keys: Sequence[str]) -> set[str]:
    """Those of the addresses that are on the list."""
    rows = Suppression.objects.filter(account_id=account_id, person_key__in=keys)
    return set(rows.values_list("person_key", flat=True))


def lift(account_id: int, subscribed: Iterable[tuple[str, datetime]]) -> list[str]:
    """Forget suppressions of people whom Dotdigital shows as subscribed again since. Returns their addresses.

    Rows are (address, when the contact was last updated). Only Dotdigital's own later word lifts one: a
    contact read as subscribed before it was suppressed stays suppressed.
    """
    lifted = []
    updated = dict(subscribed)
    for row in Suppression.objects.filter(account_id=account_id, person_key__in=list(updated)):
        if updated[row.person_key] > row.since:
            lifted.append(row.person_key)
            row.delete()
    return lifted
