"""Reads what contacts and leads hold of choices in Dynamics."""

from collections.abc import Sequence
from typing import Any, Final

from syncline.ledger.models import RunStatus
from syncline.people import store
from syncline.people.facts import CrmFacts
from syncline.people.store import choices
from syncline.syncs.consent.read_table import TableReading, read_table
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, Next
from syncline.syncs.ending import end
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import tell
from syncline.syncs.preferences import rows
from syncline.syncs.preferences.facts import numbers_of


def read_rows(context: RunContext, setting: Setting) -> Next | None:
    """One page of them."""
    del setting
    return read_table(context, CHOICE_ROWS, reads_all=True)


def _stage(context: RunContext, found: list[dict[str, Any]]) -> None:
    account_id = context.account.pk
    known = choices.rows_by_id(account_id, [row[f"{rows.CHOICE}id"] for row in found])
    numbers, us = numbers_of(context.account), context.position["our_user"]
    made = [rows.choice_of(row, numbers, us, known.get(row[f"{rows.CHOICE}id"])) for row in found]
    kept = [row for row in made if row is not None]
    choices.keep_rows(account_id, kept, context.run.pk)
    changed = [row.record_id for row in kept if known.get(row.row_id) != row]
    _look_at(context, choices.people_of_records(account_id, changed))


def read_rows_of(context: RunContext, records: Sequence[CrmFacts]) -> None:
    """What these contacts and leads hold by now, rows that were made since among it."""
    if not records:
        return
    one_of = " or ".join(f"{rows.OF_RECORD[one.entity]} eq {one.record_id}" for one in records)
    pages = context.dataverse.pages(rows.CHOICES, select=rows.COLUMNS, filter=one_of)
    found = [row for page in pages for row in page.rows]
    with context.storing():
        _stage(context, found)


def _drop(context: RunContext, row_ids: Sequence[str]) -> None:
    _look_at(context, choices.drop_rows(context.account.pk, row_ids))


def _forget(context: RunContext, most: int) -> int:
    gone = choices.unseen_rows(context.account.pk, context.run.pk, most)
    _drop(context, gone)
    return len(gone)


def _look_at(context: RunContext, keys: set[str]) -> None:
    store.make_due(context.account.pk, store.PREFERENCES, keys)


def _absent(context: RunContext) -> Next:
    end(context.run, RunStatus.FAILED, tell("no_preference_tables"))
    return Done()


CHOICE_ROWS: Final = TableReading(
    name="choice_rows",
    table=rows.CHOICE,
    set_=rows.CHOICES,
    columns=rows.COLUMNS,
    kept="",
    stage=_stage,
    drop=_drop,
    forget=_forget,
    absent=_absent,
)
