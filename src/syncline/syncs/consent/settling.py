"""What every consent sync stores at the end of a page, beside what it has written."""

from collections import Counter
from collections.abc import Iterable, Sequence

from syncline.dataverse import RowOutcome
from syncline.ledger import outcomes, plans
from syncline.people import store
from syncline.syncs.consent.changes import Change, Decision, encode
from syncline.syncs.consent.pages import Page
from syncline.syncs.consent.telling import outcome_of, stop_of
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists.approved import CHANGED
from syncline.syncs.marketing_lists.parts import Parts, hold, refused

Told = Sequence[tuple[str, Change, RowOutcome]]
"""(person key, change, what Dynamics answered)."""


def keep_plan(context: RunContext, parts: Parts, page: Page) -> None:
    rows = [outcome_of(parts, one.key, change) for one in page.decisions for change in one.changes]
    with context.storing():
        outcomes.record(context.run, rows, context.now())
        tell_stops(context, parts, page.decisions)
        count_unchanged(context, page.decisions)
        plans.store_items(context.run, [(one.key, encode(one)) for one in page.decisions if one.changes])
        context.save_position(inward_after=page.keys[-1])


def count_unchanged(context: RunContext, decisions: Iterable[Decision]) -> None:
    """Who was looked at and is as they should be leaves no row in the audit, only a number."""
    unchanged = sum(not one.changes and not one.stops for one in decisions)
    outcomes.count(context.run, Counter({(None, "unchanged"): unchanged}))


def tell_stops(context: RunContext, parts: Parts, decisions: Iterable[Decision]) -> None:
    """Why what somebody chose is left as it is."""
    rows = [stop_of(parts, one.key, stop) for one in decisions for stop in one.stops]
    outcomes.record(context.run, rows, context.now())


def tell_answers(context: RunContext, parts: Parts, told: Told) -> set[str]:
    """What was done and what was refused, in the audit; what was refused is held. Returns whose that is."""
    done = [outcome_of(parts, key, change) for key, change, answer in told if answer.state == "done"]
    rejected = [
        refused(outcome_of(parts, key, change, "rejected"), answer)
        for key, change, answer in told
        if answer.state == "rejected"
    ]
    outcomes.record(context.run, [*done, *rejected], context.now())
    hold(context, context.run.sync_type, rejected)
    return {row.person_key for row in rejected}


def tell_left_out(context: RunContext, parts: Parts, page: Page) -> set[str]:
    """Who has changed since the plan was made is told, and due for the next run. Returns them."""
    outcomes.record(
        context.run,
        [
            outcome_of(parts, planned.key, change, "skipped")._replace(action="none", reason=CHANGED)
            for planned in page.left_out
            for change in planned.changes[:1]
        ],
        context.now(),
    )
    left_out = {planned.key for planned in page.left_out}
    store.make_due(context.account.pk, context.run.sync_type, left_out)
    return left_out
