"""Making a label, describing it, and removing one that Dotdigital has not got."""

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.label_rows import label_rows
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
from syncline.mapping.changing import create_label, delete_label, describe_label
from syncline.mapping.labels import LONGEST_NAME, default_problem, normal_name
from syncline.mapping.models import Label, LabelType
from syncline.mapping.wanted import LONGEST_DESCRIPTION, MappingRefusedError, WantedLabel, label_problems

DEFAULT_HINTS = {
    LabelType.TEXT: "Any text; leave it empty for none.",
    LabelType.NUMERIC: "A number with a point, such as 42 or 12.5; leave it empty for none.",
    LabelType.DATE: "A date such as 2026-05-01, also with a time: 2026-05-01T09:30; leave it empty for none.",
    LabelType.YES_NO: "Yes or No; leave it empty for none.",
}


class DescriptionForm(forms.Form):
    """What can be changed of a label that is there."""

    description = forms.CharField(
        required=False,
        max_length=LONGEST_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Optional, and only for the people who use this console: Dotdigital keeps none.",
    )


class LabelForm(DescriptionForm):
    """A new label. What its name and default value have to be like is `mapping`'s to say, not the form's."""

    name = forms.CharField(error_messages={"required": "A label needs a name."})
    type = forms.ChoiceField(choices=LabelType.choices, help_text="It cannot be changed later.")
    private = forms.BooleanField(required=False)
    default_value = forms.CharField(required=False)
    field_order = ("name", "type", "private", "default_value", "description")


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def label_new(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    if request.method != "POST":
        wanted_type = request.GET.get("type", "")
        start = {"private": True, "type": wanted_type if wanted_type in LabelType.values else LabelType.TEXT}
        return _page(request, account, LabelForm(initial=start))
    form = LabelForm(request.POST)
    if form.is_valid() and (made := _made(request, account, form)):
        messages.success(
            request, f"The label {made.name} was created. The label sync carries it over to Dotdigital."
        )
        return redirect("labels", account.pk)
    return _page(request, account, form, status=422)


@needs(Right.ADMINISTER)
def label_check(request: HttpRequest, account_id: int) -> HttpResponse:
    """What is wrong with what has been typed so far, and how it will look, for a form that is open."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    return render(request, "console/account/label_check.html", _checked(account, request.GET))


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def label(request: HttpRequest, account_id: int, label_id: int) -> HttpResponse:
    """A label's own page, where its description can be changed."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    stored = get_object_or_404(Label, account=account, pk=label_id)
    form = DescriptionForm(request.POST or None, initial={"description": stored.description})
    status = WRONG if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            _describe(request, account, stored, form.cleaned_data["description"])
        except ChangedMeanwhileError as changed:
            messages.warning(request, f"{changed} {KEPT}")
            status = CHANGED
        else:
            messages.success(request, f"The description of {stored.name} was saved.")
            return redirect("labels", account.pk)
    (row,) = label_rows(account, [stored])
    basis = basis_of(request, mark_of(stored.description), status)
    context = {"account": account, "tab": "labels", "row": row, "label": stored, "form": form, "basis": basis}
    return render(request, "console/account/label.html", context, status=status)


def _describe(request: HttpRequest, account: EmailAccount, stored: Label, description: str) -> None:
    """Raises ChangedMeanwhileError."""

    def mark(_account: EmailAccount) -> str:
        stored.refresh_from_db()
        return mark_of(stored.description)

    about = f"label {stored.name}"
    with nobody_else_saved(request, account, mark, ("label added", "label described"), about):
        describe_label(stored, description, by=actor_of(request))


@needs(post=Right.ADMINISTER)
def label_delete(request: HttpRequest, account_id: int, label_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    stored = get_object_or_404(Label, account=account, pk=label_id)
    try:
        delete_label(stored, by=actor_of(request))
    except MappingRefusedError as refused:
        messages.error(request, str(refused))
        return redirect("label", account.pk, stored.pk)
    messages.success(request, f"The label {stored.name} was removed.")
    return redirect("labels", account.pk)


def _made(request: HttpRequest, account: EmailAccount, form: LabelForm) -> Label | None:
    """The new label; None where it was refused, and then the form says why."""
    try:
        with transaction.atomic():
            return create_label(account, _wanted(form.cleaned_data), by=actor_of(request))
    except MappingRefusedError as refused:
        for problem in refused.problems:
            form.add_error(problem.field, problem.message)
        return None


def _wanted(sent: Mapping[str, object]) -> WantedLabel:
    kind = str(sent.get("type", ""))
    return WantedLabel(
        name=str(sent.get("name", "")).strip(),
        type=LabelType(kind) if kind in LabelType.values else LabelType.TEXT,
        private=bool(sent.get("private")),
        default_value=str(sent.get("default_value", "")).strip() or None,
        description=str(sent.get("description", "")),
    )


def _checked(account: EmailAccount, sent: Mapping[str, object]) -> dict[str, object]:
    wanted = _wanted(sent)
    problems = {problem.field: problem.message for problem in label_problems(account, wanted)}
    return {
        "name": normal_name(wanted.name),
        "left": LONGEST_NAME - len(wanted.name),
        "longest": LONGEST_NAME,
        "name_problem": problems.get("name", "") if wanted.name else "",
        "default_hint": DEFAULT_HINTS[wanted.type],
        "default_problem": default_problem(wanted.type, wanted.default_value),
    }


def _page(request: HttpRequest, account: EmailAccount, form: LabelForm, status: int = 200) -> HttpResponse:
    entered = form.data if form.is_bound else form.initial
    context = {"account": account, "tab": "labels", "form": form, **_checked(account, entered)}
    return render(request, "console/account/label_new.html", context, status=status)
