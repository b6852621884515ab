"""What a run is for, where it is more than a plain sync: the badge it wears, and the run that it is about."""

from syncline.ledger.models import Approval, Purpose, Run, RunStatus

MADE_BY_THE_FUSE = "purpose_fuse"
PLAIN_PLAN = "purpose_plan"

_CODES = {
    Purpose.EXECUTE: "purpose_execute",
    Purpose.UNDO: "purpose_undo",
    Purpose.DRIFT: "purpose_drift",
}


def purpose_of(run: Run) -> str:
    """The badge's code; empty for a sync like any other."""
    if run.fuse or run.status == RunStatus.WAITING:
        return MADE_BY_THE_FUSE
    if run.purpose in _CODES:
        return _CODES[Purpose(run.purpose)]
    return PLAIN_PLAN if is_plan(run) else ""


def is_plan(run: Run) -> bool:
    """Whether there is something to look at under Plans: asked for as a plan, or made one by the fuse."""
    return run.plan_only or run.approval != Approval.NONE


def subject_words(run: Run) -> str:
    """How the run stands to the run in `subject`: `Undoes run 12`; empty where it is about none."""
    if run.subject_id is None:
        return ""
    if run.purpose == Purpose.EXECUTE:
        return f"Carries out plan {run.subject_id}"
    return f"Undoes run {run.subject_id}" if run.purpose == Purpose.UNDO else ""
