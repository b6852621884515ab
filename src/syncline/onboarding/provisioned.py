"""What follows for accounts when their Dynamics environment gets Syncline's own columns."""

from __future__ import annotations

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.lists import in_dynamics
from syncline.lists.models import MarketingList


def settings_move_in(client: Dataverse, *, by: Actor) -> list[EmailAccount]:
    """Copy the list settings kept here into the environment's new columns, and read them there from now on.

    The accounts that this concerns. Each is marked only when its settings are there, or else the next sync
    would find every list deactivated.
    """
    moved = []
    for account in EmailAccount.objects.filter(dataverse_url=client.environment.root, provisioned=False):
        for marketing_list in MarketingList.objects.filter(account=account, active=True, activated=True):
            in_dynamics.write_settings(client, account, marketing_list)
        account.provisioned = True
        account.save(update_fields=["provisioned"])
        record_change(by, account, "environment provisioned", {"provisioned": False}, {"provisioned": True})
        moved.append(account)
    return moved
