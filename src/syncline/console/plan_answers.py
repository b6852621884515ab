"""What a person says to a plan: approve it, discard it, or have it made anew."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from syncline.accounts.admin_log import Actor
from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.plan_page import about, plan_or_404
from syncline.console.plan_rows import plans_of
from syncline.console.plans_page import right_to_make
from syncline.console.rights import Right, may, needs
from syncline.engine import plans
from syncline.engine.client import start_run
from syncline.engine.plans import PlanProblem
from syncline.engine.repairs import UndoProblem, start_drift_audit, start_undo
from syncline.ledger.models import Purpose, Run
from syncline.ledger.plans import problem_with_approving, problem_with_discarding


@dataclass(frozen=True)
class Answer:
    """One of the two answers, and what stands in its way."""

    name: str
    """Also the last word of its address."""
    problem: Callable[[Run], PlanProblem | None]


APPROVE = Answer("approve", lambda plan: problem_with_approving(plan, timezone.now()))
DISCARD = Answer("discard", problem_with_discarding)


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def approve(request: HttpRequest, account_id: int, plan_key: UUID) -> HttpResponse:
    """Ask once more, with the numbers; on yes start the run that carries the plan out, and show it."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    plan = plan_or_404(account, plan_key)
    if request.method != "POST":
        return _ask(request, account, plan, APPROVE)
    try:
        run = plans.approve(plan, actor_of(request))
    except PlanProblem as problem:
        return _refuse(request, account, plan, problem)
    messages.success(request, f"Plan {plan.pk} was approved: this run carries it out.")
    return redirect("run", account.pk, run.key)


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def discard(request: HttpRequest, account_id: int, plan_key: UUID) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    plan = plan_or_404(account, plan_key)
    if request.method != "POST":
        return _ask(request, account, plan, DISCARD)
    try:
        plans.discard(plan, actor_of(request))
    except PlanProblem as problem:
        return _refuse(request, account, plan, problem)
    messages.success(request, f"Plan {plan.pk} was discarded. Nothing of it was written.")
    return redirect("plan", account.pk, plan.key)


@needs(post=right_to_make)
def make_anew(request: HttpRequest, account_id: int, sync_type: str, plan_key: UUID) -> HttpResponse:
    """The same question asked again, of both sides as they are now."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    former = get_object_or_404(plans_of(account), key=plan_key, sync_type=sync_type)
    if account.disabled:
        messages.warning(request, "The account is disabled, so no plan is made.")
        return redirect("plan", account.pk, former.key)
    if former.purpose == Purpose.UNDO and former.subject is None:
        messages.warning(request, "The run that this plan would undo is no longer kept.")
        return redirect("plan", account.pk, former.key)
    if former.purpose in {Purpose.UNDO, Purpose.DRIFT} and not may(request.user, Right.ADMINISTER):
        raise PermissionDenied
    try:
        plan = _anew(former, actor_of(request))
    except UndoProblem as problem:
        messages.warning(request, f"{problem.words} {problem.remedy}")
        plan = former
    return redirect("plan", account.pk, plan.key)


def _anew(former: Run, actor: Actor) -> Run:
    """Raises UndoProblem where the run that the former plan was to undo can no longer be undone."""
    if former.purpose == Purpose.UNDO and former.subject is not None:
        return start_undo(former.subject, actor)
    if former.purpose == Purpose.DRIFT:
        return start_drift_audit(former.account, actor)
    if former.purpose == Purpose.SYNC:
        return plans.start_plan(former.account, former.sync_type, actor.name, former.scope)
    return start_run(
        former.account,
        former.sync_type,
        actor.name,
        plan_only=True,
        purpose=Purpose(former.purpose),
        subject=former.subject,
        scope=former.scope,
    )


def _ask(request: HttpRequest, account: EmailAccount, plan: Run, answer: Answer) -> HttpResponse:
    """To an open page the question in a dialog; else as a page."""
    in_dialog = bool(request.headers.get("HX-Request"))
    context = about(request, account, plan)
    context |= {"answer": answer.name, "problem": answer.problem(plan), "in_dialog": in_dialog}
    if in_dialog:
        return render(request, "console/account/plan_question.html", context)
    return render(request, "console/account/plan_answer.html", context)


def _refuse(request: HttpRequest, account: EmailAccount, plan: Run, problem: PlanProblem) -> HttpResponse:
    messages.warning(request, f"{problem.words} {problem.remedy}")
    return redirect("plan", account.pk, plan.key)
