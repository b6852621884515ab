"""Changing the settings of a marketing list, as a person does: with an entry in the admin log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.lists import linking
from syncline.lists.in_dynamics import change_settings
from syncline.lists.models import MarketingList, MembershipAction


@dataclass(frozen=True)
class ListSettings:
    """What an administrator may change about a list."""

    activated: bool
    sync_order: int
    membership_action: str
    manual_only: bool


def settings_of(marketing_list: MarketingList) -> ListSettings:
    return ListSettings(
        activated=marketing_list.activated,
        sync_order=marketing_list.sync_order,
        membership_action=marketing_list.membership_action,
        manual_only=marketing_list.manual_only,
    )


def change_list(
    client: Dataverse,
    account: EmailAccount,
    marketing_list: MarketingList,
    wanted: ListSettings,
    *,
    by: Actor,
    now: datetime,
) -> bool:
    """Change the settings where they are kept. Whether anything changed.

    Raises the client's errors where Dynamics keeps them and does not take them; then nothing is stored here
    either. Not within a transaction: nobody else should wait for Dynamics.
    """
    before = settings_of(marketing_list)
    if wanted == before:
        return False
    # Dynamics first: what it does not take must not look as if it were so.
    change_settings(
        client,
        account,
        marketing_list,
        activated=wanted.activated,
        sync_order=wanted.sync_order,
        membership_action=MembershipAction(wanted.membership_action),
    )
    marketing_list.manual_only = wanted.manual_only
    marketing_list.used_at = now
    with transaction.atomic():
        marketing_list.save(update_fields=["manual_only", "used_at"])
        _record(by, account, marketing_list, "marketing list changed", asdict(before), asdict(wanted))
    return True


@transaction.atomic
def unlink_list(account: EmailAccount, marketing_list: MarketingList, *, by: Actor) -> None:
    """Forget the Dotdigital list, see `linking.unlink`."""
    before = {"dotdigital_list": marketing_list.address_book_id}
    linking.unlink(marketing_list)
    _record(by, account, marketing_list, "marketing list unlinked", before, {"dotdigital_list": None})


def _record(
    by: Actor,
    account: EmailAccount,
    marketing_list: MarketingList,
    action: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    """The log keeps what differs; the list's name says which list it was, so it is on one side only."""
    record_change(by, account, action, before, {**after, "list": marketing_list.name})
