"""The end of a sync of forms: what was read has been settled, so the account's cursors move."""

from syncline.ledger import cursors
from syncline.ledger.models import RunPart, RunStatus
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, Next
from syncline.syncs.ending import end
from syncline.syncs.forms.parts import failures
from syncline.syncs.forms.read_forms import LISTED, SOURCE
from syncline.syncs.marketing_lists.finish import move_cursors
from syncline.syncs.marketing_lists.setting import Setting


def finish(context: RunContext, setting: Setting) -> Next | None:
    """What is wrong with one form is said by its part, and by the run as a whole."""
    with context.storing():
        move_cursors(context, setting)
        cursors.move(context.account, SOURCE, context.position["began"])
        cursors.move(context.account, LISTED, context.position["listed"])
        parts = RunPart.objects.filter(run=context.run)
        parts.filter(rejected__gt=0, status=RunStatus.RUNNING).update(status=RunStatus.COMPLETED_WITH_ERRORS)
        told = failures(context)
        if told is None:
            return None
        end(context.run, RunStatus.COMPLETED_WITH_ERRORS, told)
    return Done()
