"""The out-pass: decisions become bulk imports, as few and as large as Dotdigital takes them.

Each import is stored before it is sent. Several are under way at once; `settle_imports` looks at their
reports.
"""

from typing import Final

from syncline.consent.gate import Permit
from syncline.dotdigital import IMPORT_MAX_BYTES, IMPORT_MAX_ROWS, TooManyImports
from syncline.ledger import batches
from syncline.ledger.models import Batch
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists import removals
from syncline.syncs.marketing_lists.decisions import Decision, decode_decisions, encode_decisions
from syncline.syncs.marketing_lists.import_rows import import_row
from syncline.syncs.marketing_lists.people_page import decide_page, permits_for
from syncline.syncs.marketing_lists.planning import keep_plan, tell_left_out
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.marketing_lists.settle_idle import settle_idle
from syncline.syncs.marketing_lists.settle_imports import look_ahead, settle_due

IMPORT: Final = "import"
IN_FLIGHT: Final = 5
"""Imports under way at once: well below the 25 that a Dotdigital account takes from all its integrations."""


def write_dotdigital(context: RunContext, setting: Setting) -> Next | None:
    """Send what is ready, else decide the next page, else look at what is under way."""
    intended = batches.first(context.run, IMPORT, batches.INTENDED)
    under_way = batches.waiting(context.run, IMPORT, batches.SENT)
    if len(under_way) < IN_FLIGHT:
        if intended is not None:
            return _send(context, setting, intended, permits=None)
        if not context.position.get("decided"):
            look_ahead(context, under_way)
            return _decide(context, setting)
        if not under_way:
            return None
    return settle_due(context, setting, under_way)


def _decide(context: RunContext, setting: Setting) -> Next:
    if "total" not in context.position:
        context.save_position(total=store.count_touched(context.account.pk, context.run.scope))
    page = decide_page(context, setting, context.position.get("outward_after", ""), IMPORT_MAX_ROWS)
    if not page.keys:
        with context.storing():
            _close_gathering(context)
            context.save_position(decided=True)
        return More()
    if context.run.plan_only:
        keep_plan(context, setting, page)
        context.show("Deciding", context.run.progress_done + len(page.keys))
        return More()
    importing = [decision for decision in page.decisions if decision.imports]
    batch = None
    with context.storing():
        tell_left_out(context, setting, page)
        settle_idle(context, setting, [decision for decision in page.decisions if not decision.imports])
        removals.intend(context, page.decisions)
        if importing:
            batch = _gather(context, importing)
        context.save_position(outward_after=page.keys[-1])
    if batch is not None:
        return _send(context, setting, batch, page.permits)
    return More()


def _gather(context: RunContext, importing: list[Decision]) -> Batch | None:
    """Collect decisions until an import is full. Returns the import that is ready to be sent, if one is."""
    waiting = batches.size_of(context.run, IMPORT, batches.GATHERING)
    if not waiting and len(importing) > IMPORT_MAX_ROWS * 9 // 10:
        return batches.store(context.run, IMPORT, encode_decisions(importing), len(importing))
    batches.store(context.run, IMPORT, encode_decisions(importing), len(importing), state=batches.GATHERING)
    if waiting + len(importing) >= IMPORT_MAX_ROWS:
        _close_gathering(context)
    return None


def _close_gathering(context: RunContext) -> None:
    """Make imports of what has been collected."""
    collected = batches.waiting(context.run, IMPORT, batches.GATHERING)
    decisions = [decision for batch in collected for decision in decode_decisions(bytes(batch.payload))]
    for start in range(0, len(decisions), IMPORT_MAX_ROWS):
        chunk = decisions[start : start + IMPORT_MAX_ROWS]
        batches.store(context.run, IMPORT, encode_decisions(chunk), len(chunk))
    Batch.objects.filter(pk__in=[batch.pk for batch in collected]).delete()


def _send(context: RunContext, setting: Setting, batch: Batch, permits: dict[str, Permit] | None) -> Next:
    """Send one import. `permits` come along when the decisions were made in this very step; else they are
    asked for anew.
    """
    decisions = decode_decisions(bytes(batch.payload))
    if permits is None:
        permits = permits_for(context, [decision.key for decision in decisions])
    books = {row.pk: row.address_book_id for row in setting.lists if row.address_book_id is not None}
    kept = [one for one in decisions if one.key in permits and books.keys() >= set(one.joins)]
    if len(kept) < len(decisions):
        return _leave_out(context, batch, kept)
    rows = [import_row(permits[decision.key], decision, books) for decision in decisions]
    if sum(map(len, rows)) + len(rows) > IMPORT_MAX_BYTES and len(rows) > 1:
        _halve(context, batch, decisions)
        return More()
    try:
        import_id = context.dotdigital.import_contacts(rows)
    except TooManyImports as error:
        return Wait(error.after_s or 10.0)
    with context.storing():
        batches.mark_sent(batch, import_id, context.now())
        context.show_settled("Sending to Dotdigital")
    return More()


def _leave_out(context: RunContext, batch: Batch, kept: list[Decision]) -> Next:
    """Since the decision was made somebody may no longer be written to, or a list of theirs is no longer
    synced: they are decided afresh by the next run.
    """
    with context.storing():
        if kept:
            batch.payload, batch.size = encode_decisions(kept), len(kept)
            batch.save(update_fields=["payload", "size"])
        else:
            batches.settle(batch)
    return More()


def _halve(context: RunContext, batch: Batch, decisions: list[Decision]) -> None:
    middle = len(decisions) // 2
    with context.storing():
        for half in (decisions[:middle], decisions[middle:]):
            batches.store(context.run, IMPORT, encode_decisions(half), len(half))
        batch.delete()
