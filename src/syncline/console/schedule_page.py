"""The Scheduled Sync Settings tab."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from whenever import Instant

from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.meanwhile import (
    CHANGED,
    KEPT,
    WRONG,
    ChangedMeanwhileError,
    basis_of,
    mark_of,
    nobody_else_saved,
)
from syncline.console.rights import Right, needs
from syncline.console.schedule_form import as_change, change_in
from syncline.console.schedule_rows import Sent, schedule_rows, stored_schedules
from syncline.console.sync_types import offered
from syncline.engine.heartbeat import is_any_worker_alive
from syncline.schedule.advice import warnings_for
from syncline.schedule.intervals import INTERVALS
from syncline.schedule.problems import InvalidScheduleError
from syncline.schedule.rows import rule_of
from syncline.schedule.settings import InvalidSchedulesError, ScheduleChange, save_schedules
from syncline.schedule.windows import BUILT_IN

CHANGED_BY: Final = ("Scheduled Sync Settings saved",)
"""What the admin log calls a change of what this page shows."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@needs(Right.SEE, post=Right.ADMINISTER)
def schedule(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    if request.method != "POST":
        return _page(request, account)
    sent = read_sent(request)
    try:
        if not sent.problems:
            sent = _save(request, account, sent)
    except ChangedMeanwhileError as changed:
        messages.warning(request, f"{changed} {KEPT}")
        return _page(request, account, sent, status=CHANGED)
    if sent.problems:
        messages.error(request, "Nothing was saved yet: some rows need another look.")
        return _page(request, account, sent, status=WRONG)
    messages.success(request, "Saved. The changes are in effect.")
    return redirect("schedule", account.pk)


def read_sent(request: HttpRequest) -> Sent:
    """Every row as it was sent; a row whose time or date cannot be read is a problem of that row."""
    sent = Sent()
    for kind in offered():
        try:
            sent.changes[kind.key] = change_in(request.POST, kind.key)
        except InvalidScheduleError as problem:
            sent.problems[kind.key] = problem
            sent.changes[kind.key] = ScheduleChange(
                sync_type=kind.key,
                interval=request.POST.get(f"interval-{kind.key}", ""),
                window=request.POST.get(f"window-{kind.key}", ""),
            )
    return sent


def stored_mark(account: EmailAccount) -> str:
    return mark_of(sorted(repr(as_change(row)) for row in stored_schedules(account).values()))


def _save(request: HttpRequest, account: EmailAccount, sent: Sent) -> Sent:
    by = actor_of(request)
    changes = list(sent.changes.values())
    try:
        with nobody_else_saved(request, account, stored_mark, CHANGED_BY) as stored:
            save_schedules(stored, changes, by=by.name, now=Instant.now(), origin=by.origin)
    except InvalidSchedulesError as refused:
        return Sent(sent.changes, dict(refused.by_sync_type))
    return sent


def _page(
    request: HttpRequest, account: EmailAccount, sent: Sent | None = None, status: int = 200
) -> HttpResponse:
    rows = schedule_rows(account, request.user, sent)
    context = {
        "account": account,
        "tab": "schedule",
        "rows": rows,
        "unsaved": sent is not None,
        "basis": basis_of(request, stored_mark(account), status),
        "intervals": INTERVALS.values(),
        "windows": BUILT_IN.values(),
        "custom_windows": account.windows.all(),
        "weekdays": list(enumerate(WEEKDAYS, start=1)),
        "warnings": _warnings(account),
        "nobody_works": any(row.live.under_way for row in rows) and not is_any_worker_alive(),
    }
    return render(request, "console/account/schedule.html", context, status=status)


def _warnings(account: EmailAccount) -> list[str]:
    rules = {key: rule_of(row, account.time_zone) for key, row in stored_schedules(account).items()}
    return warnings_for(rules, Instant.now())


@needs(Right.SEE)
def schedule_live(request: HttpRequest, account_id: int) -> HttpResponse:
    """The moving parts of the table, for a page that is open."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    return live_fragment(request, account)


def live_fragment(request: HttpRequest, account: EmailAccount) -> HttpResponse:
    rows = schedule_rows(account, request.user)
    return render(request, "console/account/schedule_live.html", {"account": account, "rows": rows})
