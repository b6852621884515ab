"""The General tab: what an account is called, its time zone, and which account is the default."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from whenever import Instant

from syncline.accounts.changing import change_general, hold_every_account, make_default
from syncline.accounts.details import AccountRefusedError
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
from syncline.console.regions import region_of
from syncline.console.rights import Right, needs
from syncline.schedule.settings import work_out_next_runs


def zone_choices(current: str) -> list[tuple[str, Any]]:
    """IANA names by continent, as `<select>` wants them; UTC and an unusual current one stand in front."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(zoneinfo.available_timezones()):
        continent, slash, place = name.partition("/")
        if slash and continent != "Etc":
            groups.setdefault(continent, []).append((name, f"{place.replace('_', ' ')} ({name})"))
    listed = {name for group in groups.values() for name, _ in group}
    in_front = ["UTC"] if current in listed else sorted({"UTC", current})
    return [*((name, name) for name in in_front), *groups.items()]


class GeneralForm(forms.Form):
    """What a manager may change about an account."""

    name = forms.CharField(
        label="Account Name", max_length=200, error_messages={"required": "Give the account a name."}
    )
    description = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Optional. Shown beside the name on the Active Email Accounts page.",
    )
    time_zone = forms.ChoiceField(
        label="Time zone", help_text="Schedules and all times of this account are in it."
    )
    is_default = forms.BooleanField(required=False)

    def __init__(self, account: EmailAccount, sent: QueryDict | None = None) -> None:
        names = ("name", "description", "time_zone", "is_default")
        super().__init__(sent, initial={name: getattr(account, name) for name in names})
        time_zone = self.fields["time_zone"]
        assert isinstance(time_zone, forms.ChoiceField)
        time_zone.choices = zone_choices(account.time_zone)


CHANGED_BY: Final = ("general settings", "default account")
"""What the admin log calls a change of what this page shows."""


@needs(Right.SEE, post=Right.ADMINISTER)
def general(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    if request.method != "POST":
        return _page(request, account, GeneralForm(account))
    form = GeneralForm(account, request.POST)
    status = WRONG
    try:
        if form.is_valid() and _saved(request, account, form):
            messages.success(request, "Saved.")
            return redirect("account-general", account.pk)
    except ChangedMeanwhileError as changed:
        messages.warning(request, f"{changed} {KEPT}")
        status = CHANGED
    account.refresh_from_db()
    return _page(request, account, form, status)


def _saved(request: HttpRequest, account: EmailAccount, form: GeneralForm) -> bool:
    """Whether it could be stored; if not, the form says why. The default mark moves, it never goes away."""
    new, by = form.cleaned_data, actor_of(request)
    try:
        with _nobody_else_saved(request, account, moves_default=new["is_default"]) as account:
            zone_before = account.time_zone
            change_general(
                account,
                by=by,
                name=new["name"],
                description=new["description"],
                time_zone=new["time_zone"],
            )
            if new["is_default"]:
                make_default(account, by=by)
            if account.time_zone != zone_before:
                work_out_next_runs(account, Instant.now())
    except AccountRefusedError as refused:
        for problem in refused.problems:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        return False
    return True


@contextmanager
def _nobody_else_saved(
    request: HttpRequest, account: EmailAccount, *, moves_default: bool
) -> Iterator[EmailAccount]:
    with transaction.atomic():
        if moves_default:
            hold_every_account()
        with nobody_else_saved(request, account, _mark, CHANGED_BY) as stored:
            yield stored


def _mark(account: EmailAccount) -> str:
    return mark_of(account.name, account.description, account.time_zone, account.is_default)


def _page(request: HttpRequest, account: EmailAccount, form: GeneralForm, status: int = 200) -> HttpResponse:
    context = {
        "account": account,
        "tab": "general",
        "form": form,
        "basis": basis_of(request, _mark(account), status),
        "region": region_of(account.dotdigital_url),
        "current_default": EmailAccount.objects.filter(is_default=True).first(),
    }
    return render(request, "console/account/general.html", context, status=status)
