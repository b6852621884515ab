"""What the Scheduled Sync Settings show: each sync type's timetable, and what it is doing right now."""

from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser
from django.db.models import Max

from syncline.accounts.models import EmailAccount, User
from syncline.console.rights import may, right_to_run
from syncline.console.schedule_form import as_change, window_choice
from syncline.console.sync_types import offered
from syncline.ledger.models import UNDER_WAY, Run, RunStatus
from syncline.ledger.plans import tripped
from syncline.schedule.intervals import INTERVALS
from syncline.schedule.models import SyncSchedule
from syncline.schedule.problems import InvalidScheduleError
from syncline.schedule.settings import ScheduleChange
from syncline.schedule.windows import BUILT_IN, CUSTOM
from syncline.syncs.contract import SyncType

WENT_WRONG = (RunStatus.FAILED, RunStatus.COMPLETED_WITH_ERRORS, RunStatus.CANCELLED)


@dataclass(frozen=True)
class Live:
    """What one sync type is doing: its waiting run, its running one, and the last that started."""

    waiting: Run | None
    running: Run | None
    last: Run | None
    """The last that was more than a plan."""
    tripped: Run | None = None
    """What the fuse stopped; until somebody answers, the timetable starts nothing of the type."""

    @property
    def status(self) -> str:
        """One of the three published words, as a badge code."""
        if self.running:
            return "live_running"
        return "live_queued" if self.waiting else "live_none"

    @property
    def under_way(self) -> Run | None:
        return self.running or self.waiting

    @property
    def stopping(self) -> bool:
        return bool(self.running and self.running.cancel_requested_by)

    @property
    def last_went_wrong(self) -> bool:
        return bool(self.last and self.last.status in WENT_WRONG)


NOTHING = Live(None, None, None)
"""Of a sync type that never ran."""


@dataclass(frozen=True)
class ScheduleRow:
    """One line of the table."""

    sync_type: SyncType
    schedule: SyncSchedule
    live: Live
    chosen: ScheduleChange
    """What the inputs show: as stored, or what somebody sent that could not be saved."""
    may_run: bool
    problem: InvalidScheduleError | None = None

    @property
    def window_choice(self) -> str:
        return window_choice(self.chosen)

    @property
    def is_specific(self) -> bool:
        return self.chosen.window == "specific"

    @property
    def interval_name(self) -> str:
        interval = INTERVALS.get(self.schedule.interval)
        return interval.name if interval else self.schedule.interval

    @property
    def window_name(self) -> str:
        if self.schedule.window == CUSTOM and self.schedule.custom_window:
            return self.schedule.custom_window.name
        window = BUILT_IN.get(self.schedule.window)
        return window.name if window else self.schedule.window


@dataclass(frozen=True)
class Sent:
    """What somebody sent that could not be saved, to show it again beside what is wrong with it."""

    changes: dict[str, ScheduleChange] = field(default_factory=dict)
    problems: dict[str, InvalidScheduleError] = field(default_factory=dict)


def stored_schedules(account: EmailAccount) -> dict[str, SyncSchedule]:
    """A schedule for every sync type offered; one that the account has not got yet is there unsaved."""
    stored = {row.sync_type: row for row in account.schedules.select_related("custom_window")}
    return {
        kind.key: stored.get(kind.key, SyncSchedule(account=account, sync_type=kind.key))
        for kind in offered()
    }


def schedule_rows(
    account: EmailAccount, user: User | AnonymousUser, sent: Sent | None = None
) -> list[ScheduleRow]:
    sent = sent or Sent()
    live = live_by_type(account)
    schedules = stored_schedules(account)
    return [
        ScheduleRow(
            sync_type=kind,
            schedule=schedules[kind.key],
            live=live.get(kind.key, NOTHING),
            chosen=sent.changes.get(kind.key) or as_change(schedules[kind.key]),
            may_run=may(user, right_to_run(kind.key)),
            problem=sent.problems.get(kind.key),
        )
        for kind in offered()
    ]


def live_by_type(account: EmailAccount) -> dict[str, Live]:
    """Four queries, whatever the number of runs: asked for every few seconds by every open page."""
    runs = Run.objects.filter(account=account).defer("position", "remedy")
    waiting: dict[str, Run] = {}
    running: dict[str, Run] = {}
    for run in runs.filter(status__in=UNDER_WAY):
        if run.status == RunStatus.RUNNING:
            running[run.sync_type] = run
        elif not run.plan_only:
            waiting[run.sync_type] = run
    started = Run.objects.filter(account=account, started_at__isnull=False, plan_only=False).order_by()
    newest = dict(started.values_list("sync_type").annotate(Max("pk")))
    last = {run.sync_type: run for run in runs.filter(pk__in=newest.values())}
    stopped = {run.sync_type: run for run in tripped([account.pk]).defer("position", "remedy")}
    return {
        key: Live(waiting.get(key), running.get(key), last.get(key), stopped.get(key))
        for key in {*waiting, *running, *last, *stopped}
    }
