"""What has to be known of Dynamics before answers are carried to contacts and leads: their columns, and who
is there. Nothing is asked where no answer is on its way.
"""

from syncline.forms import unapplied
from syncline.mapping.models import Entity
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists import preparations
from syncline.syncs.marketing_lists import read_records as reading
from syncline.syncs.marketing_lists.setting import Setting


class WholeTables(Setting):
    """Everybody counts, in a list or not: a mark on any record with the address does."""

    @property
    def entities(self) -> tuple[str, ...]:
        return tuple(entity.value for entity in Entity)


def know_columns(context: RunContext, setting: Setting) -> Next | None:
    if not unapplied.are_there(context.account.pk):
        return None
    return preparations.metadata_first(context, setting)


def know_people(context: RunContext, setting: Setting) -> Next | None:
    """One page of what changed in Dynamics."""
    del setting
    if not unapplied.are_there(context.account.pk):
        return None
    return reading.read_records(context, WholeTables(context.account, context.run))
