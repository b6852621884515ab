"""Outbound writes: stored before the call, found again after a crash, settled when the vendor's answer is
in.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Sum

from syncline.ledger.models import Batch, Run

GATHERING, INTENDED, SENT, SETTLED = "gathering", "intended", "sent", "settled"

FIRST_LOOK_S = 0.25
"""After so many seconds a vendor is first asked how far it is. Tests look sooner: their sandboxes are done at
once.
"""
LONGEST_LOOK_S: Final = 30.0
"""Between two looks at one job: one status call every 10 to 30 seconds is plenty (contract §12)."""


def store(
    run: Run, kind: str, payload: bytes, size: int, *, state: str = INTENDED, narrowing: int = 0
) -> Batch:
    return Batch.objects.create(
        account_id=run.account_id,
        run=run,
        kind=kind,
        state=state,
        size=size,
        payload=payload,
        narrowing=narrowing,
    )


def first(run: Run, kind: str, state: str) -> Batch | None:
    return Batch.objects.filter(account_id=run.account_id, kind=kind, state=state).order_by("pk").first()


def waiting(run: Run, kind: str, state: str) -> list[Batch]:
    """All of them, each with its payload only once it is asked for: five imports hold 50,000 decisions."""
    found = Batch.objects.filter(account_id=run.account_id, kind=kind, state=state).order_by("pk")
    return list(found.defer("payload"))


def size_of(run: Run, kind: str, state: str) -> int:
    total = Batch.objects.filter(account_id=run.account_id, kind=kind, state=state).aggregate(
        total=Sum("size")
    )["total"]
    return int(total or 0)


def drop_unsent(run: Run) -> None:
    """Forget what the account's earlier runs meant to send and never did. In the other lane a run may be
    under way.
    """
    unsent = Batch.objects.filter(account_id=run.account_id, state__in=(GATHERING, INTENDED))
    unsent.filter(run__lane=run.lane).delete()


def note_attempt(batch: Batch, now: datetime) -> None:
    """It is about to be sent: from now on the vendor may have it, whatever comes back."""
    batch.sent_at = now
    batch.save(update_fields=["sent_at"])


def mark_sent(batch: Batch, remote_id: str, now: datetime) -> None:
    batch.state, batch.remote_id, batch.sent_at = SENT, remote_id, now
    batch.next_look_at = now + timedelta(seconds=FIRST_LOOK_S)
    batch.save(update_fields=["state", "remote_id", "sent_at", "next_look_at"])


def look_later(batch: Batch, now: datetime) -> None:
    """Look again after as long as it has taken so far, within bounds: few calls for long imports, no delay
    for short ones.
    """
    so_far = (now - batch.sent_at).total_seconds() if batch.sent_at else FIRST_LOOK_S
    batch.next_look_at = now + timedelta(seconds=min(max(so_far, FIRST_LOOK_S), LONGEST_LOOK_S))
    batch.save(update_fields=["next_look_at"])


def settle(settled: Batch) -> None:
    """Keep the row, drop the payload: the outcomes now tell the story."""
    settled.state, settled.payload = SETTLED, b""
    settled.save(update_fields=["state", "payload"])


def send_again(batch: Batch) -> None:
    """As if it had never been sent: the vendor has no trace of it."""
    batch.state, batch.remote_id = INTENDED, ""
    batch.save(update_fields=["state", "remote_id"])


def next_to_look_at(sent: Sequence[Batch]) -> Batch:
    """The one whose turn is first; of at least one that was sent."""
    return min(sent, key=lambda batch: batch.next_look_at or datetime.min.replace(tzinfo=UTC))


def seconds_until_look(sent: Sequence[Batch], now: datetime) -> float:
    """How long until the first of them should be looked at; 0 when one is due."""
    due = [batch.next_look_at for batch in sent if batch.next_look_at]
    return max(0.0, (min(due) - now).total_seconds()) if due else 0.0
