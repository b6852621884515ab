"""When each sync type of an account runs."""

from typing import ClassVar

from django.db import models

from syncline.accounts.models import EmailAccount


class SyncWindow(models.Model):
    """A custom weekly window that an administrator named and painted on a 7 × 24 grid."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="windows")
    name = models.CharField(max_length=80)
    hours = models.CharField(max_length=168)
    """One character an hour from Monday 00:00 local time, `1` open and `0` shut."""

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "name"], name="window_name_per_account")
        ]


class SyncSchedule(models.Model):
    """One row of the Scheduled Sync Settings: a sync type of an account."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="schedules")
    sync_type = models.CharField(max_length=20)
    interval = models.CharField(max_length=12, default="manual")
    """Key of `schedule.intervals.Interval`."""
    window = models.CharField(max_length=20, default="any")
    """Key of a built-in window, or `custom`."""
    custom_window = models.ForeignKey(
        SyncWindow, null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    specific_time = models.TimeField(null=True, blank=True)
    """Local time of day; used when `window` is `specific`."""
    specific_weekday = models.SmallIntegerField(null=True, blank=True)
    """1 = Monday … 7 = Sunday; used when `window` is `specific` and the interval is once a week."""
    starts_on = models.DateField(null=True, blank=True)
    """No run before this local date."""
    next_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    last_started_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "sync_type"], name="schedule_per_sync_type")
        ]


class MissedSlot(models.Model):
    """A timetable slot that passed without a run, and why."""

    schedule = models.ForeignKey(SyncSchedule, on_delete=models.CASCADE, related_name="missed")
    due_at = models.DateTimeField()
    reason = models.CharField(max_length=40)
    """Code: still_running, account_disabled, engine_down…"""

    class Meta:
        ordering: ClassVar = ["-due_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["schedule", "due_at"], name="missed_once")]
