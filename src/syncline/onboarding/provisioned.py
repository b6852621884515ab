"""What follows for accounts when their Dynamics environment gets Syncline's own columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.lists import in_dynamics
from syncline.lists.models import MarketingList
from syncline.remote import Misconfigured


@dataclass
class Moved:
    """The accounts whose settings are kept in Dynamics from now on, and what could not be kept."""

    accounts: list[EmailAccount] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """In words: lists that several accounts had activated, of which one can keep it."""


def settings_move_in(client: Dataverse, *, by: Actor) -> Moved:
    """Copy the list settings kept here into the environment's new columns, and read them there from now on.

    An account is marked only when its settings are there, or else the next sync would find every list
    deactivated. The account that was added first keeps a list that several have activated.
    """
    moved = Moved()
    here = EmailAccount.objects.filter(dataverse_url=client.environment.root, provisioned=False)
    for account in here.order_by("pk"):
        for marketing_list in MarketingList.objects.filter(account=account, active=True, activated=True):
            try:
                in_dynamics.write_settings(client, account, marketing_list)
            except Misconfigured as error:
                moved.problems.append(f"{account.name}: {error.message}")
        account.provisioned = True
        account.save(update_fields=["provisioned"])
        record_change(by, account, "environment provisioned", {"provisioned": False}, {"provisioned": True})
        moved.accounts.append(account)
    return moved
