"""The end of a sync of insight data."""

from syncline.insight import staging
from syncline.ledger.models import RunPart, RunStatus
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, Next
from syncline.syncs.ending import end
from syncline.syncs.insight_data.telling import let_go_of_settled
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import tell


def finish(context: RunContext, setting: Setting) -> Next | None:
    """What is wrong with one table is said by its part, and by the run as a whole."""
    del setting
    with context.storing():
        if not context.run.plan_only:
            for table_id in context.position["tables"]:
                staging.forget_retired(table_id)
            let_go_of_settled(context)
        parts = RunPart.objects.filter(run=context.run)
        parts.filter(rejected__gt=0, status=RunStatus.RUNNING).update(status=RunStatus.COMPLETED_WITH_ERRORS)
        failed = parts.filter(status=RunStatus.FAILED).order_by("pk").first()
        if failed is None:
            return None
        told = tell("insight_table_failed", failed.message, failed.notes)
        end(context.run, RunStatus.COMPLETED_WITH_ERRORS, told)
    return Done()
