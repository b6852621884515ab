"""Custom sync windows: a name and a painted week."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from whenever import Instant

from syncline.accounts.admin_log import record_change
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
from syncline.console.sync_types import name_of
from syncline.console.week_grid import HOURS, grid_of, hours_of
from syncline.schedule.models import SyncWindow
from syncline.schedule.problems import InvalidScheduleError
from syncline.schedule.settings import delete_window, save_window

CHANGED_BY: Final = ("Sync window saved", "Sync window renamed", "Sync window deleted")
"""What the admin log calls a change of a window."""


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def window_new(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    return _edit(request, account, None)


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def window(request: HttpRequest, account_id: int, window_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    return _edit(request, account, get_object_or_404(account.windows, pk=window_id))


@needs(post=Right.ADMINISTER)
def window_delete(request: HttpRequest, account_id: int, window_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    found = get_object_or_404(account.windows, pk=window_id)
    users = _users(account, found)
    if users:
        where = ", ".join(users)
        messages.error(
            request, f"{found.name} is used by {where}. Choose another window there first, and save."
        )
        return redirect("window", account.pk, found.pk)
    by = actor_of(request)
    delete_window(account, window_id=found.pk, by=by.name, origin=by.origin)
    messages.success(request, f"The window {found.name} was deleted.")
    return redirect("schedule", account.pk)


def _edit(request: HttpRequest, account: EmailAccount, stored: SyncWindow | None) -> HttpResponse:
    name, hours = (stored.name, stored.hours) if stored else ("", "")
    problem, status = None, 200
    if request.method == "POST":
        name, hours = request.POST.get("name", "").strip(), hours_of(request.POST.getlist("hour"))
        try:
            _save(request, account, stored, name, hours)
        except InvalidScheduleError as refused:
            problem, status = refused, WRONG
        except ChangedMeanwhileError as changed:
            messages.warning(request, f"{changed} {KEPT}")
            status = CHANGED
        else:
            messages.success(request, f"The window {name} was saved. Choose it under Sync Window.")
            return redirect("schedule", account.pk)
    context = {
        "account": account,
        "tab": "schedule",
        "window": stored,
        "name": name,
        "days": grid_of(hours),
        "hours": HOURS,
        "problem": problem,
        "unsaved": status != 200,
        "basis": basis_of(request, _mark(account, stored), status),
        "users": _users(account, stored) if stored else [],
    }
    return render(request, "console/account/window.html", context, status=status)


def _save(
    request: HttpRequest, account: EmailAccount, stored: SyncWindow | None, name: str, hours: str
) -> None:
    """Raises InvalidScheduleError or ChangedMeanwhileError; then nothing has changed, the name neither."""
    namesake = account.windows.filter(name=name).exclude(pk=stored.pk if stored else 0).exists()
    if namesake:
        raise InvalidScheduleError("name", f"There is a window called {name} already. Choose another name.")
    by = actor_of(request)
    with nobody_else_saved(request, account, lambda _: _mark(account, stored), CHANGED_BY):
        if stored and stored.name != name:
            record_change(by, account, "Sync window renamed", {"name": stored.name}, {"name": name})
            # The schedule room knows a window by its name, so it is renamed before it is painted anew.
            account.windows.filter(pk=stored.pk).update(name=name[:80])
        save_window(account, name=name, hours=hours, by=by.name, now=Instant.now(), origin=by.origin)


def _mark(account: EmailAccount, window: SyncWindow | None) -> str:
    """Of the window as it is stored now; of a new one, of nothing."""
    return mark_of(*account.windows.filter(pk=window.pk if window else 0).values_list("name", "hours"))


def _users(account: EmailAccount, window: SyncWindow) -> list[str]:
    used = account.schedules.filter(custom_window=window).values_list("sync_type", flat=True)
    return [name_of(key) for key in used]
