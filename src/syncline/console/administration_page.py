"""The Account Administration tab: whether the account syncs, what opt-outs do, and whose records count."""

from itertools import permutations
from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render

from syncline.accounts.changing import (
    RECORD_TABLES,
    change_consent_in_dynamics,
    change_sync_of_inactive,
    set_disabled,
    set_record_priority,
)
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

CHANGED_BY: Final = (
    "account disabled",
    "account enabled",
    "record priority",
    "what a suppression does in Dynamics",
    "sync of leads and contacts that are not active",
)
"""What the admin log calls a change of what this page shows."""

ORDERS: Final = [
    (",".join(order), ", then ".join(f"{table}s" for table in order).capitalize())
    for order in permutations(RECORD_TABLES)
]
"""Every order of the tables, in words."""


class AdministrationForm(forms.Form):
    """What a manager may change about how an account syncs."""

    disabled = forms.BooleanField(required=False)
    mark_do_not_bulk_email = forms.BooleanField(required=False)
    keep_crm_suppression_list = forms.BooleanField(required=False)
    only_open_and_active = forms.BooleanField(required=False)
    readmit_inactive = forms.BooleanField(required=False)
    record_priority = forms.ChoiceField(label="Which record decides", choices=ORDERS)

    def __init__(self, account: EmailAccount, sent: QueryDict | None = None) -> None:
        super().__init__(sent, initial={name: getattr(account, name) for name in self.base_fields})


@needs(Right.SEE, post=Right.ADMINISTER)
def administration(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    if request.method != "POST":
        return _page(request, account, AdministrationForm(account))
    form = AdministrationForm(account, request.POST)
    if not form.is_valid():
        return _page(request, account, form, WRONG)
    try:
        with nobody_else_saved(request, account, _mark, CHANGED_BY) as stored:
            _save(request, stored, form)
    except ChangedMeanwhileError as changed:
        messages.warning(request, f"{changed} {KEPT}")
        account.refresh_from_db()
        return _page(request, account, form, CHANGED)
    messages.success(request, "Saved. The changes are in effect.")
    return redirect("administration", account.pk)


def _mark(account: EmailAccount) -> str:
    return mark_of(*(getattr(account, name) for name in AdministrationForm.base_fields))


def _save(request: HttpRequest, account: EmailAccount, form: AdministrationForm) -> None:
    new, by = form.cleaned_data, actor_of(request)
    set_disabled(account, new["disabled"], by=by)
    for names, change in (
        (("mark_do_not_bulk_email", "keep_crm_suppression_list"), change_consent_in_dynamics),
        (("only_open_and_active", "readmit_inactive"), change_sync_of_inactive),
    ):
        if any(getattr(account, name) != new[name] for name in names):
            change(account, by=by, **{name: new[name] for name in names})
    set_record_priority(account, new["record_priority"].split(","), by=by)


def _page(
    request: HttpRequest, account: EmailAccount, form: AdministrationForm, status: int = 200
) -> HttpResponse:
    context = {
        "account": account,
        "tab": "administration",
        "form": form,
        "basis": basis_of(request, _mark(account), status),
        "priority": dict(ORDERS).get(account.record_priority, account.record_priority),
    }
    return render(request, "console/account/administration.html", context, status=status)
