"""The timetable that a new account begins with."""

from __future__ import annotations

from collections.abc import Mapping

from whenever import Instant

from syncline.accounts.models import EmailAccount
from syncline.schedule.models import SyncSchedule
from syncline.schedule.rows import rule_of, to_datetime
from syncline.schedule.timetable import next_run


def add_missing_schedules(
    account: EmailAccount, intervals: Mapping[str, str], now: Instant
) -> list[SyncSchedule]:
    """A row for every sync type that the account has none for yet, at any time of the day.

    `intervals` maps sync type → interval key; the caller takes it from the registry of sync types. Safe to
    call
    again, so that an account made before a sync type existed gets its row too.
    """
    known = set(account.schedules.values_list("sync_type", flat=True))
    fresh = [
        SyncSchedule(account=account, sync_type=sync_type, interval=interval)
        for sync_type, interval in intervals.items()
        if sync_type not in known
    ]
    for schedule in fresh:
        schedule.next_due_at = to_datetime(next_run(rule_of(schedule, account.time_zone), now))
    SyncSchedule.objects.bulk_create(fresh, ignore_conflicts=True)
    return list(account.schedules.select_related("custom_window").order_by("id"))
