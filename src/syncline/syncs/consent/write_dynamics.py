"""Writes a page of changes to Dynamics: each kind in the largest messages it takes, each row with its own
answer.

Every write is the same when repeated (a mark, a row under an id of ours, leaving a list), so a page whose
worker died is simply decided and written once more. A mark whose answer was lost with its worker is not known
to be ours by then, and stays: doubt never clears one.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from syncline.dataverse import MOST_ROWS_A_MESSAGE, RowChange, RowOutcome
from syncline.lists.models import MarketingList
from syncline.mapping.models import Entity
from syncline.syncs.consent.changes import Change, Kind
from syncline.syncs.consent.rows import (
    SUPPRESSED_EMAIL_TABLE,
    SUPPRESSED_EMAILS,
    SUPPRESSION_TABLE,
    SUPPRESSIONS,
    suppressed_email_row,
    suppression_row,
)
from syncline.syncs.consent.telling import BULK_EMAIL
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists.decisions import CrmJoin
from syncline.syncs.marketing_lists.leave_lists import write_leaves
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, Setting

Owed = Sequence[tuple[str, Change]]
"""(person key, change)."""

Write = Callable[[RunContext, Setting, Owed], list[RowOutcome]]
"""Answers in the order of what is owed."""


def _write_marks(context: RunContext, setting: Setting, owed: Owed) -> list[RowOutcome]:
    del setting
    found: dict[tuple[str, str], RowOutcome] = {}
    for entity, group in groupby(sorted(owed, key=_entity), key=_entity):
        rows = [RowChange(one.record_id, {BULK_EMAIL: one.kind == Kind.MARK}) for _, one in group]
        for answer in context.dataverse.update_isolated(ENTITY_SETS[Entity(entity)], entity, rows):
            found[entity, answer.id] = answer
    return [found[one.entity, one.record_id] for _, one in owed]


def _entity(owed: tuple[str, Change]) -> str:
    return owed[1].entity


def _write_records(context: RunContext, setting: Setting, owed: Owed) -> list[RowOutcome]:
    del setting
    rows = [RowChange(*row) for row in _record_rows(context, owed)]
    return context.dataverse.upsert_isolated(
        SUPPRESSIONS, SUPPRESSION_TABLE, rows, at_a_time=MOST_ROWS_A_MESSAGE
    )


def _record_rows(context: RunContext, owed: Owed) -> list[tuple[str, dict[str, Any]]]:
    """Ids and columns, in the order of what is owed."""
    wanted = {one.list_id for _, one in owed}
    # Of lists that are not synced any more as well: a record against one may have to go.
    lists = dict(MarketingList.objects.filter(pk__in=wanted).values_list("pk", "list_id"))
    return [
        suppression_row(
            context.account,
            one.record_id,
            Entity(one.entity),
            key,
            one.reason,
            _since(context, one),
            lists.get(one.list_id),
        )
        for key, one in owed
    ]


def _since(context: RunContext, change: Change) -> datetime:
    """Of an address that Dotdigital has not been told of, now."""
    return datetime.fromisoformat(change.since) if change.since else context.now()


def _strike_records(context: RunContext, setting: Setting, owed: Owed) -> list[RowOutcome]:
    del setting
    ids = [id_ for id_, _ in _record_rows(context, owed)]
    if context.position.get("no_tables"):
        return [RowOutcome(id_, "done") for id_ in ids]
    return context.dataverse.delete_isolated(SUPPRESSIONS, ids)


def _leave_lists(context: RunContext, setting: Setting, owed: Owed) -> list[RowOutcome]:
    leaves = [(key, CrmJoin(one.list_id, one.entity, one.record_id, one.name)) for key, one in owed]
    return write_leaves(context, setting, leaves)


def _enter(context: RunContext, setting: Setting, owed: Owed) -> list[RowOutcome]:
    del setting
    rows = [
        RowChange(*suppressed_email_row(context.account, key, one.reason, _since(context, one)))
        for key, one in owed
    ]
    return context.dataverse.upsert_isolated(
        SUPPRESSED_EMAILS, SUPPRESSED_EMAIL_TABLE, rows, at_a_time=MOST_ROWS_A_MESSAGE
    )


def _release(context: RunContext, setting: Setting, owed: Owed) -> list[RowOutcome]:
    del setting
    return context.dataverse.delete_isolated(SUPPRESSED_EMAILS, [one.record_id for _, one in owed])


WRITES: Final[Mapping[Kind, Write]] = {
    Kind.MARK: _write_marks,
    Kind.LEAVE: _leave_lists,
    Kind.RECORD: _write_records,
    Kind.ENTER: _enter,
    Kind.UNMARK: _write_marks,
    Kind.STRIKE: _strike_records,
    Kind.RELEASE: _release,
}
"""What is written to Dynamics, in the order in which it is: what restricts comes first."""


def write(context: RunContext, setting: Setting, owed: Owed) -> list[tuple[str, Change, RowOutcome]]:
    """Everything owed, with its answers."""
    told: list[tuple[str, Change, RowOutcome]] = []
    for kind, how in WRITES.items():
        mine = [(key, one) for key, one in owed if one.kind == kind]
        if mine:
            answers = how(context, setting, mine)
            told += [(key, one, answer) for (key, one), answer in zip(mine, answers, strict=True)]
    return told
