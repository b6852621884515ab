"""What a plan keeps of each page, and what carrying one out tells of people who are left out."""

from collections import Counter

from syncline.ledger import outcomes, plans
from syncline.ledger.models import Purpose
from syncline.ledger.outcomes import OutcomeRow
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists import approved
from syncline.syncs.marketing_lists.parts import Parts, fields_of, lost_of, membership_of, result_of_idle
from syncline.syncs.marketing_lists.people_page import Page
from syncline.syncs.marketing_lists.setting import Setting


def keep_plan(context: RunContext, setting: Setting, page: Page) -> None:
    """Every line becomes an outcome of what would happen, and every decision an item. Nobody is settled."""
    parts = Parts(context, {row.pk: row.name for row in setting.lists})
    rows = []
    for decision in page.decisions:
        fields, lost = fields_of(decision), lost_of(decision)
        for line in decision.lines:
            result = {"create": "created", "update": "updated", "remove": "removed"}.get(line.action)
            row = parts.outcome(decision.key, line, result or result_of_idle(line))
            row = row._replace(membership=membership_of(decision, line))
            writes = line.action in {"create", "update"}
            rows.append(row._replace(fields=fields, lost=lost) if writes else row)
    items = approved.items(page.decisions)
    with context.storing():
        if context.run.purpose == Purpose.DRIFT:
            rows = _only_repairs(context, rows)
            store.touch(context.account.pk, [key for key, _ in items])
        outcomes.record(context.run, rows, context.now())
        plans.store_items(context.run, items)
        context.save_position(outward_after=page.keys[-1])


def _only_repairs(context: RunContext, rows: list[OutcomeRow]) -> list[OutcomeRow]:
    """A drift audit looks at everybody, and keeps a row only of whom it would repair. The others are
    counted.
    """
    idle = [row for row in rows if row.action == "none"]
    outcomes.count(context.run, Counter((row.part_id, row.counts_as) for row in idle))
    return [row for row in rows if row.action != "none"]


def tell_left_out(context: RunContext, setting: Setting, page: Page) -> None:
    """Who has changed since the plan was made: told with what was planned, and looked at by the next run.

    Part of the transaction that settles the page.
    """
    parts = Parts(context, {row.pk: row.name for row in setting.lists})
    rows = [
        parts.outcome(planned.key, line, "skipped", fields=fields_of(planned))
        for planned in page.left_out
        for line in approved.lines_left_out(planned)
    ]
    rows += [
        parts.outcome(decision.key, line, "skipped")
        for decision in page.decisions
        if decision.key in page.planned
        for line in approved.vanished_lines(decision, page.planned[decision.key])
    ]
    outcomes.record(context.run, rows, context.now())
    store.touch(context.account.pk, [planned.key for planned in page.left_out])
