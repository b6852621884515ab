"""What an earlier run of the account left behind when it was cancelled or failed.

It is cleared away before anything is read: a report that came later would overwrite what was read meanwhile,
and settle people who have changed again since.
"""

from syncline.ledger import batches
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists import removals
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.marketing_lists.settle_imports import settle_due
from syncline.syncs.marketing_lists.write_dotdigital import IMPORT


def settle_left_behind(context: RunContext, setting: Setting) -> Next | None:
    """What was sent is settled from its answer. What was never sent is dropped, and decided afresh."""
    if context.run.plan_only:
        return None
    imports = batches.waiting(context.run, IMPORT, batches.SENT)
    if imports:
        return settle_due(context, setting, imports)
    under_way = batches.waiting(context.run, removals.REMOVAL, batches.SENT)
    if under_way:
        return removals.settle_due(context, setting, under_way)
    with context.storing():
        # People in an import that was never sent are still touched. Those who only were to leave are not.
        removals.touch_unsent(context)
        batches.drop_unsent(context.run)
    return None
