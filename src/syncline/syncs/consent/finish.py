"""The end of a consent sync: what was read has been settled, so the cursors move."""

from syncline.ledger.models import RunPart, RunStatus
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.finish import move_cursors
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import tell


def finish(context: RunContext, setting: Setting) -> Next | None:
    if context.position.get("closed"):
        return None
    with context.storing():
        if not context.run.plan_only:
            move_cursors(context, setting)
        RunPart.objects.filter(run=context.run, rejected__gt=0).update(status=RunStatus.COMPLETED_WITH_ERRORS)
        if context.position.get("no_tables"):
            _say_that_tables_are_missing(context)
        context.save_position(closed=True)
    return More()


def _say_that_tables_are_missing(context: RunContext) -> None:
    """What needs no table of ours was carried over all the same."""
    run, told = context.run, tell("no_consent_tables")
    run.message_code, run.message, run.remedy = told.code, told.text, told.remedy
    run.save(update_fields=["message_code", "message", "remedy"])
