"""What became of each import: its report is read, and every record in it gets its outcome.

That an import has ended does not mean that every record was taken. One that failed as a whole is halved
until only the bad records are left.
"""

from typing import Final

import msgspec

from syncline.dotdigital import InsightFailure, InsightReport, NotFound
from syncline.insight import rows
from syncline.insight.models import InsightTable
from syncline.ledger import batches
from syncline.ledger.models import Batch
from syncline.ledger.outcomes import OutcomeRow
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.insight_data.decide import Decision
from syncline.syncs.insight_data.tables import part_of
from syncline.syncs.insight_data.telling import outcome, tell_done, tell_refused

IMPORT: Final = "insight"
MOST_NARROWINGS: Final = 15
"""Halving 5,000 records down to one takes 13 rounds."""
MOST_IMPORTS_FOR_NARROWING: Final = 200
"""A run stops narrowing after so many extra imports, and holds what is left."""

Payload = list[tuple[int, Decision]]
"""(`InsightTable.id`, decision); all of one table."""

_REASONS: Final = {"contactiddoesnotexist": "deleted_there"}

decode_payload = msgspec.json.Decoder(Payload).decode


def table_of(payload: Payload) -> InsightTable | None:
    """None where nobody wants the table carried over any more."""
    ids = {table_id for table_id, _ in payload}
    return InsightTable.objects.filter(pk__in=ids).first()


def settle_due(context: RunContext, under_way: list[Batch]) -> Next:
    """Look at the import whose turn it is, or wait until one is due."""
    now = context.now()
    wait_s = batches.seconds_until_look(under_way, now)
    if wait_s > 0:
        return Wait(wait_s)
    batch = batches.next_to_look_at(under_way)
    try:
        report = context.dotdigital.insight_import_report(batch.remote_id)
    except NotFound:
        # Dotdigital has forgotten the import. Sending it again is harmless, not knowing its outcome is not.
        batches.send_again(batch)
        return More()
    if not report.finished:
        batches.look_later(batch, now)
        return More()
    with context.storing():
        _settle(context, batch, report)
        batches.settle(batch)
    return More()


def _settle(context: RunContext, batch: Batch, report: InsightReport) -> None:
    payload = decode_payload(bytes(batch.payload))
    table = table_of(payload)
    if table is None:
        return
    decisions = [decision for _, decision in payload]
    if report.succeeded:
        _settle_rows(context, table, decisions, report)
    else:
        _narrow(context, table, batch, decisions, report.status)


def _settle_rows(
    context: RunContext, table: InsightTable, decisions: list[Decision], report: InsightReport
) -> None:
    failures = {failure.key: failure for failure in report.failures}
    went = [one for one in decisions if one.row_id not in failures]
    part_id = part_of(context, table).pk
    rows.keep_sent(table.pk, [(one.row_id, one.contact_id, one.columns) for one in went])
    tell_done(context, part_id, went)
    told = [_rejected(part_id, one, failures[one.row_id]) for one in decisions if one.row_id in failures]
    _refuse(context, table, [one for one in decisions if one.row_id in failures], told)


def _rejected(part_id: int, decision: Decision, failure: InsightFailure) -> OutcomeRow:
    return outcome(part_id, decision, "rejected")._replace(
        reason=_REASONS.get(failure.reason.lower(), "refused_by_dotdigital"),
        detail=failure.words,
        vendor_code=failure.reason[:64],
    )


def _refuse(
    context: RunContext, table: InsightTable, refused: list[Decision], told: list[OutcomeRow]
) -> None:
    rows.keep_refused(table.pk, [(one.row_id, one.contact_id) for one in refused])
    tell_refused(context, told)


def _narrow(
    context: RunContext, table: InsightTable, batch: Batch, decisions: list[Decision], status: str
) -> None:
    """Halve an import that failed as a whole, or hold what cannot be halved any more."""
    spent = context.position.get("narrowings", 0)
    if len(decisions) == 1 or batch.narrowing >= MOST_NARROWINGS or spent >= MOST_IMPORTS_FOR_NARROWING:
        part_id = part_of(context, table).pk
        told = [
            outcome(part_id, one, "rejected")._replace(
                reason="refused_by_dotdigital",
                detail=f"Import {batch.remote_id} ended as {status}.",
                vendor_code=status[:64],
            )
            for one in decisions
        ]
        _refuse(context, table, decisions, told)
        return
    middle = len(decisions) // 2
    for half in (decisions[:middle], decisions[middle:]):
        payload = msgspec.json.encode([(table.pk, one) for one in half])
        batches.store(context.run, IMPORT, payload, len(half), narrowing=batch.narrowing + 1)
    context.save_position(narrowings=spent + 2)
