"""The end of an in-run: whoever has nothing left to be written to Dotdigital is settled.

The others stay touched, which is all that the two-way sync needs to find them. So what an in-run costs
follows what has changed since the last one.
"""

from typing import Final

from syncline.ledger import outcomes, plans
from syncline.ledger.models import Outcome
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists import approved
from syncline.syncs.marketing_lists.decisions import Decision
from syncline.syncs.marketing_lists.people_page import decide_page
from syncline.syncs.marketing_lists.planning import tell_left_out
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.marketing_lists.settle_idle import idle_rows, settle_idle

PAGE: Final = 5000
"""People a step."""


def settle_inward(context: RunContext, setting: Setting) -> Next | None:
    """One page of touched people."""
    page = decide_page(context, setting, context.position.get("settled_after", ""), PAGE)
    if not page.keys:
        return None
    idle = [decision for decision in page.decisions if not _is_owed_outward(decision)]
    told = _told(context, [decision.key for decision in idle])
    with context.storing():
        if context.run.plan_only:
            outcomes.record(context.run, idle_rows(context, setting, idle, told), context.now())
            plans.store_items(context.run, approved.items(page.decisions, inward_only=True))
        else:
            tell_left_out(context, setting, page)
            settle_idle(context, setting, idle, told)
        context.save_position(settled_after=page.keys[-1])
        context.show("Settling", context.run.progress_done + len(page.keys))
    return More()


def _is_owed_outward(decision: Decision) -> bool:
    return bool(decision.imports or decision.leaves)


def _told(context: RunContext, keys: list[str]) -> set[str]:
    """Those of whom this run has an outcome already."""
    rows = Outcome.objects.filter(run=context.run, person_key__in=keys)
    return set(rows.values_list("person_key", flat=True))
