"""Raises opt-in types in Dynamics. A value that a person or another account raises in between is never
lowered.
"""

from collections.abc import Sequence
from typing import Final

from syncline.dataverse import ComparedChange, RowOutcome
from syncline.mapping.models import Entity
from syncline.syncs.consent.changes import Change, Decision
from syncline.syncs.consent.compared import Compared, write_compared
from syncline.syncs.consent.opt_in_columns import COLUMN, held
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, Setting


def raise_opt_ins(context: RunContext, setting: Setting) -> Next | None:
    """One page of people."""
    return write_compared(context, setting, RAISING)


def _write(context: RunContext, changes: Sequence[Change]) -> dict[Change, RowOutcome]:
    answers: dict[Change, RowOutcome] = {}
    for table in sorted({change.entity for change in changes}):
        owed = [change for change in changes if change.entity == table]
        rows = [ComparedChange(one.record_id, one.version, {COLUMN: one.after}) for one in owed]
        found = context.dataverse.update_unchanged(ENTITY_SETS[Entity(table)], rows)
        answers.update(zip(owed, found, strict=True))
    return answers


def _arrived(context: RunContext, changes: Sequence[Change]) -> set[Change]:
    now = held(context, [(change.entity, change.record_id) for change in changes])
    return {one for one in changes if one.record_id in now and now[one.record_id].opt_in == one.after}


def _nothing_to_keep(context: RunContext, done: object) -> None:
    """Dynamics is asked each time what it holds."""
    del context, done


def _waits_for_nothing(decision: Decision) -> bool:
    del decision
    return False


RAISING: Final = Compared(
    kind="opt_in",
    text="Raising opt-in types",
    write=_write,
    arrived=_arrived,
    done=_nothing_to_keep,
    agreed=_nothing_to_keep,
    waits=_waits_for_nothing,
)
