"""The Plans page: every plan of an account, and making a new one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from syncline.accounts.models import EmailAccount
from syncline.console.plan_rows import plan_rows, plans_of
from syncline.console.rights import Right, may, needs, right_to_run
from syncline.console.sync_types import offered, sync_type_or_404
from syncline.engine import client as engine
from syncline.engine.plans import PlanProblem, start_plan
from syncline.ledger.models import UNDER_WAY

PLANS_A_PAGE = 25


def right_to_make(arguments: Mapping[str, Any]) -> Right:
    """Whoever may start a sync may also ask what it would do."""
    return right_to_run(arguments["sync_type"])


@needs(Right.SEE)
def plans(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    paging = Paginator(plans_of(account), PLANS_A_PAGE).get_page(request.GET.get("page"))
    rows = plan_rows(list(paging.object_list), timezone.now())
    context = {
        "account": account,
        "section": "plans",
        "rows": rows,
        "paging": paging,
        "makeable": [
            kind for kind in offered() if kind.plannable and may(request.user, right_to_run(kind.key))
        ],
        "moving": any(row.plan.status in UNDER_WAY for row in rows),
    }
    if request.headers.get("HX-Request"):
        return render(request, "console/account/plan_rows.html", context)
    return render(request, "console/account/plans.html", context)


@needs(post=right_to_make)
def make(request: HttpRequest, account_id: int, sync_type: str) -> HttpResponse:
    """Ask for a plan; one that waits to be made already is the one."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    kind = sync_type_or_404(sync_type)
    if account.disabled:
        messages.warning(request, "The account is disabled, so no plan is made.")
        return redirect("plans", account.pk)
    try:
        plan = start_plan(account, kind.key, request.user.get_username())
    except PlanProblem as problem:
        messages.warning(request, f"{problem} {problem.remedy}")
        return redirect("plans", account.pk)
    return redirect("plan", account.pk, plan.key)


@needs(post=right_to_make)
def cancel(request: HttpRequest, account_id: int, sync_type: str, plan_key: UUID) -> HttpResponse:
    """Stop the making of a plan. Nothing has been written, so nothing has to be taken back."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    plan = get_object_or_404(plans_of(account), key=plan_key, sync_type=sync_type)
    if engine.cancel(plan, by=request.user.get_username()):
        messages.info(request, f"Plan {plan.pk} is no longer made.")
    else:
        messages.info(request, f"Plan {plan.pk} had been made already.")
    return redirect("plan", account.pk, plan.key)
