"""The Safety page: how much a sync may take out or overwrite before it stops and asks."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from syncline.accounts.changing import set_plan_validity
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
from syncline.console.safety_form import SafetyForm
from syncline.ledger.fuse import FUSED, limits_of, set_limit

CHANGED_BY: Final = ("fuse changed", "plan validity")
"""What the admin log calls a change of what this page shows."""


@needs(Right.SEE, post=Right.ADMINISTER)
def safety(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    if request.method != "POST":
        return _page(request, account, SafetyForm(account))
    form = SafetyForm(account, request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was saved yet: some values need another look.")
        return _page(request, account, form, status=WRONG)
    try:
        _save(request, account, form)
    except ChangedMeanwhileError as changed:
        messages.warning(request, f"{changed} {KEPT}")
        return _page(request, account, SafetyForm(account, request.POST), status=CHANGED)
    messages.success(request, "Saved. The fuses hold from the next run on.")
    return redirect("safety", account.pk)


def _save(request: HttpRequest, account: EmailAccount, form: SafetyForm) -> None:
    by = actor_of(request)
    with nobody_else_saved(request, account, _mark, CHANGED_BY) as stored:
        set_plan_validity(stored, form.cleaned_data["plan_valid_h"], by=by)
        for sync_type, kind, limit in form.changed_limits():
            set_limit(stored, sync_type, kind, limit, by)


def _mark(account: EmailAccount) -> str:
    limits = [sorted(limits_of(account, sync_type).items()) for sync_type in FUSED]
    return mark_of(account.plan_valid_h, limits)


def _page(request: HttpRequest, account: EmailAccount, form: SafetyForm, status: int = 200) -> HttpResponse:
    context = {
        "account": account,
        "tab": "safety",
        "form": form,
        "groups": form.groups(),
        "basis": basis_of(request, _mark(account), status),
    }
    return render(request, "console/account/safety.html", context, status=status)
