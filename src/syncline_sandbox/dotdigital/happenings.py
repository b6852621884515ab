"""Time, and what it brings about: campaigns go out, and people do what they are going to do.

Everything is planned first. When its moment has come by the soft clock, the first request after that moment
finds it done, as if it had happened then: the person's totals have grown, the campaign was active, and who
unsubscribed, complained or bounced for good is on the suppression list and has left all lists.
"""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

from collections.abc import Iterable

from syncline_sandbox.dotdigital import activity, contacts, sendings, suppressing
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.activity import Happening
from syncline_sandbox.dotdigital.storage import Transaction

# What becomes of the person, in v2's words.
_CONSEQUENCES = {
    activity.UNSUBSCRIBE: "Unsubscribed",
    activity.COMPLAINT: "IspComplained",
    activity.HARD_BOUNCE: "HardBounced",
}

# Which column of a send each kind moves.
_COUNTS = {
    activity.OPEN: "opens",
    activity.CLICK: "clicks",
    activity.PAGE_VIEW: "page_views",
    activity.FORWARD: "forwards",
    activity.ESTIMATED_FORWARD: "estimated_forwards",
    activity.REPLY: "replies",
    activity.UNSUBSCRIBE: "unsubscribed",
    activity.SOFT_BOUNCE: "soft_bounced",
    activity.HARD_BOUNCE: "hard_bounced",
    activity.MAIL_BLOCK: "mail_blocked",
    activity.COMPLAINT: "complained",
}
_FLAGS = frozenset(["unsubscribed", "soft_bounced", "hard_bounced", "mail_blocked", "complained"])


class Happenings:
    """Lets planned activity happen when its moment has come."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._next: int | None = None
        self.reload()

    def reload(self) -> None:
        row = self._account.connection.execute(
            "SELECT min(at) FROM (SELECT min(at) AS at FROM planned UNION ALL "
            f"SELECT min(at) FROM sendings WHERE status IN {sendings.WAITING_SQL})"
        ).fetchone()
        self._next = row[0]

    def plan(self, acts: Iterable[Happening]) -> None:
        self._account.connection.executemany(
            "INSERT INTO planned (campaign_id, kind, at, send_id, detail) VALUES (?, ?, ?, ?, ?)", acts
        )
        self.reload()

    def catch_up(self) -> None:
        """Let everything happen that is due, in the order of its moments."""
        now = self._account.now_ms()
        if self._next is None or self._next > now:
            return
        with Transaction(self._account.connection):
            while (sending := sendings.next_due(self._account, now)) is not None:
                # Who left through an earlier campaign is not sent this one.
                self._happen(sending.at)
                self.plan(sendings.carry_out(self._account, sending))
            self._happen(now)
        self.reload()

    def _happen(self, until: int) -> None:
        self._move(until)
        self._count(until)
        self._bear_consequences(until)
        self._account.connection.execute("DELETE FROM planned WHERE at <= ?", (until,))

    def _move(self, now: int) -> None:
        self._account.connection.execute(
            "INSERT INTO activity (campaign_id, kind, at, send_id, detail) "
            "SELECT campaign_id, kind, at, send_id, detail FROM planned WHERE at <= ? ORDER BY at, id",
            (now,),
        )

    def _count(self, now: int) -> None:
        connection = self._account.connection
        connection.execute(_COUNT_SENDS, (now,))
        connection.execute(_FIRST_IPS, (now,))
        connection.execute(_COUNT_CAMPAIGNS, (now,))

    def _bear_consequences(self, now: int) -> None:
        """A person who was deleted since has none."""
        rows = self._account.connection.execute(
            "SELECT s.contact_id, p.kind, p.at FROM planned p JOIN sends s ON s.id = p.send_id "
            f"WHERE p.at <= ? AND p.kind IN ({', '.join('?' * len(_CONSEQUENCES))}) ORDER BY p.at, p.id",
            (now, *_CONSEQUENCES),
        ).fetchall()
        for contact_id, kind, at in rows:
            contact = contacts.by_id(self._account.connection, contact_id)
            if contact is not None:
                suppressing.suppress(self._account, contact, _CONSEQUENCES[kind], at)


def _growth(kind: str, column: str) -> str:
    grown = f"sends.{column} + due.{column}"
    return f"{column} = " + (f"min(1, {grown})" if column in _FLAGS else grown)


_COUNT_SENDS = (
    "UPDATE sends SET "
    + ", ".join(_growth(kind, column) for kind, column in _COUNTS.items())
    + ", last_activity = max(last_activity, due.last)"
    + ", first_opened = min(coalesce(first_opened, due.first_open), coalesce(due.first_open, first_opened))"
    + ", last_opened = max(coalesce(last_opened, due.last_open), coalesce(due.last_open, last_opened))"
    + " FROM (SELECT send_id, max(at) AS last"
    + f", min(CASE WHEN kind = '{activity.OPEN}' THEN at END) AS first_open"
    + f", max(CASE WHEN kind = '{activity.OPEN}' THEN at END) AS last_open, "
    + ", ".join(f"sum(kind = '{kind}') AS {column}" for kind, column in _COUNTS.items())
    + " FROM planned WHERE at <= ? GROUP BY send_id) AS due WHERE sends.id = due.send_id"
)
_FIRST_IPS = (
    "UPDATE sends SET first_open_ip = (SELECT json_extract(a.detail, '$.ipAddress') FROM activity a "
    f"WHERE a.send_id = sends.id AND a.kind = '{activity.OPEN}' ORDER BY a.at LIMIT 1) "
    f"WHERE id IN (SELECT send_id FROM planned WHERE at <= ? AND kind = '{activity.OPEN}')"
)
_COUNT_CAMPAIGNS = (
    "UPDATE campaigns SET last_activity = max(coalesce(last_activity, 0), due.last), "
    "updated = max(updated, due.last), version = version + 1 "
    "FROM (SELECT campaign_id, max(at) AS last FROM planned WHERE at <= ? GROUP BY campaign_id) AS due "
    "WHERE campaigns.id = due.campaign_id"
)
