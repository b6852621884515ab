"""Addresses on Dotdigital's suppression list, as last read."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from syncline import bulk
from syncline.consent.ledger import Change, Source, What, record
from syncline.consent.models import Suppression
from syncline.consent.suppression_reasons import ASKED


def save(
    account_id: int,
    rows: Sequence[tuple[str, str, datetime]],
    *,
    source: Source = Source.DOTDIGITAL,
    actor: str = "",
    run_id: int | None = None,
) -> list[str]:
    """Store rows of (address, reason, since), and what is new in the ledger. Returns the addresses that are
    new or have another reason now.
    """
    latest = {key: (reason, since) for key, reason, since in rows}
    known = _reasons(account_id, list(latest))
    fresh = [key for key, (reason, _) in latest.items() if known.get(key) != reason]
    stored = connection.ops.adapt_datetimefield_value
    bulk.upsert(
        "consent_suppression",
        ("account_id", "person_key"),
        ("reason", "since"),
        [(account_id, key, reason, stored(since)) for key, (reason, since) in latest.items()],
    )
    record(
        Change(
            account_id,
            key,
            latest[key][1],
            What.SUPPRESSION,
            known.get(key, ""),
            latest[key][0],
            source,
            actor=actor,
            run_id=run_id,
        )
        for key in fresh
    )
    return fresh


def _reasons(account_id: int, keys: Sequence[str]) -> dict[str, str]:
    """Plain SQL, for every page of contacts that is read comes by here."""
    if not keys:
        return {}
    rows = bulk.fetch(
        "SELECT person_key, reason FROM consent_suppression "  # noqa: S608
        f"WHERE account_id = %s AND person_key IN {bulk.given()}",
        [account_id, bulk.pack(keys)],
    )
    return dict(rows)


def asked_after(account_id: int, after: str, limit: int) -> list[str]:
    """The next addresses suppressed by a person here, of which Dotdigital has not said that it did."""
    rows = Suppression.objects.filter(account_id=account_id, reason=ASKED, person_key__gt=after)
    return list(rows.order_by("person_key").values_list("person_key", flat=True)[:limit])


def among(account_id: int, keys: Sequence[str]) -> set[str]:
    """Those of the addresses that are on the list."""
    return set(_reasons(account_id, keys))


def lift(
    account_id: int, subscribed: Iterable[tuple[str, datetime]], *, run_id: int | None = None
) -> list[str]:
    """Forget suppressions of people whom Dotdigital shows as subscribed again since. Returns their addresses.

    Rows are (address, when the contact was last updated). Only Dotdigital's own later word lifts one: a
    contact read as subscribed before it was suppressed stays suppressed. So does one that a person here had
    suppressed and Dotdigital has not confirmed: it may well be subscribed there still.
    """
    updated = dict(subscribed)
    listed = _reasons(account_id, list(updated))
    if not listed:
        return []
    mine = Suppression.objects.filter(account_id=account_id, person_key__in=list(listed))
    lifted = [row for row in mine.exclude(reason=ASKED) if updated[row.person_key] > row.since]
    if not lifted:
        return []
    keys = [row.person_key for row in lifted]
    Suppression.objects.filter(account_id=account_id, person_key__in=keys).delete()
    record(
        Change(
            account_id,
            row.person_key,
            updated[row.person_key],
            What.SUPPRESSION,
            row.reason,
            "",
            Source.DOTDIGITAL,
            evidence={"suppressed_since": row.since.isoformat()},
            run_id=run_id,
        )
        for row in lifted
    )
    return keys
