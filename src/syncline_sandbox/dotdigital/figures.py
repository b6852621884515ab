"""The figures of a campaign: counted from its sends for life, or from its activity between two moments."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import msgspec

from syncline_sandbox.dotdigital import activity
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.campaigns import Campaign

# Kinds with a counter, and for those of which people are told too, the key under which they are counted.
_PEOPLE = {activity.OPEN: "people who opened", activity.CLICK: "people who clicked"}
_SUMS = {
    "sent": "count(*)",
    activity.OPEN: "sum(opens)",
    activity.CLICK: "sum(clicks)",
    activity.PAGE_VIEW: "sum(page_views)",
    activity.FORWARD: "sum(forwards)",
    activity.ESTIMATED_FORWARD: "sum(estimated_forwards)",
    activity.REPLY: "sum(replies)",
    activity.UNSUBSCRIBE: "sum(unsubscribed)",
    activity.SOFT_BOUNCE: "sum(soft_bounced)",
    activity.HARD_BOUNCE: "sum(hard_bounced)",
    activity.MAIL_BLOCK: "sum(mail_blocked)",
    activity.COMPLAINT: "sum(complained)",
    _PEOPLE[activity.OPEN]: "sum(opens > 0)",
    _PEOPLE[activity.CLICK]: "sum(clicks > 0)",
}


class Part(Counter[str]):
    """Counters of the HTML part, the text part, or both."""

    @property
    def sent(self) -> int:
        return self["sent"]

    @property
    def unique_opens(self) -> int:
        return self[_PEOPLE[activity.OPEN]]

    @property
    def unique_clicks(self) -> int:
        return self[_PEOPLE[activity.CLICK]]

    @property
    def delivered(self) -> int:
        undelivered = self[activity.HARD_BOUNCE] + self[activity.SOFT_BOUNCE] + self[activity.MAIL_BLOCK]
        return max(0, self.sent - undelivered)


class Figures(NamedTuple):
    html: Part
    text: Part
    orders: int
    revenue: float
    assisted_orders: int
    assisted_revenue: float

    @property
    def total(self) -> Part:
        return Part(self.html + self.text)


class FigureBook:
    """Figures for life are counted once for each version of a campaign: a million sends take a moment."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: dict[int, tuple[tuple[int, int], Figures]] = {}

    def for_life(self, campaign: Campaign) -> Figures:
        version = (self._account.reloads, campaign.version)
        known, figures = self._known.get(campaign.id, (None, None))
        if figures is None or known != version:
            figures = self._count(campaign.id)
            self._known[campaign.id] = (version, figures)
        return figures

    def between(self, campaign: Campaign, start: int, end: int) -> Figures:
        """Sends and acts from ``start`` to ``end``, in milliseconds, both included."""
        parts = {False: Part(), True: Part()}
        window = (campaign.id, start, end)
        for is_html, count in self._account.connection.execute(
            "SELECT is_html, count(*) FROM sends WHERE campaign_id = ? AND sent BETWEEN ? AND ? GROUP BY 1",
            window,
        ):
            parts[bool(is_html)]["sent"] = count
        for is_html, kind, acts, people in self._account.connection.execute(
            "SELECT s.is_html, a.kind, count(*), count(DISTINCT a.send_id) FROM activity a "
            "JOIN sends s ON s.id = a.send_id WHERE a.campaign_id = ? AND a.at BETWEEN ? AND ? GROUP BY 1, 2",
            window,
        ):
            parts[bool(is_html)][kind] = acts
            if kind in _PEOPLE:
                parts[bool(is_html)][_PEOPLE[kind]] = people
        return Figures(parts[True], parts[False], *self.orders(campaign.id, start, end))

    def orders(
        self, campaign_id: int, start: int = 0, end: int = 2**62, contact_id: int | None = None
    ) -> tuple[int, float, int, float]:
        """(orders, revenue, assisted orders, assisted revenue); of one person when one is given."""
        condition = "" if contact_id is None else " AND s.contact_id = ?"
        rows = self._account.connection.execute(
            "SELECT a.detail FROM activity a JOIN sends s ON s.id = a.send_id "
            f"WHERE a.campaign_id = ? AND a.kind = '{activity.ORDER}' AND a.at BETWEEN ? AND ?{condition}",
            (campaign_id, start, end, *(() if contact_id is None else (contact_id,))),
        )
        direct, assisted = list[float](), list[float]()
        for (detail,) in rows:
            order = msgspec.json.decode(detail)
            (assisted if order["assisted"] else direct).append(order["value"])
        return len(direct), round(sum(direct), 2), len(assisted), round(sum(assisted), 2)

    def _count(self, campaign_id: int) -> Figures:
        parts = {False: Part(), True: Part()}
        # In the order of the table: a million rows in the order of an index take many times as long.
        ends = self._account.connection.execute(
            "SELECT min(id), max(id) FROM sends WHERE campaign_id = ?", (campaign_id,)
        ).fetchone()
        for is_html, *sums in self._account.connection.execute(
            f"SELECT is_html, {', '.join(_SUMS.values())} FROM sends "
            "WHERE id BETWEEN ? AND ? AND +campaign_id = ? GROUP BY 1",
            (*ends, campaign_id),
        ):
            parts[bool(is_html)].update(dict(zip(_SUMS, sums, strict=True)))
        return Figures(parts[True], parts[False], *self.orders(campaign_id))
