"""Asking for an undo or a drift audit: each makes a plan, which the page then shows."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.rights import Right, needs
from syncline.engine.repairs import UndoProblem, start_drift_audit, start_undo
from syncline.ledger.models import Run


@needs(post=Right.ADMINISTER)
def undo(request: HttpRequest, account_id: int, run_key: UUID) -> HttpResponse:
    """Plan what undoing the run would put back; where it cannot be undone, say why on its page."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    found = get_object_or_404(Run, account=account, key=run_key)
    try:
        plan = start_undo(found, actor_of(request))
    except UndoProblem as problem:
        messages.warning(request, f"{problem.words} {problem.remedy}")
        return redirect("run", account.pk, found.key)
    return redirect("plan", account.pk, plan.key)


@needs(post=Right.ADMINISTER)
def drift_audit(request: HttpRequest, account_id: int) -> HttpResponse:
    """Plan what a full comparison of both sides would repair; one that is under way already is the one."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    if account.disabled:
        messages.warning(request, "The account is disabled, so nothing is compared. Enable it first.")
        return redirect("audit", account.pk)
    return redirect("plan", account.pk, start_drift_audit(account, actor_of(request)).key)
