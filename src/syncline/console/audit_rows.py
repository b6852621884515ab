"""The Sync Audit's rows: which runs, filtered how."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils import timezone

from syncline.accounts.models import EmailAccount
from syncline.console.purposes import is_plan, purpose_of, subject_words
from syncline.console.run_message import RunMessage, message_of
from syncline.console.sync_types import audit_name_of, name_of
from syncline.ledger.models import Run, RunPart, RunStatus

NAMES_SHOWN = 3

STATUSES = (
    RunStatus.RUNNING,
    RunStatus.COMPLETED,
    RunStatus.COMPLETED_WITH_ERRORS,
    RunStatus.FAILED,
    RunStatus.CANCELLED,
    RunStatus.WAITING,
)


@dataclass(frozen=True)
class Search:
    """What the search panel asks for. Times are in the account's zone, as they were typed."""

    start: str = ""
    end: str = ""
    sync_type: str = ""
    status: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.start or self.end or self.sync_type or self.status)


@dataclass(frozen=True)
class AuditRow:
    """One line of the audit."""

    run: Run
    type_name: str
    audit_type: str
    part_names: list[str]
    more_parts: int
    message: RunMessage | None
    purpose: str
    """Badge code; empty for a sync like any other."""
    about: str
    """How it stands to another run, in words; empty where it does not."""
    has_plan: bool

    @property
    def shown_at(self) -> datetime:
        return self.run.started_at or self.run.queued_at


def found_runs(account: EmailAccount, search: Search) -> QuerySet[Run]:
    """The runs that are kept and match, newest first; one that still waits is not among them."""
    oldest = timezone.now() - timedelta(days=settings.RUN_RETENTION_DAYS)
    runs = Run.objects.filter(account=account).exclude(status=RunStatus.QUEUED)
    runs = _started(runs, "gte", max(oldest, _parsed(search.start, account) or oldest))
    end = _parsed(search.end, account)
    if end:
        # The field has minutes, and a run that started within the last of them is meant too.
        runs = _started(runs, "lt", end + timedelta(minutes=1))
    if search.sync_type:
        runs = runs.filter(sync_type=search.sync_type)
    if search.status in STATUSES:
        runs = runs.filter(status=search.status)
    return (
        runs.defer("position")
        .annotate(shown_at=Coalesce("started_at", "queued_at"))
        .order_by("-shown_at", "-pk")
    )


def audit_rows(runs: Sequence[Run]) -> list[AuditRow]:
    names = RunPart.objects.only("run_id", "name").order_by("id")
    prefetch_related_objects(runs, Prefetch("parts", queryset=names))
    rows = []
    for run in runs:
        parts = list(dict.fromkeys(part.name for part in run.parts.all()))
        rows.append(
            AuditRow(
                run=run,
                type_name=name_of(run.sync_type),
                audit_type=audit_name_of(run.sync_type),
                part_names=parts[:NAMES_SHOWN],
                more_parts=max(len(parts) - NAMES_SHOWN, 0),
                message=message_of(run),
                purpose=purpose_of(run),
                about=subject_words(run),
                has_plan=is_plan(run),
            )
        )
    return rows


def problem_with(search: Search, account: EmailAccount) -> str:
    """What is wrong with the times of a search, in words; empty when nothing is."""
    for text in (search.start, search.end):
        if text and _parsed(text, account) is None:
            return f"{text!r} is not a date and time. Write it like 2026-05-31T18:30."
    start, end = _parsed(search.start, account), _parsed(search.end, account)
    if start and end and start > end:
        return "The search ends before it starts. Exchange the two times."
    return ""


def _started(runs: QuerySet[Run], comparison: str, at: datetime) -> QuerySet[Run]:
    """By start; a run that was cancelled before it started counts by when it was asked for."""
    return runs.filter(
        Q(**{f"started_at__{comparison}": at})
        | Q(**{f"queued_at__{comparison}": at}, started_at__isnull=True)
    )


def _parsed(text: str, account: EmailAccount) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(account.time_zone)) if text else None
    except ValueError:
        return None
