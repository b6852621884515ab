"""A new account with everything it starts with: default mappings and a timetable."""

from __future__ import annotations

from django.db import transaction
from whenever import Instant

from syncline.accounts.adding import add_account
from syncline.accounts.admin_log import Actor
from syncline.accounts.details import AccountDetails
from syncline.accounts.models import EmailAccount
from syncline.mapping.defaults import create_default_mappings
from syncline.schedule.defaults import add_missing_schedules
from syncline.syncs.registry import SYNC_TYPES


@transaction.atomic
def join(
    details: AccountDetails, *, by: Actor, allow_loopback: bool, provisioned: bool = False
) -> EmailAccount:
    """Add the account as a whole or not at all. Raises AccountRefusedError.

    `provisioned`: whether the environment holds Syncline's own columns, as a look at it has shown.
    """
    account = add_account(details, by=by, allow_loopback=allow_loopback)
    if provisioned:
        account.provisioned = True
        account.save(update_fields=["provisioned"])
    create_default_mappings(account)
    intervals = {key: sync_type.default_interval for key, sync_type in SYNC_TYPES.items()}
    add_missing_schedules(account, intervals, Instant.now())
    return account
