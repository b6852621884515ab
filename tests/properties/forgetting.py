"""Between two histories: both sandboxes and everything that Syncline keeps of the account begin anew."""

from __future__ import annotations

from syncline.consent.models import (
    Choice,
    ChoiceRow,
    CrmSuppressed,
    Due,
    ListUnsubscriber,
    Preference,
    Suppression,
    WrittenSuppression,
)
from syncline.ledger.models import Batch, Cursor, Held, Run
from syncline.lists.models import MarketingList
from syncline.people.models import BookMember, CrmMember, CrmRecord, Person, Touched
from tests.syncs.world import World

ACCOUNT_TABLES = (
    CrmRecord,
    Person,
    Touched,
    Suppression,
    Due,
    WrittenSuppression,
    CrmSuppressed,
    Preference,
    Choice,
    ChoiceRow,
    Cursor,
    Held,
    Batch,
    Run,
    MarketingList,
)


def remember_beginning(world: World) -> None:
    """Both sandboxes as they are now; nothing there keeps anybody waiting from here on."""
    world.sandbox_dataverse.control.settings(limit_requests=10**9, limit_execution_ms=10**9)
    world.sandbox_dotdigital.control.settings(rate_scheme="off", delete_delay_s=0)
    for control in (world.sandbox_dataverse.control, world.sandbox_dotdigital.control):
        control.snapshot("beginning")


def forget_everything(world: World) -> None:
    """As if this account had never synced a list."""
    for control in (world.sandbox_dataverse.control, world.sandbox_dotdigital.control):
        control.clear_faults()
        control.restore("beginning")
    for of_lists in (CrmMember, BookMember, ListUnsubscriber):
        of_lists.objects.all().delete()
    for table in ACCOUNT_TABLES:
        rows = table.objects.filter(account_id=world.account.pk)
        (rows.exclude(sync_type__in=("labels", "crm_metadata")) if table is Run else rows).delete()
