"""Plans: what a run decided and did not do, until a person approves or discards it. A plan is used once."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from syncline import bulk
from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount
from syncline.ledger.models import UNDER_WAY, Approval, Outcome, PlanItem, Purpose, Run, RunStatus
from syncline.ledger.outcomes import PLANNED

_FINISHED: Final = (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_ERRORS, RunStatus.WAITING)


class PlanProblem(Exception):
    """A plan cannot be approved or discarded; the text says why, `remedy` what to do.

    `code`: `not_plannable`, `not_a_plan`, `not_finished`, `nothing_to_do`, `not_waiting`, `too_old`,
    `under_way`, `disabled` or `labels_missing`.
    """

    def __init__(self, code: str, words: str, remedy: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.remedy = remedy


# What a plan holds.


def store_items(plan: Run, items: Sequence[tuple[str, bytes]]) -> None:
    """Keep decisions, (key, payload) each, in the transaction that stores their outcomes."""
    rows = [(plan.pk, key, payload) for key, payload in items]
    bulk.insert("ledger_planitem", ("run_id", "key", "payload"), rows)


def items_after(plan: Run, key: str, limit: int) -> list[tuple[str, bytes]]:
    """The next items in the database's own order of keys."""
    found = PlanItem.objects.filter(run=plan, key__gt=key).order_by("key")
    return [(key, bytes(payload)) for key, payload in found.values_list("key", "payload")[:limit]]


def items_of(plan: Run, keys: Sequence[str]) -> dict[str, bytes]:
    found = PlanItem.objects.filter(run=plan, key__in=keys).values_list("key", "payload")
    return {key: bytes(payload) for key, payload in found}


def count_items(plan: Run) -> int:
    return PlanItem.objects.filter(run=plan).count()


def would_change(plan: Run, side: str = "") -> bool:
    """Whether carrying the plan out would change anything, on one side where one is named."""
    planned = Outcome.objects.filter(run=plan, result=PLANNED)
    return (planned.filter(side=side) if side else planned).exists()


# What becomes of it.


def waiting(account: EmailAccount, sync_type: str = "") -> QuerySet[Run]:
    """Plans that a person may still approve or discard, newest first; old ones among them."""
    found = Run.objects.filter(account=account, approval=Approval.WAITING).order_by("-pk")
    return found.filter(sync_type=sync_type) if sync_type else found


def tripped(accounts: Iterable[int]) -> QuerySet[Run]:
    """Runs whose fuse tripped and that wait: nothing of their type is scheduled until somebody decides."""
    return Run.objects.filter(
        account_id__in=accounts, approval=Approval.WAITING, status=RunStatus.WAITING
    ).order_by("-pk")


def valid_until(plan: Run) -> datetime | None:
    """The end of the time in which the plan may be approved; None while it is being made."""
    return plan.ended_at + timedelta(hours=plan.account.plan_valid_h) if plan.ended_at else None


def problem_with_approving(plan: Run, now: datetime) -> PlanProblem | None:
    """Why this plan cannot be approved at this moment, or None."""
    if problem := _problem_with_deciding(plan):
        return problem
    until = valid_until(plan)
    if until is not None and now > until:
        return PlanProblem(
            "too_old",
            f"Plan {plan.pk} is older than {plan.account.plan_valid_h} hours; "
            "too much may have changed since.",
            "Make a new plan and approve that one. How long a plan holds is a setting of the account.",
        )
    if plan.account.disabled:
        return PlanProblem(
            "disabled", "The account is disabled.", "Enable the account, then approve the plan."
        )
    if Run.objects.filter(subject=plan, purpose=Purpose.EXECUTE, status__in=UNDER_WAY).exists():
        return PlanProblem(
            "under_way", f"A run of plan {plan.pk} is under way already.", "Wait for it to end."
        )
    return None


def problem_with_discarding(plan: Run) -> PlanProblem | None:
    return _problem_with_deciding(plan)


def _problem_with_deciding(plan: Run) -> PlanProblem | None:
    number = plan.pk
    if not plan.plan_only:
        return PlanProblem("not_a_plan", f"Run {number} is no plan.", "Make a plan first.")
    if plan.status in UNDER_WAY:
        return PlanProblem("not_finished", f"Plan {number} is still being made.", "Wait until it is through.")
    match plan.approval:
        case Approval.WAITING:
            return None
        case Approval.APPROVED:
            words = f"Plan {number} was approved already, by {plan.approval_by}."
        case Approval.DISCARDED:
            words = f"Plan {number} was discarded by {plan.approval_by}."
        case _ if plan.status in _FINISHED:
            return PlanProblem(
                "nothing_to_do", f"Plan {number} would change nothing.", "There is nothing to approve."
            )
        case _:
            words = f"Plan {number} did not come to its end."
    return PlanProblem("not_waiting", words, "Make a new plan.")


def claim(plan: Run, approval: Approval, by: str, now: datetime) -> bool:
    """Say that a waiting plan was approved or discarded. Of two people at once one wins; False for the other.

    A run that waited because of its fuse has ended with that, either way.
    """
    after = RunStatus.COMPLETED if approval == Approval.APPROVED else RunStatus.CANCELLED
    mine = Run.objects.filter(pk=plan.pk, approval=Approval.WAITING).update(
        approval=approval, approval_by=by, approval_at=now
    )
    if mine:
        Run.objects.filter(pk=plan.pk, status=RunStatus.WAITING).update(status=after)
    plan.refresh_from_db()
    return bool(mine)


@transaction.atomic
def supersede(account: EmailAccount, sync_type: str, by: str) -> None:
    """Somebody starts a run by hand: what waited because of the fuse is decided afresh by it."""
    for plan in tripped([account.pk]).filter(sync_type=sync_type):
        if claim(plan, Approval.DISCARDED, by, timezone.now()):
            log_decision(plan, Actor(by, "Sync Now"))


def log_decision(plan: Run, actor: Actor) -> None:
    """Approved or discarded: an entry of the admin log."""
    shown = {"plan": plan.pk, "sync_type": plan.sync_type}
    record_change(actor, plan.account, f"plan {plan.approval}", {}, shown)
