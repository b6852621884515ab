"""The rows of the Plans page: which plans there are, and how each of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q, QuerySet, prefetch_related_objects

from syncline.accounts.models import EmailAccount
from syncline.console.plan_words import summary_of
from syncline.console.purposes import purpose_of
from syncline.console.run_message import RunMessage, message_of
from syncline.console.sync_types import name_of
from syncline.ledger.models import UNDER_WAY, Approval, Purpose, Run, RunStatus
from syncline.ledger.plans import valid_until

WAITING, TOO_OLD, NOTHING = "plan_waiting", "plan_too_old", "plan_nothing"


@dataclass(frozen=True)
class PlanRow:
    """One line of the page."""

    plan: Run
    type_name: str
    purpose: str
    """Badge code."""
    state: str
    """Badge code: `plan_waiting`, `plan_approved`, `plan_discarded`, `plan_too_old`, or a status."""
    summary: str
    """What it would do, in words; empty until the plan has been made."""
    message: RunMessage | None
    valid_until: datetime | None
    """None while it is being made."""
    about_run: Run | None
    """The run that it would undo."""
    carried_out_by: Run | None

    @property
    def may_be_answered(self) -> bool:
        return self.plan.approval == Approval.WAITING

    @property
    def may_be_made_anew(self) -> bool:
        """Not while it is under way or can be answered, nor where the run to undo is no longer kept."""
        gone = self.plan.purpose == Purpose.UNDO and self.about_run is None
        return self.state not in (*UNDER_WAY, WAITING) and not gone


def plans_of(account: EmailAccount) -> QuerySet[Run]:
    """Newest first: what was asked for as a plan, and what the fuse made one."""
    found = Run.objects.filter(Q(plan_only=True) | ~Q(approval=Approval.NONE), account=account)
    emptied = Count("parts", filter=Q(parts__removed__gt=0))
    return (
        found.defer("position")
        .select_related("subject", "account")
        .annotate(lists_left=emptied)
        .order_by("-pk")
    )


def plan_rows(plans: Sequence[Run], now: datetime) -> list[PlanRow]:
    """The lines for plans that were read with `plans_of`."""
    carrying = Run.objects.defer("position").filter(plan_only=False).order_by("pk")
    prefetch_related_objects(plans, Prefetch("followed_by", queryset=carrying, to_attr="carrying"))
    return [_row(plan, now) for plan in plans]


def _row(plan: Run, now: datetime) -> PlanRow:
    carrying: list[Run] = plan.carrying  # type: ignore[attr-defined]
    return PlanRow(
        plan=plan,
        type_name=name_of(plan.sync_type),
        purpose=purpose_of(plan),
        state=state_of(plan, now),
        summary="" if is_unfinished(plan) else summary_of(plan, plan.lists_left),  # type: ignore[attr-defined]
        message=message_of(plan) if plan.status == RunStatus.FAILED else None,
        valid_until=valid_until(plan),
        about_run=plan.subject if plan.purpose == Purpose.UNDO else None,
        carried_out_by=next((run for run in carrying if run.purpose == Purpose.EXECUTE), None),
    )


def state_of(plan: Run, now: datetime) -> str:
    """How the plan stands, as a badge code."""
    if plan.approval in (Approval.APPROVED, Approval.DISCARDED):
        return f"plan_{plan.approval}"
    if is_unfinished(plan):
        return plan.status
    if plan.approval != Approval.WAITING:
        return NOTHING
    until = valid_until(plan)
    return TOO_OLD if until and now > until else WAITING


def is_unfinished(plan: Run) -> bool:
    """Whether it is being made, or never came to its end."""
    if plan.approval == Approval.DISCARDED:
        return False  # One that the fuse made has ended as cancelled.
    return plan.status in (*UNDER_WAY, RunStatus.FAILED, RunStatus.CANCELLED)
