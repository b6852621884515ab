"""Which run an undo takes back, by which run one was undone, and whether one can be undone at all.

An undo is a plan (purpose UNDO, about the run that is to be undone) and, once approved, a run that carries
that plan out. So what carried it out is a run like any other, and can be undone itself.
"""

from datetime import datetime, timedelta
from typing import Final

from syncline.ledger import written
from syncline.ledger.models import UNDER_WAY, Purpose, Run, RunStatus

_HOLDS: Final = (*UNDER_WAY, RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_ERRORS)
"""An undo that failed or was cancelled leaves something to undo still."""


class UndoProblem(Exception):
    """A run cannot be undone; the text says why, `remedy` what to do.

    `code`: `under_way`, `a_plan`, `type`, `nothing_written`, `already_undone`, `too_old` or `disabled`.
    """

    def __init__(self, code: str, words: str, remedy: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.remedy = remedy


def undone_run(run: Run) -> Run | None:
    """The run that this one is to take back, or takes back by carrying out a plan for it; None for others."""
    plan = run.subject if run.purpose == Purpose.EXECUTE else run
    return plan.subject if plan is not None and plan.purpose == Purpose.UNDO else None


def undone_by(run: Run) -> Run | None:
    """The run that took this one back and was not taken back itself."""
    undos = Run.objects.filter(
        purpose=Purpose.EXECUTE, subject__purpose=Purpose.UNDO, subject__subject=run, status__in=_HOLDS
    )
    return next((undo for undo in undos.order_by("-pk") if undone_by(undo) is None), None)


def problem_with_undoing(run: Run, now: datetime, retention: timedelta) -> UndoProblem | None:
    """Why this run cannot be undone, or None. Whether its type can is for `syncs` to say."""
    number = run.pk
    if run.plan_only:
        return UndoProblem(
            "a_plan", f"Run {number} is a plan: it wrote nothing.", "There is nothing to undo."
        )
    if run.status in UNDER_WAY:
        return UndoProblem(
            "under_way", f"Run {number} is still under way.", "Wait for it to end, or cancel it first."
        )
    if run.ended_at is None or run.ended_at < now - retention:
        return UndoProblem(
            "too_old",
            f"Run {number} is older than the {retention.days} days for which runs are kept.",
            "Change what has to be changed by hand.",
        )
    if (undo := undone_by(run)) is not None:
        return UndoProblem(
            "already_undone",
            f"Run {number} was undone by run {undo.pk} already.",
            f"To have it back, undo run {undo.pk}.",
        )
    if not written.wrote_anything(run):
        return UndoProblem(
            "nothing_written", f"Run {number} changed nothing on either side.", "There is nothing to undo."
        )
    if run.account.disabled:
        return UndoProblem("disabled", "The account is disabled.", "Enable the account, then undo the run.")
    return None
