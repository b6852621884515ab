"""What people did with a campaign: kinds, what an answer tells of each, and time that brings it about.

Activity is planned first. When its moment has come by the soft clock, the first request after that moment
finds it done, as if it had happened then: the person's totals have grown, the campaign was active, and who
unsubscribed, complained or bounced for good is on the suppression list and has left all lists.
"""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from syncline_sandbox.dotdigital import contacts, suppressing
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.storage import Transaction

OPEN, CLICK, PAGE_VIEW, REPLY = "open", "click", "pageView", "reply"
ROI, BOOKMARK, ORDER = "roi", "bookmark", "order"
FORWARD, ESTIMATED_FORWARD = "forward", "estimatedForward"
UNSUBSCRIBE, COMPLAINT = "unsubscribe", "complaint"
SOFT_BOUNCE, HARD_BOUNCE, MAIL_BLOCK = "softBounce", "hardBounce", "mailBlock"

_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"

# What an answer tells of each kind besides who and when, with what is told when nothing else is given.
DETAILS: dict[str, dict[str, Any]] = {
    OPEN: {
        "mailClient": "Outlook",
        "mailClientVersion": "Outlook 365",
        "ipAddress": "198.51.100.7",
        "userAgent": _AGENT,
        "isHtml": True,
        "isForward": False,
    },
    CLICK: {
        "url": "https://shop.northwind-outdoor.example/",
        "ipAddress": "198.51.100.7",
        "userAgent": _AGENT,
        "keyword": "",
        "groups": [],
    },
    PAGE_VIEW: {"url": "https://shop.northwind-outdoor.example/"},
    REPLY: {
        "toAddress": "",
        "subject": "",
        "message": "",
        "isHtml": False,
        "replyType": "Reply",
        "customReplyToAddress": None,
    },
    ROI: {"markerName": "Order value", "dataType": "Numeric", "value": 0},
    BOOKMARK: {"bookmarkName": "Facebook"},
    # Revenue that the vendor attributes to the campaign; shown in totals only.
    ORDER: {"value": 0.0, "assisted": False},
    FORWARD: {},
    ESTIMATED_FORWARD: {},
    UNSUBSCRIBE: {},
    COMPLAINT: {},
    SOFT_BOUNCE: {},
    HARD_BOUNCE: {},
    MAIL_BLOCK: {},
}

# What becomes of the person, in v2's words.
_CONSEQUENCES = {UNSUBSCRIBE: "Unsubscribed", COMPLAINT: "IspComplained", HARD_BOUNCE: "HardBounced"}

# Which column of a send each kind moves.
_COUNTS = {
    OPEN: "opens",
    CLICK: "clicks",
    PAGE_VIEW: "page_views",
    FORWARD: "forwards",
    ESTIMATED_FORWARD: "estimated_forwards",
    REPLY: "replies",
    UNSUBSCRIBE: "unsubscribed",
    SOFT_BOUNCE: "soft_bounced",
    HARD_BOUNCE: "hard_bounced",
    MAIL_BLOCK: "mail_blocked",
    COMPLAINT: "complained",
}
_FLAGS = frozenset(["unsubscribed", "soft_bounced", "hard_bounced", "mail_blocked", "complained"])


class Happening(NamedTuple):
    """One act to come: of which send, what, when (milliseconds), and its details as JSON."""

    campaign_id: int
    kind: str
    at: int
    send_id: int
    detail: str


def detail_of(kind: str, given: dict[str, Any]) -> str:
    """The JSON of a kind's details. Raises ValueError for an unknown kind or detail."""
    known = DETAILS.get(kind)
    if known is None:
        raise ValueError(f"activity is one of {', '.join(DETAILS)}, not {kind!r}")
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"{kind} tells {', '.join(known) or 'nothing'}, not {', '.join(unknown)}")
    return msgspec.json.encode(known | given).decode()


class Happenings:
    """Lets planned activity happen when its moment has come."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._next: int | None = None
        self.reload()

    def reload(self) -> None:
        row = self._account.connection.execute("SELECT min(at) FROM planned").fetchone()
        self._next = row[0]

    def plan(self, acts: Iterable[Happening]) -> None:
        self._account.connection.executemany(
            "INSERT INTO planned (campaign_id, kind, at, send_id, detail) VALUES (?, ?, ?, ?, ?)", acts
        )
        self.reload()

    def catch_up(self) -> None:
        """Let everything happen that is due."""
        now = self._account.now_ms()
        if self._next is None or self._next > now:
            return
        with Transaction(self._account.connection):
            self._move(now)
            self._count(now)
            self._bear_consequences(now)
            self._account.connection.execute("DELETE FROM planned WHERE at <= ?", (now,))
        self.reload()

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
    + f", min(CASE WHEN kind = '{OPEN}' THEN at END) AS first_open"
    + f", max(CASE WHEN kind = '{OPEN}' THEN at END) AS last_open, "
    + ", ".join(f"sum(kind = '{kind}') AS {column}" for kind, column in _COUNTS.items())
    + " FROM planned WHERE at <= ? GROUP BY send_id) AS due WHERE sends.id = due.send_id"
)
_FIRST_IPS = (
    "UPDATE sends SET first_open_ip = (SELECT json_extract(a.detail, '$.ipAddress') FROM activity a "
    f"WHERE a.send_id = sends.id AND a.kind = '{OPEN}' ORDER BY a.at LIMIT 1) "
    f"WHERE id IN (SELECT send_id FROM planned WHERE at <= ? AND kind = '{OPEN}')"
)
_COUNT_CAMPAIGNS = (
    "UPDATE campaigns SET last_activity = max(coalesce(last_activity, 0), due.last), "
    "updated = max(updated, due.last), version = version + 1 "
    "FROM (SELECT campaign_id, max(at) AS last FROM planned WHERE at <= ? GROUP BY campaign_id) AS due "
    "WHERE campaigns.id = due.campaign_id"
)
