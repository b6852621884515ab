"""Sends records as bulk imports, as few and as large as Dotdigital takes them.

Each import is stored before it is sent; several are under way at once. What became of them is in `settle`.
"""

from itertools import groupby
from typing import Final

import msgspec

from syncline.dotdigital import INSIGHT_MAX_BYTES, INSIGHT_MAX_RECORDS, TooManyImports, encode_record
from syncline.insight import rows
from syncline.insight.models import InsightTable
from syncline.insight.rows import Wanted
from syncline.ledger import batches, plans
from syncline.ledger.models import Batch
from syncline.remote import Permanent
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.insight_data.decide import Decision
from syncline.syncs.insight_data.pages import SENT, Page, decided, encode, item_key, next_page
from syncline.syncs.insight_data.settle import IMPORT, Payload, decode_payload, settle_due, table_of
from syncline.syncs.insight_data.tables import each_table, fail_table, part_of
from syncline.syncs.insight_data.telling import tell_left_out, tell_planned, tell_skipped
from syncline.syncs.marketing_lists.setting import Setting

IN_FLIGHT: Final = 5
"""Imports under way at once: an account takes 25 of contacts from all its integrations."""


def settle_left_behind(context: RunContext, setting: Setting) -> Next | None:
    """What an earlier run sent is settled from its answer; what it never sent is decided afresh."""
    del setting
    if context.run.plan_only:
        return None
    under_way = batches.waiting(context.run, IMPORT, batches.SENT)
    if under_way:
        return settle_due(context, under_way)
    unsent = batches.first(context.run, IMPORT, batches.INTENDED)
    if unsent is None:
        return None
    with context.storing():
        _note_possible(unsent, decode_payload(bytes(unsent.payload)))
        unsent.delete()
    return More()


def _note_possible(batch: Batch, payload: Payload) -> None:
    """What is left out of a batch that was tried before may have arrived then: it is to be taken away from
    whoever is not to have it.
    """
    if batch.sent_at is not None:
        for table_id, decisions in groupby(payload, key=_table_id):
            rows.keep_possible(table_id, [(one.row_id, one.contact_id) for _, one in decisions])


def _table_id(row: tuple[int, Decision]) -> int:
    return row[0]


def keep_plan(context: RunContext, setting: Setting) -> Next | None:
    """In a plan: one page of what would be done."""
    del setting
    return each_table(context, "plan", _keep_plan) if context.run.plan_only else None


def _keep_plan(context: RunContext, table: InsightTable) -> Next | None:
    after = context.position.get("plan_after", "")
    page = next_page(context, table, Wanted.ALL, after, INSIGHT_MAX_RECORDS)
    if not page.last:
        return None
    acting = [one for one in page.decisions if one.action != "none"]
    with context.storing():
        tell_planned(context, part_of(context, table).pk, acting)
        plans.store_items(context.run, [(item_key(table, one.row_id), encode(one)) for one in acting])
        context.save_position(plan_after=page.last)
        context.show("Deciding", context.run.progress_done + len(page.decisions))
    return More()


def send(context: RunContext, setting: Setting) -> Next | None:
    """Send what is ready, else decide the next page, else look at what is under way."""
    del setting
    if context.run.plan_only:
        return None
    under_way = batches.waiting(context.run, IMPORT, batches.SENT)
    if len(under_way) < IN_FLIGHT:
        intended = batches.first(context.run, IMPORT, batches.INTENDED)
        if intended is not None:
            return _send(context, intended)
        answer = each_table(context, "send", _decide)
        if answer is not None:
            return answer
        if not under_way:
            return None
    return settle_due(context, under_way)


def _decide(context: RunContext, table: InsightTable) -> Next | None:
    after = context.position.get("send_after", "")
    page = next_page(context, table, Wanted.IMPORTS, after, INSIGHT_MAX_RECORDS)
    if not page.last:
        return None
    with context.storing():
        _intend(context, table, page)
        part_id = part_of(context, table).pk
        tell_skipped(context, part_id, [one for one in page.decisions if one.action not in SENT])
        tell_left_out(context, part_id, page.left_out)
        context.save_position(send_after=page.last)
    return More()


def _intend(context: RunContext, table: InsightTable, page: Page) -> None:
    """Store the imports of a page, each within what is sent at once."""
    size, chunk = 0, list[Decision]()
    for one in page.decisions:
        if one.action not in SENT:
            continue
        length = len(_encoded(one)) + 1
        if chunk and size + length > INSIGHT_MAX_BYTES:
            _store(context, table, chunk)
            size, chunk = 0, []
        size += length
        chunk.append(one)
    if chunk:
        _store(context, table, chunk)


def _store(context: RunContext, table: InsightTable, chunk: list[Decision]) -> None:
    payload: Payload = [(table.pk, one) for one in chunk]
    batches.store(context.run, IMPORT, encode(payload), len(chunk))


def _encoded(decision: Decision) -> bytes:
    return encode_record(decision.row_id, msgspec.Raw(decision.columns.encode()), decision.contact_id)


def _send(context: RunContext, batch: Batch) -> Next:
    """Send one import. Permits are asked for anew: somebody may have opted out since it was decided."""
    payload = decode_payload(bytes(batch.payload))
    table = table_of(payload)
    if table is None or table.pk in context.position.get("failed", []):
        with context.storing():
            _note_possible(batch, payload)
            batches.settle(batch)
        return More()
    sent = {one.row_id: one for _, one in payload}
    fresh, permits = decided(context, rows.rows_of(table.pk, list(sent)).values())
    kept = [
        one
        for one in fresh
        if one.row_id in permits
        and (one.contact_id, one.columns) == (sent[one.row_id].contact_id, sent[one.row_id].columns)
    ]
    if len(kept) < len(payload):
        return _leave_out(context, batch, payload, [(table.pk, one) for one in kept])
    batches.note_attempt(batch, context.now())
    try:
        import_id = context.dotdigital.import_insight(table.collection, [_encoded(one) for one in kept])
    except TooManyImports as error:
        return Wait(error.after_s or 10.0)
    except Permanent as error:
        return _refused(context, table, batch, error)
    with context.storing():
        batches.mark_sent(batch, import_id, context.now())
        context.show("Sending to Dotdigital", context.run.progress_done + len(kept))
    return More()


def _leave_out(context: RunContext, batch: Batch, payload: Payload, kept: Payload) -> Next:
    """What is no longer as it was decided comes with the next run."""
    there = {one.row_id for _, one in kept}
    with context.storing():
        _note_possible(batch, [row for row in payload if row[1].row_id not in there])
        if kept:
            batch.payload, batch.size = encode(kept), len(kept)
            batch.save(update_fields=["payload", "size"])
        else:
            batches.settle(batch)
    return More()


def _refused(context: RunContext, table: InsightTable, batch: Batch, error: Permanent) -> Next:
    """Dotdigital does not take the import at all: that is about the collection, and not about any row."""
    with context.storing():
        batches.settle(batch)
        what_to_do = "Look at the collection in Dotdigital, or choose another."
        fail_table(context, table, str(error), what_to_do, closed=True)
    return More()
