"""The end of a run: what was read is kept here, so the cursor moves whatever Dynamics said."""

from syncline.ledger import cursors
from syncline.ledger.models import RunPart, RunStatus
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, Next
from syncline.syncs.ending import end
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.web_visits.begin import SOURCE
from syncline.syncs.web_visits.parts import failures


def finish(context: RunContext, setting: Setting) -> Next | None:
    del setting
    with context.storing():
        position = context.position
        cursors.move(context.account, SOURCE, position["began"], position["fingerprint"])
        parts = RunPart.objects.filter(run=context.run)
        parts.filter(rejected__gt=0, status=RunStatus.RUNNING).update(status=RunStatus.COMPLETED_WITH_ERRORS)
        told = failures(context)
        if told is None:
            return None
        end(context.run, RunStatus.COMPLETED_WITH_ERRORS, told)
    return Done()
