"""What has to be known before answers are carried to contacts and leads: the columns of Dynamics, who is
there, and whether those who are not may become a record. Nothing is asked where no answer is on its way.
"""

from typing import Final

from syncline.forms import unapplied
from syncline.ledger.held import people_of
from syncline.ledger.models import Held
from syncline.mapping.models import Entity
from syncline.syncs.consent.read_crm_list import read_crm_list
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists import preparations, read_contacts
from syncline.syncs.marketing_lists import read_records as reading
from syncline.syncs.marketing_lists.parts import OUTSIDE_THE_RECORD
from syncline.syncs.marketing_lists.phases import Phases
from syncline.syncs.marketing_lists.setting import Setting

SYNC_TYPE: Final = "forms"
UNREADABLE: Final = "people_unreadable"


def wake_held(context: RunContext, setting: Setting) -> Next | None:
    """Answers that are held for a cause outside of their record go on their way again: it may have passed."""
    del setting
    if context.position.get("woken"):
        return None
    held = Held.objects.filter(account=context.account, reason__in=(*OUTSIDE_THE_RECORD, UNREADABLE))
    with context.storing():
        for keys in people_of(held, [SYNC_TYPE]):
            unapplied.try_again(context.account.pk, keys)
        context.save_position(woken=True)
    return None


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


def know_contacts(context: RunContext, setting: Setting) -> Next | None:
    """One page of what changed in Dotdigital. Whoever answered a form may have left since anything here was
    read, or come back by that very form.
    """
    return read_contacts.read_contacts(context, setting) if _strangers(context) else None


def know_suppressions(context: RunContext, setting: Setting) -> Next | None:
    return read_contacts.read_suppressions(context, setting) if _strangers(context) else None


def know_crm_list(context: RunContext, setting: Setting) -> Next | None:
    return read_crm_list(context, setting) if _strangers(context) else None


def _strangers(context: RunContext) -> bool:
    """Whether anybody is to become a record."""
    if "strangers" not in context.position:
        context.save_position(strangers=unapplied.are_strangers_there(context.account.pk))
    found: bool = context.position["strangers"]
    return found


KNOWING: Final[Phases] = (
    ("woken", wake_held),
    ("columns", know_columns),
    ("records", know_people),
    ("contacts", know_contacts),
    ("suppressions", know_suppressions),
    ("crm list", know_crm_list),
)
