"""The Safety page: how much a sync may take out or overwrite before it stops and asks."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from syncline.accounts.changing import set_plan_validity
from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.rights import Right, needs
from syncline.console.safety_form import SafetyForm
from syncline.ledger.fuse import set_limit


@needs(Right.SEE, post=Right.ADMINISTER)
def safety(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    if request.method != "POST":
        return _page(request, account, SafetyForm(account))
    form = SafetyForm(account, request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was saved yet: some values need another look.")
        return _page(request, account, form, status=422)
    _save(request, account, form)
    messages.success(request, "Saved. The fuses hold from the next run on.")
    return redirect("safety", account.pk)


@transaction.atomic
def _save(request: HttpRequest, account: EmailAccount, form: SafetyForm) -> None:
    by = actor_of(request)
    set_plan_validity(account, form.cleaned_data["plan_valid_h"], by=by)
    for sync_type, kind, limit in form.changed_limits():
        set_limit(account, sync_type, kind, limit, by)


def _page(request: HttpRequest, account: EmailAccount, form: SafetyForm, status: int = 200) -> HttpResponse:
    context = {"account": account, "tab": "safety", "form": form, "groups": form.groups()}
    return render(request, "console/account/safety.html", context, status=status)
