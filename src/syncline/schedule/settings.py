"""Saving the Scheduled Sync Settings: checked as a whole, logged, and with the next run worked out anew."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from whenever import Instant

from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.schedule.intervals import interval_of
from syncline.schedule.models import SyncSchedule, SyncWindow
from syncline.schedule.problems import InvalidScheduleError
from syncline.schedule.rows import rule_of, to_datetime, to_instant
from syncline.schedule.rule import Rule, check
from syncline.schedule.timetable import next_run
from syncline.schedule.windows import CUSTOM, SPECIFIC_TIME, painted_window


@dataclass(frozen=True, kw_only=True)
class ScheduleChange:
    """One row of the page as somebody wants it to be."""

    sync_type: str
    interval: str
    window: str = "any"
    custom_window_id: int | None = None
    specific_time: datetime.time | None = None
    specific_weekday: int | None = None
    """1 = Monday … 7 = Sunday."""
    starts_on: datetime.date | None = None


class InvalidSchedulesError(ValueError):
    """Some rows cannot be saved, so none is. `by_sync_type` maps sync type → what is wrong with its row."""

    def __init__(self, by_sync_type: dict[str, InvalidScheduleError]) -> None:
        super().__init__("; ".join(f"{key}: {problem.message}" for key, problem in by_sync_type.items()))
        self.by_sync_type = by_sync_type


def rule_for(account: EmailAccount, change: ScheduleChange) -> Rule:
    """The rule that saving this change would make, for the preview before it is saved.

    Raises InvalidScheduleError.
    """
    schedule = account.schedules.filter(sync_type=change.sync_type).first()
    return _applied(account, schedule or SyncSchedule(account=account, sync_type=change.sync_type), change)


@transaction.atomic
def save_schedules(
    account: EmailAccount, changes: Sequence[ScheduleChange], *, by: str, now: Instant, origin: str = ""
) -> list[SyncSchedule]:
    """Save all rows or none. Rows that stay as they are keep their next run.

    Raises InvalidSchedulesError, naming every row that is wrong.
    """
    rows = {row.sync_type: row for row in _locked(account)}
    problems: dict[str, InvalidScheduleError] = {}
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    changed = []
    for change in changes:
        row = rows.get(change.sync_type) or SyncSchedule(account=account, sync_type=change.sync_type)
        old = _as_logged(row)
        try:
            rule = _applied(account, row, change)
        except InvalidScheduleError as problem:
            problems[change.sync_type] = problem
            continue
        if row.pk is None or _as_logged(row) != old:
            row.next_due_at = to_datetime(next_run(rule, now))
            before[change.sync_type], after[change.sync_type] = (old if row.pk else None), _as_logged(row)
            changed.append(row)
    if problems:
        raise InvalidSchedulesError(problems)
    for row in changed:
        row.save()
    if changed:
        _log(account, by, origin, "Scheduled Sync Settings saved", before, after)
    return changed


@transaction.atomic
def save_window(
    account: EmailAccount, *, name: str, hours: str, by: str, now: Instant, origin: str = ""
) -> SyncWindow:
    """Make a custom window, or paint the one of that name anew; its schedules get their new next run.

    Raises InvalidScheduleError.
    """
    name = name.strip()
    if not name or len(name) > 80:
        raise InvalidScheduleError("name", "Give the window a name of at most 80 characters.")
    painted_window(name, hours)
    old = account.windows.filter(name=name).first()
    window, _ = SyncWindow.objects.update_or_create(account=account, name=name, defaults={"hours": hours})
    _log(
        account,
        by,
        origin,
        "Sync window saved",
        {"name": name, "hours": old.hours} if old else {},
        {"name": name, "hours": hours},
    )
    for row in _locked(account):
        if row.custom_window_id == window.pk:
            row.custom_window = window
            _work_out_next_run(row, account, now)
    return window


@transaction.atomic
def delete_window(account: EmailAccount, *, window_id: int, by: str, origin: str = "") -> None:
    """Raises InvalidScheduleError while a sync still uses the window."""
    window = account.windows.get(pk=window_id)
    users = list(account.schedules.filter(custom_window=window).values_list("sync_type", flat=True))
    if users:
        raise InvalidScheduleError(
            "name", f"{window.name} is used by {', '.join(users)}. Choose another window there first."
        )
    _log(account, by, origin, "Sync window deleted", {"name": window.name, "hours": window.hours}, {})
    window.delete()


@transaction.atomic
def work_out_next_runs(account: EmailAccount, now: Instant) -> None:
    """Every next run of an account anew: after its time zone changed, say."""
    for row in _locked(account):
        _work_out_next_run(row, account, now)


def _work_out_next_run(row: SyncSchedule, account: EmailAccount, now: Instant) -> None:
    row.next_due_at = to_datetime(next_run(rule_of(row, account.time_zone), now))
    row.save(update_fields=["next_due_at"])


def _locked(account: EmailAccount) -> list[SyncSchedule]:
    """The account's rows, held until the transaction ends so that the tick does not move them meanwhile."""
    rows = SyncSchedule.objects.select_for_update(of=("self",)).select_related("custom_window")
    return list(rows.filter(account=account))


def _applied(account: EmailAccount, row: SyncSchedule, change: ScheduleChange) -> Rule:
    """Put the change into the row and give its rule. Raises InvalidScheduleError."""
    interval = interval_of(change.interval)
    is_specific = change.window == SPECIFIC_TIME.key
    if change.specific_weekday is not None and not 1 <= change.specific_weekday <= 7:
        raise InvalidScheduleError("specific_weekday", "Choose a weekday from Monday to Sunday.")
    if is_specific and interval.follows_calendar:
        row.specific_time = change.specific_time or _time_of_next_sync(account, row)
        row.specific_weekday = change.specific_weekday
    else:
        row.specific_time = row.specific_weekday = None
    row.interval, row.window, row.starts_on = change.interval, change.window, change.starts_on
    row.custom_window = None
    if change.window == CUSTOM:
        row.custom_window = account.windows.filter(pk=change.custom_window_id or 0).first()
    rule = rule_of(row, account.time_zone)
    check(rule)
    return rule


def _time_of_next_sync(account: EmailAccount, row: SyncSchedule) -> datetime.time | None:
    """A date without a time: the sync goes on at the time already in Next Sync (product.md §4)."""
    if row.next_due_at is None:
        return None
    local = to_instant(row.next_due_at).to_tz(account.time_zone)
    return datetime.time(local.hour, local.minute)


def _as_logged(row: SyncSchedule) -> dict[str, object]:
    return {
        "interval": row.interval,
        "window": row.custom_window.name if row.custom_window else row.window,
        "time": row.specific_time and row.specific_time.isoformat(timespec="minutes"),
        "weekday": row.specific_weekday,
        "starts_on": row.starts_on and row.starts_on.isoformat(),
    }


def _log(
    account: EmailAccount,
    by: str,
    origin: str,
    action: str,
    before: dict[str, object],
    after: dict[str, object],
) -> None:
    AdminLogEntry.objects.create(
        actor=by, origin=origin, account=account, action=action, before=before, after=after
    )
