"""From schedules that are due to runs in the queue.

The runs, the missed slots and the next due times of a batch of schedules are stored in one transaction that
holds the schedules' rows, so that a slot is served exactly once whoever ticks and however often; the engine
hears of the runs after it (and from handover.py, should the worker die in between).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Q
from whenever import Instant

from syncline.engine.client import enqueue_all
from syncline.ledger import plans
from syncline.ledger.models import UNDER_WAY, Purpose, Run, RunStatus, Trigger
from syncline.schedule.due import Slot, UnderWay, decide
from syncline.schedule.models import MissedSlot, SyncSchedule
from syncline.schedule.problems import InvalidScheduleError
from syncline.schedule.rows import rule_of, to_datetime, to_instant
from syncline.schedule.rule import Rule
from syncline.syncs.registry import SYNC_TYPES

log = structlog.get_logger()

AT_A_TIME: Final = 1000
"""Schedules in one transaction: on SQLite nobody else writes meanwhile."""


def tick(now: Instant, lanes: Mapping[str, str] | None = None) -> int:
    """Start what is due at `now`. Gives the number of runs.

    `lanes` maps each sync type that exists to its lane; the registry's where it is not given.
    """
    if lanes is None:
        lanes = {key: sync_type.lane for key, sync_type in SYNC_TYPES.items()}
    total = 0
    while True:
        looked_at, runs = _serve_some(now, lanes)
        enqueue_all(runs)
        total += len(runs)
        if looked_at < AT_A_TIME:
            return total


@transaction.atomic
def _serve_some(now: Instant, lanes: Mapping[str, str]) -> tuple[int, list[Run]]:
    """Serve the schedules that are due longest. Gives how many were looked at, and the runs to hand over."""
    schedules = list(_due(now, lanes))
    under_way = _under_way({schedule.account_id for schedule in schedules})
    runs: list[Run] = []
    missed: list[MissedSlot] = []
    moved: dict[datetime | None, list[int]] = defaultdict(list)
    for schedule in schedules:
        slot = _decide(schedule, now, under_way.get((schedule.account_id, schedule.sync_type)))
        moved[to_datetime(slot.next_due)].append(schedule.pk)
        if slot.serves is not None:
            runs.append(_run(schedule, lanes[schedule.sync_type], slot.serves))
        missed += [
            MissedSlot(schedule=schedule, due_at=at.to_stdlib(), reason=reason) for at, reason in slot.missed
        ]
    # Where somebody pressed Sync Now at this very moment, their waiting run serves the slot.
    Run.objects.bulk_create(runs, ignore_conflicts=True)
    MissedSlot.objects.bulk_create(missed, ignore_conflicts=True)
    for next_due_at, keys in moved.items():
        SyncSchedule.objects.filter(pk__in=keys).update(next_due_at=next_due_at)
    return len(schedules), runs


def _due(now: Instant, lanes: Mapping[str, str]) -> Iterable[SyncSchedule]:
    """Due schedules of sync types that exist, their rows held; those that somebody else holds are theirs to
    serve."""
    due = SyncSchedule.objects.filter(next_due_at__lte=now.to_stdlib(), sync_type__in=list(lanes))
    due = due.select_for_update(skip_locked=True, of=("self",)).select_related("account", "custom_window")
    names = [field.name for field in SyncSchedule._meta.concrete_fields]
    return due.only(
        *names, "account__disabled", "account__time_zone", "custom_window__name", "custom_window__hours"
    ).order_by("next_due_at", "id")[:AT_A_TIME]


def _under_way(accounts: Iterable[int]) -> dict[tuple[int, str], UnderWay]:
    """What is in the way of a further run, by sync type; a run that waits says more than a running one, and
    one that is to be approved most of all. A run that the fuse stopped reads on as a plan.
    """
    runs = Run.objects.filter(
        Q(plan_only=False) | ~Q(fuse=[]), account_id__in=accounts, status__in=UNDER_WAY, purpose=Purpose.SYNC
    ).order_by("-status")
    found: dict[tuple[int, str], UnderWay] = {
        (account, sync_type): "queued" if status == RunStatus.QUEUED else "running"
        for account, sync_type, status in runs.values_list("account_id", "sync_type", "status")
    }
    tripped = plans.tripped(accounts).values_list("account_id", "sync_type")
    return {**found, **dict.fromkeys(tripped, "to_approve")}


def _decide(schedule: SyncSchedule, now: Instant, under_way: UnderWay) -> Slot:
    assert schedule.next_due_at is not None
    try:
        rule = rule_of(schedule, schedule.account.time_zone)
        return _decide_alike(
            rule, to_instant(schedule.next_due_at), now, schedule.account.disabled, under_way
        )
    except InvalidScheduleError as problem:
        log.error(
            "A schedule is not valid and rests until it is saved",
            action="schedule_stopped",
            schedule=schedule.pk,
            problem=problem.message,
        )
        return Slot(None, (), None)


@lru_cache(maxsize=1024)
def _decide_alike(rule: Rule, due: Instant, now: Instant, disabled: bool, under_way: UnderWay) -> Slot:
    """Many accounts keep the same hours."""
    return decide(rule, due, now, disabled=disabled, under_way=under_way)


def _run(schedule: SyncSchedule, lane: str, serves: Instant) -> Run:
    return Run(
        account_id=schedule.account_id,
        sync_type=schedule.sync_type,
        lane=lane,
        trigger=Trigger.SCHEDULED,
        due_at=serves.to_stdlib(),
    )
