"""Carries what people chose to Dotdigital by bulk import, 10,000 rows a call: gathers, sends, looks at what
is under way, and settles it from its report.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from syncline.dotdigital import ImportReport, ImportRow, NotFound, TooManyImports
from syncline.ledger import batches
from syncline.ledger.held import held_among
from syncline.ledger.models import Batch
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.marketing_lists.settle_imports import MOST_IMPORTS_FOR_NARROWING, MOST_NARROWINGS
from syncline.syncs.marketing_lists.write_dotdigital import IN_FLIGHT

_decode: Final = msgspec.json.Decoder(list[Any]).decode


class Carried(NamedTuple):
    """What is carried. It travels as a list of plain values, one a row of the import."""

    kind: str
    """Of its batches."""
    text: str
    """Progress, for whoever watches."""
    gather: Callable[[RunContext, Setting], bool]
    """Store the next batches by `keep`; False once there is nothing more. A transaction of its own."""
    rows: Callable[[RunContext, Sequence[Any]], list[ImportRow]]
    settle: Callable[[RunContext, Sequence[Any], ImportReport], None]
    """What became of each. Called within a transaction."""


def keep(context: RunContext, carried: Carried, owed: Sequence[Any]) -> None:
    """Store what is to be sent. Called within a transaction."""
    if owed:
        batches.store(context.run, carried.kind, msgspec.json.encode(owed), len(owed))


def not_refused_before(context: RunContext, keys: Sequence[str]) -> list[str]:
    """Without those whom Dotdigital refused and of whom nothing has changed since."""
    account_id, sync_type = context.account.pk, context.run.sync_type
    held = held_among(context.account, sync_type, keys)
    again = store.due_among(account_id, sync_type, sorted(held))
    return [key for key in keys if key not in held or key in again]


def carry(context: RunContext, setting: Setting, carried: Carried) -> Next | None:
    """Send what is ready, else gather the next import, else look at what is under way."""
    intended = batches.first(context.run, carried.kind, batches.INTENDED)
    under_way = batches.waiting(context.run, carried.kind, batches.SENT)
    gathered = f"{carried.kind}_gathered"
    if len(under_way) < IN_FLIGHT:
        if intended is not None:
            return _send(context, carried, intended)
        if not context.position.get(gathered):
            if not carried.gather(context, setting):
                context.save_position(**{gathered: True})
            return More()
        if not under_way:
            return None
    return _look(context, carried, under_way)


def _send(context: RunContext, carried: Carried, batch: Batch) -> Next:
    """The same rows again after a lost answer cost a second import and change nothing."""
    rows = carried.rows(context, _decode(bytes(batch.payload)))
    try:
        import_id = context.dotdigital.import_contacts(rows)
    except TooManyImports as error:
        return Wait(error.after_s or 10.0)
    with context.storing():
        batches.mark_sent(batch, import_id, context.now())
        context.show(carried.text)
    return More()


def _look(context: RunContext, carried: Carried, under_way: list[Batch]) -> Next:
    now = context.now()
    wait_s = batches.seconds_until_look(under_way, now)
    if wait_s > 0:
        return Wait(wait_s)
    batch = batches.next_to_look_at(under_way)
    try:
        report = context.dotdigital.import_report(batch.remote_id)
    except NotFound:
        batches.send_again(batch)
        return More()
    if not report.finished:
        batches.look_later(batch, now)
        return More()
    owed = _decode(bytes(batch.payload))
    with context.storing():
        if not report.succeeded and len(owed) > 1 and _may_narrow(context, batch):
            _narrow(context, carried, batch, owed)
        else:
            carried.settle(context, owed, report)
        batches.settle(batch)
    return More()


def _may_narrow(context: RunContext, batch: Batch) -> bool:
    """Addresses that are bad throughout must not cost a call each; what is left then is held."""
    spent = context.position.get("narrowings", 0)
    return batch.narrowing < MOST_NARROWINGS and spent < MOST_IMPORTS_FOR_NARROWING


def _narrow(context: RunContext, carried: Carried, batch: Batch, owed: list[Any]) -> None:
    """An import that was refused as a whole is halved until only the bad rows are left."""
    middle = len(owed) // 2
    for half in (owed[:middle], owed[middle:]):
        payload = msgspec.json.encode(half)
        batches.store(context.run, carried.kind, payload, len(half), narrowing=batch.narrowing + 1)
    context.save_position(narrowings=context.position.get("narrowings", 0) + 2)
