"""Everything that is stored encrypted, encrypted anew with the installation's newest key."""

from __future__ import annotations

from django.db import transaction

from syncline.accounts import changing
from syncline.accounts.admin_log import Actor
from syncline.consent.keys import rotate_ledger_keys


@transaction.atomic
def rotate_keys(*, by: Actor) -> int:
    """The secrets of all accounts, and the keys of the consent ledger; the number of accounts. All of them or
    none.
    """
    rotate_ledger_keys()
    return changing.rotate_keys(by=by)
