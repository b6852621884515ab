"""What `/metrics` tells, measured in the database when it is asked for.

All are gauges. The Sync Audit is tidied after some weeks, so that a count of all its runs would fall one day,
which a Prometheus counter must not; what runs did is told of the last 24 hours instead.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Max, Min, QuerySet, Sum
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from syncline import __version__
from syncline.accounts.limits import Quota, digest_of
from syncline.accounts.models import CallWindow, EmailAccount
from syncline.accounts.quotas import (
    DATAVERSE_QUOTA,
    DOTDIGITAL_QUOTA,
    dataverse_principal,
    dotdigital_principal,
)
from syncline.engine.heartbeat import living_workers
from syncline.ledger.models import Approval, Held, Run, RunStatus
from syncline.schedule.models import SyncSchedule

LATELY: Final = timedelta(hours=24)
RECORDS: Final = ("created", "updated", "removed", "unchanged", "skipped", "rejected")
OF_A_TYPE: Final = ("account", "sync_type")


class Measured(Collector):
    """Every number, once. Accounts go by their names, sync types by their keys."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        yield _gauge("info", "Version of Syncline.", ("version",), [((__version__,), 1)])
        yield _one("workers_alive", "Workers that gave a sign of life lately.", living_workers())
        yield from _accounts()
        yield from _queue(now)
        yield from _lately(now)
        yield from _last_good_runs()
        yield _held()
        yield from _vendor_calls()


def _gauge(
    name: str, told: str, labels: tuple[str, ...], rows: list[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"syncline_{name}", told, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _one(name: str, told: str, number: float) -> GaugeMetricFamily:
    return _gauge(name, told, (), [((), number)])


def _accounts() -> Iterator[GaugeMetricFamily]:
    rows = EmailAccount.objects.values_list("name", "disabled")
    yield _gauge(
        "account_disabled",
        "1 for an account whose syncs are switched off.",
        ("account",),
        [((name,), float(disabled)) for name, disabled in rows],
    )


def _queue(now: datetime) -> Iterator[GaugeMetricFamily]:
    states = {RunStatus.QUEUED: "queued", RunStatus.RUNNING: "running"}
    counted = dict(
        Run.objects.filter(status__in=states).order_by().values_list("status").annotate(number=Count("pk"))
    )
    yield _gauge(
        "runs_under_way",
        "Runs in the queue, and runs in progress.",
        ("state",),
        [((word,), counted.get(status, 0)) for status, word in states.items()],
    )
    oldest = Run.objects.filter(status=RunStatus.QUEUED).aggregate(at=Min("queued_at"))["at"]
    yield _one("queue_age_seconds", "How long the run that waits longest has waited.", _age_s(oldest, now))
    late = SyncSchedule.objects.filter(account__disabled=False).aggregate(at=Min("next_due_at"))["at"]
    yield _one(
        "schedule_lag_seconds",
        "How late the schedule is that is due longest; 0 where none is due.",
        _age_s(late, now),
    )
    waiting = Run.objects.filter(approval=Approval.WAITING).order_by().values_list("account__name")
    yield _gauge(
        "plans_waiting",
        "Plans that wait for a person, those among them that a fuse made.",
        ("account",),
        [((name,), number) for name, number in waiting.annotate(number=Count("pk"))],
    )


def _lately(now: datetime) -> Iterator[GaugeMetricFamily]:
    ended = Run.objects.filter(started_at__gte=now - LATELY, ended_at__isnull=False).order_by()
    by_outcome = ended.values_list("account__name", "sync_type", "status").annotate(number=Count("pk"))
    yield _gauge(
        "runs_last_day",
        "Runs that began within the last 24 hours and have ended.",
        (*OF_A_TYPE, "status"),
        [((name, kind, status), number) for name, kind, status, number in by_outcome],
    )
    written = ended.filter(plan_only=False).values_list("account__name", "sync_type")
    sums = written.annotate(**{f"all_{word}": Sum(word) for word in RECORDS})
    yield _gauge(
        "records_last_day",
        "Records in those runs, but for plans, by what became of them.",
        (*OF_A_TYPE, "result"),
        [
            ((name, kind, word), number)
            for name, kind, *totals in sums
            for word, number in zip(RECORDS, totals, strict=True)
        ],
    )


def _last_good_runs() -> Iterator[GaugeMetricFamily]:
    yield _last(
        "last_good_run_timestamp_seconds",
        "When a run that wrote was last completed without errors; seconds since 1970.",
        Run.objects.filter(status=RunStatus.COMPLETED, plan_only=False),
    )
    yield _last(
        "last_run_timestamp_seconds",
        "When a run last ended, however it went; seconds since 1970.",
        Run.objects.filter(ended_at__isnull=False, plan_only=False),
    )


def _last(name: str, told: str, runs: QuerySet[Run]) -> GaugeMetricFamily:
    rows = runs.order_by().values_list("account__name", "sync_type").annotate(at=Max("ended_at"))
    return _gauge(name, told, OF_A_TYPE, [((who, kind), at.timestamp()) for who, kind, at in rows if at])


def _held() -> GaugeMetricFamily:
    rows = Held.objects.order_by().values_list("account__name", "sync_type").annotate(number=Count("pk"))
    return _gauge(
        "held_records",
        "Records that are held back until they change or are replayed.",
        OF_A_TYPE,
        [((name, kind), number) for name, kind, number in rows],
    )


def _vendor_calls() -> Iterator[GaugeMetricFamily]:
    """Of each vendor's present window. Accounts that share an API user share its calls, and tell the same."""
    labels = ("account", "vendor", "tier")
    windows: dict[str, list[CallWindow]] = {}
    for window in CallWindow.objects.all():
        windows.setdefault(window.principal, []).append(window)
    found = [
        ((account.name, vendor, window.scope), window, window.calls or quota.calls)
        for account in EmailAccount.objects.all()
        for vendor, principal, quota in _principals(account)
        for window in windows.get(digest_of(principal), ())
    ]
    now = time.time()
    yield _gauge(
        "vendor_calls_taken",
        "Calls that workers have taken from the vendor's present window (five minutes in Dynamics, one in "
        "Dotdigital).",
        labels,
        [(who, window.used if window.ends_at > now else 0) for who, window, _ in found],
    )
    yield _gauge(
        "vendor_calls_allowed",
        "Calls that Syncline allows itself in one window: a part of what the vendor allows.",
        labels,
        [(who, calls) for who, _, calls in found if calls],
    )
    yield _gauge(
        "vendor_pause_seconds",
        "For how long the vendor still wants no calls.",
        labels,
        [(who, max(0.0, window.paused_until - now)) for who, window, _ in found],
    )


def _principals(account: EmailAccount) -> tuple[tuple[str, str, Quota], ...]:
    dataverse = dataverse_principal(account.dataverse_url, account.client_id)
    dotdigital = dotdigital_principal(account.dotdigital_url, account.dotdigital_user)
    return ("dynamics", dataverse, DATAVERSE_QUOTA), ("dotdigital", dotdigital, DOTDIGITAL_QUOTA)


def _age_s(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
