"""CRM metadata: which columns of contact, lead and account can be mapped, as they are in Dynamics today; and
those of the tables that a mapping looks through to.

One table a step. Nothing is written to Dynamics.
"""

from collections import Counter
from functools import partial
from typing import Any, Final

import msgspec

from syncline.ledger import outcomes
from syncline.ledger.models import Purpose
from syncline.ledger.outcomes import OutcomeRow
from syncline.mapping import crm_columns
from syncline.mapping.models import CrmField, FieldMapping
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next
from syncline.syncs.ending import words_on_left_out
from syncline.syncs.messages import tell
from syncline.syncs.proposals import Proposal, approved_keys, settle


def step(context: RunContext) -> Next:
    """Bring one table's columns up to date; after the last, say what has become of mapped ones."""
    waiting: list[str] | None = context.position.get("tables")
    if waiting is None:
        waiting = crm_columns.tables_to_refresh(context.account)
        context.save_position(tables=waiting, tables_in_all=len(waiting))
    if not waiting:
        _close(context)
        return Done()
    table, in_all = waiting[0], context.position.get("tables_in_all", len(waiting))
    context.show(f"Reading the columns of {table.title()}", in_all - len(waiting), in_all)
    found = crm_columns.read_columns(context.dataverse, table)
    with context.storing():
        known = {row.logical_name: row for row in context.account.crm_fields.filter(entity=table)}
        fresh: list[CrmField] = []
        rows = settle(context, _compare(context, table, known, found, fresh))
        CrmField.objects.bulk_create(fresh, batch_size=200)
        outcomes.record(context.run, rows, context.now())
        outcomes.count(context.run, Counter({(None, "unchanged"): _unchanged(context, table, known, rows)}))
        if not context.run.plan_only and context.run.purpose != Purpose.EXECUTE:
            context.account.crm_fields.filter(entity=table).update(refreshed_at=context.now())
        context.save_position(
            tables=waiting[1:], lost=context.position.get("lost", []) + _lost(context, rows)
        )
    return More()


def _compare(
    context: RunContext,
    table: str,
    known: dict[str, CrmField],
    found: dict[str, dict[str, Any]],
    fresh: list[CrmField],
) -> list[Proposal]:
    """One proposal for each difference. Columns that are new are put into `fresh`, to be stored together."""
    proposals = []
    for name, kept in found.items():
        row = known.get(name)
        if row is None:
            row = CrmField(
                account=context.account, entity=table, logical_name=name, refreshed_at=context.now(), **kept
            )
            proposals.append(
                Proposal(_key(row), _outcome(row, "create", {}), kept, partial(fresh.append, row))
            )
        elif changes := _changes(row, kept):
            carry_out = partial(_update, row, kept)
            proposals.append(Proposal(_key(row), _outcome(row, "update", changes), changes, carry_out))
    proposals += [
        Proposal(_key(row), _outcome(row, "remove", {}), None, partial(_delete, row))
        for name, row in known.items()
        if name not in found
    ]
    return proposals


def _update(row: CrmField, kept: dict[str, Any]) -> None:
    CrmField.objects.filter(pk=row.pk).update(**kept)


def _delete(row: CrmField) -> None:
    CrmField.objects.filter(pk=row.pk).delete()


def _unchanged(context: RunContext, table: str, known: dict[str, CrmField], rows: list[OutcomeRow]) -> int:
    """Columns about which nothing had to be done; of a plan, what it held and is in step by now."""
    planned = approved_keys(context, f"{table}.")
    if planned is not None:
        return len(planned) - len(rows)
    return len(known) - sum(row.action != "create" for row in rows)


def _key(row: CrmField) -> str:
    return f"{row.entity}.{row.logical_name}"


def _changes(row: CrmField, kept: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: [getattr(row, name), new] for name, new in kept.items() if getattr(row, name) != new}


_RESULTS: Final = {"create": "created", "update": "updated", "remove": "removed"}
_WORDS: Final = {
    "create": "New in Dynamics: it can be mapped now.",
    "update": "Changed in Dynamics.",
    "remove": "No longer in Dynamics, or no longer readable.",
}


def _outcome(row: CrmField, action: str, changes: dict[str, list[Any]]) -> OutcomeRow:
    result = _RESULTS[action]
    return OutcomeRow(
        part_id=None,
        person_key=row.logical_name,
        name=row.display_name,
        entity=row.entity,
        record_id="",
        side="dynamics",
        result=result,
        action=action,
        detail=_WORDS[action],
        fields=msgspec.json.encode(changes).decode(),
        counts_as=result,
    )


def _lost(context: RunContext, rows: list[OutcomeRow]) -> list[str]:
    """`table.column` of the columns that are gone and that a mapping uses."""
    gone = {(row.entity, row.person_key) for row in rows if row.action == "remove"}
    used: set[tuple[str, str]] = set()
    for one in FieldMapping.objects.filter(account=context.account) if gone else ():
        used.add((one.through_table or one.entity, one.crm_field))
        used.add((one.entity, one.through))
    return sorted(f"{table}.{column}" for table, column in used & gone)


def _close(context: RunContext) -> None:
    """The run's message: mapped columns that are gone, or that nothing has changed at all."""
    run = context.run
    run.refresh_from_db()
    lost = context.position.get("lost", [])
    left_out = words_on_left_out(run)
    if left_out is not None:
        told = left_out
    elif lost:
        told = tell("metadata_changed", f"Mapped columns are no longer in Dynamics: {', '.join(lost)}")
    elif run.created or run.updated or run.removed:
        return
    else:
        told = tell("nothing_new")
    with context.storing():
        run.message_code, run.message, run.remedy = told.code, told.text, told.remedy
        run.save(update_fields=["message_code", "message", "remedy"])
