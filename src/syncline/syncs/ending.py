"""How a run ends: its status, its message, and the state of its parts."""

from datetime import UTC, datetime
from typing import Final

from django.db import transaction

from syncline.ledger.leases import hold
from syncline.ledger.models import Approval, Purpose, Run, RunPart, RunStatus
from syncline.ledger.plans import would_change
from syncline.syncs.messages import Told, tell

FINISHED: Final = (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_ERRORS)


def verdict(run: Run) -> RunStatus:
    """How a run that came to its end is shown."""
    run.refresh_from_db()
    broken = run.parts.filter(status=RunStatus.FAILED).exists()
    return RunStatus.COMPLETED_WITH_ERRORS if run.rejected or broken else RunStatus.COMPLETED


@transaction.atomic
def end(run: Run, status: RunStatus, told: Told | None = None) -> None:
    """Close the run. What a sync type said about its own end stands, unless there is something worse to
    tell.
    """
    hold()
    run.refresh_from_db()
    told = told or _closing_words(run)
    if told is not None:
        run.message_code, run.message, run.remedy = told.code, told.text, told.remedy
    run.status, run.ended_at = status, datetime.now(UTC)
    run.progress_text = ""
    if run.plan_only and status in FINISHED and would_change(run):
        _wait_for_approval(run)
    run.save(
        update_fields=[
            "status", "ended_at", "approval", "message_code", "message", "remedy", "progress_text"
        ]
    )  # fmt: skip
    stopped = status in {RunStatus.FAILED, RunStatus.CANCELLED}
    RunPart.objects.filter(run=run, status=RunStatus.RUNNING).update(
        status=status if stopped else RunStatus.COMPLETED
    )


def _wait_for_approval(run: Run) -> None:
    """A plan that would change something is a person's to decide on. One that the fuse made says so."""
    run.approval = Approval.WAITING
    if run.fuse:
        told = tell("fuse_tripped", " ".join(run.fuse))
        run.status = RunStatus.WAITING
        run.message_code, run.message, run.remedy = told.code, told.text, told.remedy


def words_on_left_out(run: Run) -> Told | None:
    """Of a run that carries out a plan: how many records had changed since, if any."""
    if run.purpose != Purpose.EXECUTE:
        return None
    changed = run.outcomes.filter(reason="changed_since_plan").values("person_key").distinct().count()
    return tell("changed_since_plan", changed) if changed else None


def _closing_words(run: Run) -> Told | None:
    if run.message_code:
        return None
    if left_out := words_on_left_out(run):
        return left_out
    if run.rejected:
        return tell("some_rejected", run.rejected, run.read)
    return None if run.read else tell("nothing_new")
