"""Carries answers to contacts and leads, by the mapping of each form: a page of responses a step.

What a record is to have is stored before it is written. After a lost answer, or by a worker that goes on for
a dead one, the records are looked at first: what they hold by now is told as written, and the rest is decided
afresh.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from syncline.dataverse import RowOutcome
from syncline.forms import last_said, unapplied
from syncline.forms.models import UnappliedResponse
from syncline.ledger import batches
from syncline.ledger.models import Batch
from syncline.mapping.models import Entity
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.derived_ids import derived_id
from syncline.syncs.forms.column_rules import rules_of
from syncline.syncs.forms.decide import Answered, Change, Decision, Rules, decide
from syncline.syncs.forms.tell_applied import Owed, Teller
from syncline.syncs.marketing_lists.needed_columns import needed_columns
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, PRIMARY_IDS, Setting
from syncline.syncs.marketing_lists.write_newcomers import make_records
from syncline.syncs.record_updates import RecordUpdate, update_records

SYNC_TYPE: Final = "forms"
PAGE: Final = 1000
"""Responses a step."""
APPLYING: Final = "form_answers"

_answers = msgspec.json.Decoder(list[tuple[int, int, list[str]]]).decode


_decode = msgspec.json.Decoder(list[Owed]).decode


def apply(context: RunContext, setting: Setting) -> Next | None:
    """One page; what is not known to have arrived is looked at first."""
    del setting
    unsure = batches.first(context.run, APPLYING, batches.INTENDED)
    if unsure is not None:
        _look(context, unsure)
        return More()
    rows = unapplied.page(context.account.pk, PAGE)
    if not rows:
        return None
    decisions = _decide(context, rows)
    owed, idle = _owed(context, decisions)
    with context.storing():
        batch = batches.store(context.run, APPLYING, msgspec.json.encode(owed), len(owed)) if owed else None
    told = [*_update(context, owed)]
    made = [(one, one.create) for one in decisions if one.create]
    new = make_records(context, [(create.columns["emailaddress1"][1], create) for _, create in made])
    put_off = [
        one.after_s or 5.0 for one in [*(answer for _, answer in told), *new] if one.state == "deferred"
    ]
    with context.storing():
        teller = Teller(context)
        teller.tell_updates(told)
        for (decision, create), answer in zip(made, new, strict=True):
            teller.tell_new(decision, create, answer)
        teller.tell_idle(idle)
        for decision in decisions:
            teller.tell_stopped(decision.stopped)
        teller.settle()
        if batch is not None:
            batches.settle(batch)
    context.show("Carrying answers to contacts and leads", context.run.progress_done + len(rows))
    return Wait(max(put_off)) if put_off else More()


def _decide(context: RunContext, rows: Sequence[UnappliedResponse]) -> list[Decision]:
    account = context.account
    order = account.record_priority.split(",")
    rules = Rules(
        forms=rules_of(account, sorted({row.form_key for row in rows})),
        priority={table: place for place, table in enumerate(order)},
        only_open_and_active=account.only_open_and_active,
        needed=needed_columns(account),
        unreadable=context.position.get("left_out", {}),
        new_id=lambda entity, address: derived_id(account, entity, address),
    )
    of_person: dict[str, list[Answered]] = {}
    for row in rows:
        said = {(question, line): words for question, line, words in _answers(row.answers)}
        answered = Answered(row.row_id, row.form_key, row.person_key, said, row.completed)
        of_person.setdefault(row.person_key, []).append(answered)
    people = store.load(account.pk, [], sorted(of_person))
    last = last_said.of(account.pk, sorted(of_person))
    return [decide(person, of_person[person.key], rules, last.get(person.key, {})) for person in people]


def _owed(context: RunContext, decisions: Sequence[Decision]) -> tuple[list[Owed], list[Decision]]:
    """Changes that make a difference, and decisions that make none."""
    changes = [one.change for one in decisions if one.change]
    held = _held(context, changes)
    owed, idle = [], []
    for one in decisions:
        change = one.change
        if change is None:
            idle += [] if one.create else [one]
            continue
        before = held.get(change.record_id)
        # Who is gone since is nobody to be told about; the next reading of Dynamics finds out.
        if before is None or all(before.get(name) == value for name, value in change.columns.items()):
            idle.append(one)
            continue
        rows = [answered.row_id for answered in one.written]
        owed.append(Owed(change, before, rows, one.written[-1].form_key, dict(one.said)))
    return owed, idle


def _held(context: RunContext, changes: Sequence[Change]) -> dict[str, dict[str, Any]]:
    """Record → what Dynamics holds of the columns now."""
    found: dict[str, dict[str, Any]] = {}
    for entity, group in groupby(sorted(changes, key=_entity), key=_entity):
        these = list(group)
        key = PRIMARY_IDS[Entity(entity)]
        columns = sorted({column for change in these for column in change.columns})
        ids = [change.record_id for change in these]
        for row in context.dataverse.rows_of(ENTITY_SETS[Entity(entity)], key, ids, select=[key, *columns]):
            found[row[key]] = {column: row.get(column) for column in columns}
    return found


def _entity(change: Change) -> str:
    return change.entity


def _update(context: RunContext, owed: Sequence[Owed]) -> list[tuple[Owed, RowOutcome]]:
    changes = [one.change for one in owed]
    updates = [RecordUpdate(change.entity, change.record_id, change.columns) for change in changes]
    return list(zip(owed, update_records(context, updates), strict=True))


def _look(context: RunContext, unsure: Batch) -> None:
    owed = _decode(bytes(unsure.payload))
    held = _held(context, [one.change for one in owed])
    arrived = [
        (one, RowOutcome(one.change.record_id, "done"))
        for one in owed
        if _holds(held.get(one.change.record_id, {}), one.change)
    ]
    with context.storing():
        batches.settle(unsure)
        teller = Teller(context)
        teller.tell_updates(arrived)
        teller.settle()


def _holds(held: Mapping[str, Any], change: Change) -> bool:
    return bool(held) and all(held.get(name) == value for name, value in change.columns.items())
