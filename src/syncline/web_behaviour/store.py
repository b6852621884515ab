"""Reads and writes of page views and visits. Nothing here commits: the step that calls does."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db.models import F

from syncline.web_behaviour.models import WebPageView, WebVisit
from syncline.web_behaviour.visits import IDLE

TABLES: Final = (WebVisit, WebPageView)


def views_known(account_id: int, row_ids: Sequence[str]) -> dict[str, WebPageView]:
    rows = WebPageView.objects.filter(account_id=account_id, row_id__in=row_ids)
    return {row.row_id: row for row in rows}


def visits_near(
    account_id: int, contact_ids: Collection[int], first: datetime, last: datetime
) -> list[WebVisit]:
    """Visits of these contacts that a page view between the two moments may belong to."""
    return list(
        WebVisit.objects.filter(
            account_id=account_id,
            contact_id__in=contact_ids,
            started_at__lte=last + IDLE,
            ended_at__gte=first - IDLE,
        ).order_by("started_at", "row_id")
    )


def views_of(account_id: int, visit_rows: Collection[str]) -> list[WebPageView]:
    """All page views of these visits, in order."""
    rows = WebPageView.objects.filter(account_id=account_id, visit_row__in=visit_rows)
    return list(rows.order_by("visit_row", "viewed_at", "row_id"))


def keys_seen(account_id: int, contact_ids: Collection[int]) -> dict[int, str]:
    """Contact → key under which earlier visits of theirs are kept."""
    rows = WebVisit.objects.filter(account_id=account_id, contact_id__in=contact_ids)
    return dict(rows.values_list("contact_id", "person_key").distinct())


def save_views(rows: Iterable[WebPageView]) -> None:
    """What Dynamics was told of those that are known stays."""
    WebPageView.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account_id", "row_id"],
        update_fields=[
            "person_key", "digest", "visit_row", "viewed_at", "title", "url", "minutes", "site", "user_agent",
            "ip",
        ],
    )  # fmt: skip


def save_visits(rows: Iterable[WebVisit]) -> None:
    """What Dynamics was told of those that are known stays."""
    WebVisit.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account_id", "row_id"],
        update_fields=[
            "person_key", "digest", "contact_id", "started_at", "ended_at", "pages", "entry_title",
            "entry_url", "site", "user_agent", "ip",
        ],
    )  # fmt: skip


def people_held(account_id: int, keys: Collection[str]) -> set[str]:
    """Those of the people of whom Dynamics refused a row as it is."""
    return {
        key
        for table in TABLES
        for key in table._default_manager.filter(
            account_id=account_id, person_key__in=list(keys), digest=F("refused_digest")
        )
        .values_list("person_key", flat=True)
        .distinct()
    }


def try_again(account_id: int, keys: Collection[str]) -> None:
    """Let the next run try the refused rows of these people once more."""
    for table in TABLES:
        rows = table._default_manager.filter(account_id=account_id, person_key__in=list(keys))
        rows.exclude(refused_digest="").update(refused_digest="")


def count_told(account_id: int, key: str) -> int:
    """How many visits of this person Dynamics holds."""
    rows = WebVisit.objects.filter(account_id=account_id, person_key=key)
    return rows.exclude(told_digest="").count()
