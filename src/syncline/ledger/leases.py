"""Who may carry a run out: one worker at a time, even when one that was thought dead comes back.

A worker that takes a run up raises the run's lease number. One that was only paused (a suspended machine)
has the older number; `hold` refuses it inside the transaction that would have stored its work, so what it did
meanwhile leaves no trace on our side. What it sent to a vendor is idempotent, like any batch sent again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from syncline.ledger.models import UNDER_WAY, Run


class LostLeaseError(BaseException):
    """Another worker has taken the run up; whoever holds the older lease lets go without a word.

    Not an Exception: it must pass every edge that turns errors of a step into the end of its run.
    """


@dataclass(frozen=True)
class Lease:
    """The right to carry one run out."""

    run_key: str
    number: int


_held: ContextVar[Lease | None] = ContextVar("held_lease", default=None)


@transaction.atomic
def take_lease(run_key: str, holder: str) -> Lease | None:
    """Take the run up in the name of `holder`; None where it has ended, or is gone."""
    rows = Run.objects.filter(key=run_key)
    if not rows.filter(status__in=UNDER_WAY).update(holder=holder, lease=F("lease") + 1):
        return None
    # Read under the lock that the update took, so it is this worker's number.
    return Lease(run_key, rows.values_list("lease", flat=True).get())


def is_held(lease: Lease) -> bool:
    return Run.objects.filter(key=lease.run_key, lease=lease.number).exists()


@contextmanager
def holding(lease: Lease) -> Iterator[None]:
    """What runs inside may store its work under this lease."""
    token = _held.set(lease)
    try:
        yield
    finally:
        _held.reset(token)


def hold() -> None:
    """Call first in every transaction that stores a run's work: keeps the lease until the transaction ends.

    Raises LostLeaseError where another worker has taken the run up. Does nothing outside of a worker.
    """
    lease = _held.get()
    if lease is None:
        return
    # An update rather than a read: it locks the row, so nobody takes the lease before the transaction ends.
    if not Run.objects.filter(key=lease.run_key, lease=lease.number).update(lease=lease.number):
        raise LostLeaseError
