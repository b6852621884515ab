"""Sync Now and Cancel."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from syncline.accounts.models import EmailAccount
from syncline.console.rights import Right, needs, right_to_run
from syncline.console.schedule_page import live_fragment
from syncline.console.sync_types import sync_type_or_404
from syncline.console.way_back import way_back
from syncline.engine import client as engine
from syncline.ledger.models import UNDER_WAY, Purpose, Run, RunStatus
from syncline.syncs.contract import SyncType


def _right(arguments: Mapping[str, Any]) -> Right:
    return right_to_run(arguments["sync_type"])


@needs(post=_right)
def start(request: HttpRequest, account_id: int, sync_type: str) -> HttpResponse:
    """Queue a run at once, whatever the window says; a run that waits already is the one."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    kind = sync_type_or_404(sync_type)
    if account.disabled:
        return _answer(request, account, messages.WARNING, "The account is disabled, so nothing was started.")
    waiting = Run.objects.filter(account=account, sync_type=kind.key, status=RunStatus.QUEUED)
    waits_already = waiting.filter(purpose=Purpose.SYNC, plan_only=False).exists()
    engine.start_run(account, kind.key, by=request.user.get_username())
    if waits_already:
        return _answer(request, account, messages.INFO, f"{kind.name} is in the queue already.")
    return _answer(request, account, messages.SUCCESS, f"{kind.name} was added to the queue.")


@needs(post=_right)
def cancel(request: HttpRequest, account_id: int, sync_type: str) -> HttpResponse:
    """Cancel what is under way: the running run where there is one, else the waiting one."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    kind = sync_type_or_404(sync_type)
    under_way = Run.objects.filter(account=account, sync_type=kind.key, status__in=UNDER_WAY)
    # A plan that waits is no part of the row; it is cancelled on its own page.
    under_way = under_way.exclude(status=RunStatus.QUEUED, plan_only=True)
    runs = {run.status: run for run in under_way}
    run = runs.get(RunStatus.RUNNING) or runs.get(RunStatus.QUEUED)
    if run is None:
        return _answer(request, account, messages.INFO, f"{kind.name} had ended already.")
    if not engine.cancel(run, by=request.user.get_username()):
        return _answer(request, account, messages.INFO, f"{kind.name} had ended already.")
    return _answer(request, account, messages.INFO, _what_happens(kind, run))


def _what_happens(kind: SyncType, run: Run) -> str:
    run.refresh_from_db(fields=["status"])
    if run.status == RunStatus.CANCELLED:
        return f"{kind.name} was taken off the queue."
    return f"{kind.name} stops at its next safe point. What has been delivered stays delivered."


def _answer(request: HttpRequest, account: EmailAccount, level: int, words: str) -> HttpResponse:
    """To an open schedule, its moving parts; to a plain form, the page that it stands on again."""
    messages.add_message(request, level, words)
    if request.headers.get("HX-Request"):
        return live_fragment(request, account)
    return redirect(way_back(request, otherwise=reverse("schedule", args=[account.pk])))
