"""A run's message with what it means and what to do about it."""

from dataclasses import dataclass

from syncline.ledger.models import Run, RunPart, RunStatus
from syncline.syncs.messages import explain

TONES = {
    RunStatus.FAILED: "danger",
    RunStatus.COMPLETED_WITH_ERRORS: "warning",
}


@dataclass(frozen=True)
class RunMessage:
    text: str
    meaning: str
    remedy: str
    tone: str
    """`danger`, `warning` or `info`."""


def message_of(run: Run | RunPart) -> RunMessage | None:
    """None where the run, or the part of one, has nothing to say."""
    entry = explain(run.message_code)
    text = run.message or (entry.text if entry else "")
    if not text:
        return None
    remedy = getattr(run, "remedy", "") or (entry.remedy if entry and "{" not in entry.remedy else "")
    return RunMessage(
        text=text,
        meaning=entry.meaning if entry else "",
        remedy=remedy,
        tone=TONES.get(RunStatus(run.status), "info"),
    )
