"""Taking people out of Dotdigital lists: 5,000 a call, by contact id, followed to its end."""

from typing import Final

import msgspec

from syncline.dotdigital import MOST_REMOVALS_A_CALL, NotFound
from syncline.ledger import batches, outcomes
from syncline.ledger.models import Batch
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.decisions import Decision, Line
from syncline.syncs.marketing_lists.parts import Parts, hold
from syncline.syncs.marketing_lists.setting import Setting

REMOVAL: Final = "list_removal"


class Removal(msgspec.Struct, array_like=True, gc=False):
    """One person who is to leave one list."""

    key: str
    contact_id: int | None
    line: Line


_encode = msgspec.json.encode
_decode = msgspec.json.Decoder(list[Removal]).decode


def intend(context: RunContext, decisions: list[Decision]) -> None:
    """Store who is to leave. Part of the transaction that settles the decision."""
    removals = [
        Removal(decision.key, decision.contact_id, line)
        for decision in decisions
        for line in decision.lines
        if line.action == "remove"
    ]
    if removals:
        batches.store(context.run, REMOVAL, _encode(removals), len(removals), state=batches.GATHERING)


def touch_unsent(context: RunContext) -> None:
    """Removals that an earlier run stored and never sent are decided afresh: who was to leave is touched
    again.
    """
    for state in (batches.GATHERING, batches.INTENDED):
        for batch in batches.waiting(context.run, REMOVAL, state):
            store.touch(context.account.pk, {removal.key for removal in _decode(bytes(batch.payload))})


def remove_people(context: RunContext, setting: Setting) -> Next | None:
    """Send the next removal, or look at the ones under way."""
    gathered = batches.waiting(context.run, REMOVAL, batches.GATHERING)
    if gathered:
        _form_batches(context, gathered)
        return More()
    intended = batches.first(context.run, REMOVAL, batches.INTENDED)
    if intended is not None:
        return _send(context, setting, intended)
    under_way = batches.waiting(context.run, REMOVAL, batches.SENT)
    return settle_due(context, setting, under_way) if under_way else None


def _form_batches(context: RunContext, gathered: list[Batch]) -> None:
    """Sort what was gathered by list, in calls of the size Dotdigital takes."""
    by_list: dict[int, list[Removal]] = {}
    for batch in gathered:
        for removal in _decode(bytes(batch.payload)):
            by_list.setdefault(removal.line.list_id, []).append(removal)
    with context.storing():
        for removals in by_list.values():
            for start in range(0, len(removals), MOST_REMOVALS_A_CALL):
                chunk = removals[start : start + MOST_REMOVALS_A_CALL]
                batches.store(context.run, REMOVAL, _encode(chunk), len(chunk))
        Batch.objects.filter(pk__in=[batch.pk for batch in gathered]).delete()


def _send(context: RunContext, setting: Setting, batch: Batch) -> Next:
    removals = _decode(bytes(batch.payload))
    list_id = removals[0].line.list_id
    marketing_list = next((row for row in setting.lists if row.pk == list_id), None)
    book = marketing_list.address_book_id if marketing_list else None
    if book is None:
        _put_off(context, batch, removals)
        return More()
    ids = [removal.contact_id for removal in removals if removal.contact_id is not None]
    if not ids:
        _finish(context, setting, batch, removals, failed=True)
        return More()
    try:
        job = context.dotdigital.remove_from_list(book, ids)
    except NotFound:
        _finish(context, setting, batch, removals)  # The list is gone, and everybody with it.
        return More()
    batches.mark_sent(batch, job, context.now())
    return More()


def _put_off(context: RunContext, batch: Batch, removals: list[Removal]) -> None:
    """The list is no longer synced: nobody is taken out of it, and whoever syncs it again decides afresh."""
    with context.storing():
        store.touch(context.account.pk, [removal.key for removal in removals])
        batches.settle(batch)


def settle_due(context: RunContext, setting: Setting, under_way: list[Batch]) -> Next:
    """Look at the removal whose turn it is, or wait until one is due."""
    now = context.now()
    wait_s = batches.seconds_until_look(under_way, now)
    if wait_s > 0:
        return Wait(wait_s)
    batch = batches.next_to_look_at(under_way)
    try:
        status = context.dotdigital.deletion_status(batch.remote_id)
    except NotFound:
        status = "Completed"
    if status == "Started":
        batches.look_later(batch, now)
    else:
        _finish(context, setting, batch, _decode(bytes(batch.payload)), failed=status == "Failed")
    return More()


def _finish(
    context: RunContext, setting: Setting, batch: Batch, removals: list[Removal], *, failed: bool = False
) -> None:
    parts = Parts(context, {row.pk: row.name for row in setting.lists})
    rows = []
    for removal in removals:
        if failed or removal.contact_id is None:
            detail = "The removal from the list did not succeed."
            rows.append(
                parts.outcome(
                    removal.key, removal.line, "rejected", reason="refused_by_dotdigital", detail=detail
                )
            )
        else:
            rows.append(parts.outcome(removal.key, removal.line, "removed", membership="left"))
    with context.storing():
        outcomes.record(context.run, rows, context.now())
        hold(context, "lists_out", rows)
        if not failed:
            store.drop_places([(removal.line.list_id, removal.key) for removal in removals])
        else:
            # They are still in the list: the next run decides again.
            store.touch(context.account.pk, [removal.key for removal in removals])
        batches.settle(batch)
