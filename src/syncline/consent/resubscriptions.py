"""What people here asked Dotdigital for: to bring somebody back who asked for it themselves.

Nothing here lifts a stop. That Dotdigital later shows the contact as subscribed does, and only then does the
ledger hold that the person came back, and on what ground.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from syncline import bulk
from syncline.consent.ledger import Change, Source, What, record
from syncline.consent.models import Resubscription

BETWEEN: Final = timedelta(hours=24)
"""A person gets at most one confirmation e-mail within this time because of us."""
MONTH: Final = timedelta(days=30)
MOST_A_MONTH: Final = 3


class Ground(StrEnum):
    """How somebody asked to come back."""

    WRITTEN = "written"
    SPOKEN = "spoken"
    FORM = "form"


GROUNDS: Final = {
    Ground.WRITTEN: "They wrote to us: an e-mail or a letter",
    Ground.SPOKEN: "They told us: by telephone or in person",
    Ground.FORM: "They filled in a form that is not Dotdigital's",
}


class State(StrEnum):
    """How far it got."""

    ASKED = "asked"
    """Dotdigital was called, and whether it heard is not known."""
    ADDED = "added"
    CHALLENGED = "challenged"
    """Dotdigital has sent its confirmation e-mail."""
    REFUSED = "refused"
    """Dotdigital does not let the person back."""
    FAILED = "failed"
    """Dotdigital did not take the call, so no e-mail was sent."""
    CONFIRMED = "confirmed"
    """Dotdigital has since shown the contact as subscribed."""


OPEN: Final = (State.ASKED, State.ADDED, State.CHALLENGED)


def latest(account_id: int, key: str) -> Resubscription | None:
    return Resubscription.objects.filter(account_id=account_id, person_key=key).order_by("-pk").first()


def too_soon(account_id: int, key: str, now: datetime) -> str:
    """Why Dotdigital may not be asked again yet, in words; empty where it may."""
    rows = Resubscription.objects.filter(account_id=account_id, person_key=key)
    recent = rows.filter(asked_at__gt=now - MONTH).exclude(state=State.FAILED).order_by("-asked_at")
    times = list(recent.values_list("asked_at", flat=True)[:MOST_A_MONTH])
    if times and times[0] > now - BETWEEN:
        again = times[0] + BETWEEN
        return f"They were asked for already. Ask again after {again:%Y-%m-%d %H:%M} UTC."
    if len(times) == MOST_A_MONTH:
        return f"They were asked for {MOST_A_MONTH} times within 30 days. Let them come by themselves."
    return ""


def confirm(
    account_id: int, subscribed: Iterable[tuple[str, datetime]], *, run_id: int | None = None
) -> None:
    """Dotdigital shows these people as subscribed; rows are (address, when the contact was last updated).

    Whoever was asked for before that has come back: that goes to the ledger, with the ground.
    """
    updated = dict(subscribed)
    asked_for = _asked_for(account_id, list(updated))
    if not asked_for:
        return
    rows = Resubscription.objects.filter(
        account_id=account_id, person_key__in=asked_for, state__in=OPEN, list_id=None
    )
    back = [row for row in rows if updated[row.person_key] >= row.asked_at]
    if back:
        Resubscription.objects.filter(pk__in=[row.pk for row in back]).update(state=State.CONFIRMED)
        record(_came_back(row, updated[row.person_key], run_id) for row in back)


def _asked_for(account_id: int, keys: Sequence[str]) -> list[str]:
    """Those of the addresses that Dotdigital was ever asked about. Plain SQL, for every page of contacts that
    is read comes by here.
    """
    if not keys:
        return []
    rows = bulk.fetch(
        "SELECT DISTINCT person_key FROM consent_resubscription "  # noqa: S608
        f"WHERE account_id = %s AND person_key IN {bulk.given()}",
        [account_id, bulk.pack(keys)],
    )
    return [key for (key,) in rows]


def _came_back(row: Resubscription, at: datetime, run_id: int | None) -> Change:
    evidence = {"resubscription": row.pk, "ground": row.ground, "asked_at": row.asked_at.isoformat()}
    return Change(
        row.account_id,
        row.person_key,
        at,
        What.RESUBSCRIBED,
        "",
        row.ground,
        Source.DOTDIGITAL,
        actor=row.asked_by,
        evidence=evidence,
        run_id=run_id,
    )
