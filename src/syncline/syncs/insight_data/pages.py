"""The next rows of a table with what is to happen to each: as they stand, or as a plan was approved."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from syncline.consent.gate import Permit
from syncline.insight import rows
from syncline.insight.models import InsightTable
from syncline.insight.rows import Row, Wanted
from syncline.ledger import plans
from syncline.ledger.models import Purpose
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.insight_data.decide import Decision, decide

TAKEN_AWAY: Final = frozenset({"remove", "move"})
SENT: Final = frozenset({"create", "update"})

encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Decision).decode


class Page(NamedTuple):
    """`last`: where the next page begins; empty when nothing follows."""

    last: str
    decisions: list[Decision]
    permits: dict[str, Permit]
    """Row id → the permit of whom the record is for."""
    left_out: Sequence[Decision] = ()
    """What a plan held and is no longer so: told, and not done."""


def next_page(context: RunContext, table: InsightTable, wanted: Wanted, after: str, limit: int) -> Page:
    """The next page of a run. One that carries out a plan lets through only what was approved."""
    run = context.run
    if run.purpose != Purpose.EXECUTE or run.subject is None:
        found, last = rows.page(table.pk, wanted, after, limit)
        decisions, permits = decided(context, found)
        return Page(last, decisions, permits)
    return _approved_page(context, table, wanted, after, limit)


def item_key(table: InsightTable, row_id: str) -> str:
    return f"{table.pk:012}:{row_id}"


def decided(context: RunContext, found: Iterable[Row]) -> tuple[list[Decision], dict[str, Permit]]:
    found = list(found)
    account_id = context.account.pk
    keys = sorted({row.person_key for row in found if row.person_key})
    people = {person.key: person for person in store.load(account_id, [], keys)}
    both = [decide(row, people.get(row.person_key)) for row in found]
    return (
        [decision for decision, _ in both],
        {decision.row_id: permit for decision, permit in both if permit is not None},
    )


def _approved_page(context: RunContext, table: InsightTable, wanted: Wanted, after: str, limit: int) -> Page:
    assert context.run.subject is not None, "a run that carries out a plan knows it"
    begin = item_key(table, after)
    items = plans.items_after(context.run.subject, begin, limit)
    mine = [(key, _decode(payload)) for key, payload in items if key.startswith(item_key(table, ""))]
    asked = TAKEN_AWAY if wanted is Wanted.REMOVALS else SENT | {"move"}
    planned = {one.row_id: one for _, one in mine if one.action in asked}
    now = rows.rows_of(table.pk, list(planned))
    fresh, permits = decided(context, now.values())
    kept = [one for one in fresh if _as_approved(one, planned[one.row_id], wanted)]
    within = {one.row_id for one in kept}
    # A move that is left out was told when it was to be taken away.
    left_out = [
        one
        for one in planned.values()
        if one.row_id not in within and not (wanted is Wanted.IMPORTS and one.action == "move")
    ]
    return Page(mine[-1][1].row_id if mine else "", kept, permits, left_out)


def _as_approved(fresh: Decision, planned: Decision, wanted: Wanted) -> bool:
    if wanted is Wanted.REMOVALS:
        return (fresh.action, fresh.sent_to, fresh.contact_id) == (
            planned.action,
            planned.sent_to,
            planned.contact_id,
        )
    same = (fresh.contact_id, fresh.columns) == (planned.contact_id, planned.columns)
    return fresh.action in SENT and same
