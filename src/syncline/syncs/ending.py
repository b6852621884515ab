"""How a run ends: its status, its message, and the state of its parts."""

from datetime import UTC, datetime

from django.db import transaction

from syncline.ledger.leases import hold
from syncline.ledger.models import Run, RunPart, RunStatus
from syncline.syncs.messages import Told, tell


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
    run.save(update_fields=["status", "ended_at", "message_code", "message", "remedy", "progress_text"])
    stopped = status in {RunStatus.FAILED, RunStatus.CANCELLED}
    RunPart.objects.filter(run=run, status=RunStatus.RUNNING).update(
        status=status if stopped else RunStatus.COMPLETED
    )


def _closing_words(run: Run) -> Told | None:
    if run.message_code:
        return None
    if run.rejected:
        return tell("some_rejected", run.rejected, run.read)
    return None if run.read else tell("nothing_new")
