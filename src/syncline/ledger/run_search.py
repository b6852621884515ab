"""Finding runs, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from syncline.accounts.models import EmailAccount
from syncline.ledger.models import Approval, Run


@dataclass(frozen=True, kw_only=True)
class RunFilter:
    """Which runs somebody asks for; an empty text or None asks for all."""

    sync_type: str = ""
    status: str = ""
    purpose: str = ""
    started_from: datetime | None = None
    started_before: datetime | None = None
    """A run that has not started counts by when it was asked for."""


def find_runs(account: EmailAccount, wanted: RunFilter) -> QuerySet[Run]:
    exact = {"sync_type": wanted.sync_type, "status": wanted.status, "purpose": wanted.purpose}
    found = Run.objects.filter(account=account, **{name: value for name, value in exact.items() if value})
    if wanted.started_from:
        found = _started(found, "gte", wanted.started_from)
    if wanted.started_before:
        found = _started(found, "lt", wanted.started_before)
    return found.select_related("subject").defer("position", "subject__position").order_by("-pk")


def find_plans(account: EmailAccount, wanted: RunFilter) -> QuerySet[Run]:
    """Runs that were asked for as plans, and those that the fuse made one of."""
    return find_runs(account, wanted).filter(Q(plan_only=True) | ~Q(approval=Approval.NONE))


def _started(found: QuerySet[Run], comparison: str, at: datetime) -> QuerySet[Run]:
    return found.filter(
        Q(**{f"started_at__{comparison}": at})
        | Q(**{f"queued_at__{comparison}": at}, started_at__isnull=True)
    )
