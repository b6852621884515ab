"""The audit's row for each of the two tables, and what it says where something went wrong."""

from typing import Final

from syncline.ledger.models import RunPart, RunStatus
from syncline.syncs.context import RunContext
from syncline.syncs.messages import MESSAGES, Told, tell

AUDIT_TYPE: Final = "WebBehaviour"
VISITS: Final = "Web visits"
PAGE_VIEWS: Final = "Page views"
_ORDER: Final = (VISITS, PAGE_VIEWS)


def part_of(context: RunContext, what: str) -> RunPart:
    part, _ = RunPart.objects.get_or_create(
        run=context.run, audit_type=AUDIT_TYPE, reference=_ORDER.index(what) + 1, defaults={"name": what}
    )
    return part


def fail_part(context: RunContext, what: str, why: str) -> None:
    """One of the tables is shut to us; what it was to hold stays here for the next run."""
    part, told = part_of(context, what), tell("web_table_failed", what)
    part.status, part.message_code = RunStatus.FAILED, told.code
    part.message, part.notes = told.text, why
    part.save(update_fields=["status", "message_code", "message", "notes"])


def failures(context: RunContext) -> Told | None:
    """The message of the run where a table failed: that of the first."""
    part = RunPart.objects.filter(run=context.run).exclude(message_code="").order_by("reference").first()
    if part is None:
        return None
    return Told(part.message_code, part.message, f"{part.notes} {MESSAGES[part.message_code].remedy}")
