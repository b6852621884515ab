"""A lane of an account: one run at a time in it, and moments in which none may start.

Both take the row of the account first, so that one waits for the other's transaction. The lock leaves room
for rows that point at the account, such as new runs. SQLite has no such locks and needs none: whoever writes
has the database.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from syncline.accounts.models import EmailAccount
from syncline.ledger.leases import hold
from syncline.ledger.models import Run, RunStatus


def start(run: Run, now: datetime) -> bool:
    """Take the lane for a waiting run. False where it no longer waits, or another run of the account has the
    lane: the database allows one.
    """
    try:
        with transaction.atomic():
            _lock(run.account_id)
            hold()
            waiting = Run.objects.filter(pk=run.pk, status=RunStatus.QUEUED)
            return bool(waiting.update(status=RunStatus.RUNNING, started_at=now))
    except IntegrityError:
        return False


def keep_free(account_id: int, lane: str) -> bool:
    """Whether no run is under way in the lane; then none starts until the caller's transaction ends."""
    _lock(account_id)
    return not Run.objects.filter(account=account_id, lane=lane, status=RunStatus.RUNNING).exists()


def _lock(account_id: int) -> None:
    """Lasts until the transaction ends, so there has to be one."""
    EmailAccount.objects.select_for_update(no_key=True).filter(pk=account_id).exists()
