"""Bringing somebody back, always with a confirmation e-mail of Dotdigital's (contract §4.4).

The one place from which this client can write a subscription, and not a part of `Dotdigital`: who has a
client at hand cannot do it by the way. Only `syncline.consent.resubscribe` may import this module, which
import-linter holds.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from syncline.dotdigital import words
from syncline.dotdigital.client import Dotdigital
from syncline.dotdigital.limits import MEDIUM
from syncline.dotdigital.session import OnSession, call_to
from syncline.dotdigital.words import folded
from syncline.remote import Rejected

Outcome = Literal["ContactAdded", "ContactChallenged", "ContactCannotBeUnsuppressed"]
OUTCOMES: tuple[Outcome, ...] = ("ContactAdded", "ContactChallenged", "ContactCannotBeUnsuppressed")


class Resubscribed(msgspec.Struct, frozen=True):
    """What Dotdigital answered.

    `outcome`: ContactAdded (subscribed again), ContactChallenged (a confirmation e-mail is on its way and
    nothing has changed until its link is clicked) or ContactCannotBeUnsuppressed (a global suppression, a
    suppressed domain, an ISP complaint). `status`: the contact's status now, as `words.status` spells it.
    """

    outcome: Outcome
    status: str


class Resubscriptions(OnSession):
    """The calls of one client; there is none without a challenge."""

    def __init__(self, client: Dotdigital) -> None:
        self._session = client._session

    def resubscribe(self, email: str, *, book_id: int | None = None) -> Resubscribed:
        """Ask for somebody to be subscribed again, to everything or to the one list.

        Not repeated after a lost answer, for the e-mail may be on its way. Raises `Rejected`.
        """
        within = "" if book_id is None else f"/address-books/{book_id}"
        route = "" if book_id is None else "/address-books/{id}"
        call = call_to(
            "POST",
            f"/v2{within}/contacts/resubscribe",
            route=f"/v2{route}/contacts/resubscribe",
            body={"unsubscribedContact": {"email": email}},
            record="An address",
            tier=MEDIUM,
            repeatable=False,
        )
        found = folded(self._session.json(call) or {})
        outcome = next((one for one in OUTCOMES if one.lower() == str(found.get("status")).lower()), None)
        if outcome is None:
            raise Rejected("An address", "", f"Dotdigital answered {found.get('status')!r}, which is unknown")
        contact = folded(found.get("contact") or {})
        return Resubscribed(outcome, words.status(str(contact.get("status") or "")))
