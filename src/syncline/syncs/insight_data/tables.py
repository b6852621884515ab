"""Going through the chosen tables one after another, each with its row in the audit. One that cannot be
carried over does not keep the others.
"""

from collections.abc import Callable
from typing import Final

from syncline.insight.models import InsightTable
from syncline.ledger.models import RunPart, RunStatus
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.messages import tell

SYNC_TYPE: Final = "insight"
AUDIT_TYPE: Final = "InsightData"

Work = Callable[[RunContext, InsightTable], Next | None]


def each_table(
    context: RunContext, phase: str, work: Work, *, though_unreadable: bool = False
) -> Next | None:
    """One piece of work on the table that this phase has come to; `work` answers None when it is through.
    `though_unreadable`: it asks nothing of Dynamics, so that a table which cannot be read has its turn too.
    """
    at: int = context.position.get(f"{phase}_at", 0)
    tables: list[int] = context.position["tables"]
    if at >= len(tables):
        return None
    table = InsightTable.objects.select_related("account").filter(pk=tables[at]).first()
    left_out = context.position.get("closed" if though_unreadable else "failed", [])
    if table is not None and table.pk not in left_out:
        answer = work(context, table)
        if answer is not None:
            return answer
    context.save_position(**{f"{phase}_at": at + 1, f"{phase}_after": ""})
    return More()


def part_of(context: RunContext, table: InsightTable) -> RunPart:
    part, _ = RunPart.objects.get_or_create(
        run=context.run, audit_type=AUDIT_TYPE, reference=table.pk, defaults={"name": str(table)[:200]}
    )
    return part


def fail_table(
    context: RunContext, table: InsightTable, why: str, what_to_do: str = "", *, closed: bool = False
) -> None:
    """This table is neither read nor sent for the rest of the run. `closed`: its collection cannot be worked
    on either; else records are still taken away from it. Part of the caller's transaction.
    """
    told = tell("insight_table_failed", why, what_to_do)
    part = part_of(context, table)
    part.status, part.message_code, part.message, part.notes = (
        RunStatus.FAILED,
        told.code,
        told.text,
        what_to_do,
    )
    part.save(update_fields=["status", "message_code", "message", "notes"])
    for name in ("failed", "closed") if closed else ("failed",):
        context.save_position(**{name: [*context.position.get(name, []), table.pk]})


def note(part: RunPart, text: str) -> None:
    part.notes = "\n".join([*part.notes.splitlines(), text])
    part.save(update_fields=["notes"])
