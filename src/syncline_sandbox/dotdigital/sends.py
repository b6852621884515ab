"""One campaign to one person at one moment: making such rows, and finding the one that an act belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from syncline_sandbox.dotdigital import campaigns
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.contacts import Contact


class Send(NamedTuple):
    id: int
    contact_id: int
    sent: int


def add(account: Account, campaign_id: int, people: Iterable[tuple[Contact, int, bool]]) -> list[Send]:
    """Sends of a campaign to (person, moment in milliseconds, as HTML or as text)."""
    connection = account.connection
    first = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM sends").fetchone()[0]
    rows = [
        (first + place, campaign_id, contact.id, contact.email, is_html, sent, sent)
        for place, (contact, sent, is_html) in enumerate(people)
    ]
    connection.executemany(
        "INSERT INTO sends (id, campaign_id, contact_id, email, is_html, sent, last_activity) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    if rows:
        mark_sent(account, campaign_id, min(row[5] for row in rows), max(row[5] for row in rows))
    return [Send(row[0], row[2], row[5]) for row in rows]


def mark_sent(account: Account, campaign_id: int, first: int, last: int) -> None:
    """The campaign went out from ``first`` to ``last``; a triggered one keeps its status."""
    known = campaigns.find(account, campaign_id)
    campaigns.change(
        account,
        campaign_id,
        status=known.status if known.type == campaigns.TRIGGERED else campaigns.SENT,
        first_sent=min(first, known.first_sent if known.first_sent is not None else first),
        last_sent=max(last, known.last_sent or 0),
        last_activity=max(last, known.last_activity or 0),
        updated=max(last, known.updated),
    )


def latest(account: Account, campaign_id: int, contact_id: int, at: int) -> Send | None:
    """The send that an act at this moment belongs to: the last one before it."""
    row = account.connection.execute(
        "SELECT id, contact_id, sent FROM sends WHERE campaign_id = ? AND contact_id = ? AND sent <= ? "
        "ORDER BY sent DESC, id DESC LIMIT 1",
        (campaign_id, contact_id, at),
    ).fetchone()
    return None if row is None else Send(*row)
