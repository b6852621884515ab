"""Forms: every form of the account, what came of it, and where the answers to it go."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.form_mapping import MappingForm, offered
from syncline.console.meanwhile import (
    CHANGED,
    KEPT,
    WRONG,
    ChangedMeanwhileError,
    basis_of,
    mark_of,
    nobody_else_saved,
)
from syncline.console.rights import Right, may, needs
from syncline.forms.facts import last_response_of, questions_of, totals_of
from syncline.forms.finding import counts_of, forms_of
from syncline.forms.mapping import FormMappingRefusedError, fields_of, save_form_mapping, shown
from syncline.forms.models import Form

FORMS_A_PAGE: Final = 50
LONGEST_NAME: Final = 255
CHANGED_BY: Final = ("mapping of a form",)


@needs(Right.SEE)
def all_forms(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    name = request.GET.get("name", "").strip().replace("\0", "")[:LONGEST_NAME]
    problems = request.GET.get("show") == "problem"
    found = forms_of(account, name=name, problems=problems)
    paging = Paginator(found, FORMS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "account": account,
        "tab": "forms",
        "counts": counts_of(account),
        "name": name,
        "problems": problems,
        "rows": [(form, totals_of(form), last_response_of(form)) for form in paging.object_list],
        "paging": paging,
    }
    return render(request, "console/account/forms.html", context)


@needs(Right.SEE, post=Right.ADMINISTER)
def one_form(request: HttpRequest, account_id: int, form_id: int) -> HttpResponse:
    """One form; what is posted is its mapping."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    form = get_object_or_404(Form, account=account, form_id=form_id)
    if request.method != "POST":
        return _page(request, account, form, MappingForm(form))
    sent = MappingForm(form, request.POST)
    try:
        with nobody_else_saved(request, account, lambda _: _mark(form), CHANGED_BY, f"form {form.form_id}"):
            changed = save_form_mapping(form, sent.creates, sent.wanted, by=actor_of(request))
    except ChangedMeanwhileError as changed_meanwhile:
        messages.warning(request, f"{changed_meanwhile} {KEPT}")
        return _page(request, account, form, sent, CHANGED)
    except FormMappingRefusedError as refusal:
        sent.take(refusal.problems)
        messages.error(request, "Nothing was saved. What is wrong stands beside each question.")
        return _page(request, account, form, sent, WRONG)
    if changed:
        messages.success(request, "Saved. It holds for the responses that come from now on.")
    else:
        messages.info(request, "Nothing had changed.")
    return redirect("form", account.pk, form.form_id)


def _mark(form: Form) -> str:
    """Of what is stored now."""
    stored = Form.objects.get(pk=form.pk)
    return mark_of(shown(stored.creates, fields_of(stored)))


def _page(
    request: HttpRequest, account: EmailAccount, form: Form, mapping: MappingForm, status: int = 200
) -> HttpResponse:
    context = {
        "account": account,
        "tab": "forms",
        "form": form,
        "header": {name.removeprefix("syncline_"): value for name, value in form.header.items()},
        "totals": totals_of(form),
        "last": last_response_of(form),
        "questions": questions_of(form),
        "mapping": mapping,
        "offered": offered(account),
        "basis": basis_of(request, _mark(form), status),
        "unsaved": status != 200,
        "may_administer": may(request.user, Right.ADMINISTER),
    }
    return render(request, "console/account/form.html", context, status=status)
