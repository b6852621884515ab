"""What a campaign came to: its totals as Dotdigital counts them, and the rates that are worked out of them.

The rates are worked out here, from totals that stand beside them, so that each can say in words what it is a
share of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Of a campaign's life. Money is in the currency of the Dotdigital account."""

    sent: int = 0
    delivered: int = 0
    opens: int = 0
    unique_opens: int = 0
    clicks: int = 0
    unique_clicks: int = 0
    replies: int = 0
    forwards: int = 0
    page_views: int = 0
    unsubscribes: int = 0
    hard_bounces: int = 0
    soft_bounces: int = 0
    mail_blocks: int = 0
    complaints: int = 0
    orders: int = 0
    assisted_orders: int = 0
    revenue: float = 0.0
    assisted_revenue: float = 0.0

    @property
    def bounces(self) -> int:
        return self.hard_bounces + self.soft_bounces


@dataclass(frozen=True, kw_only=True)
class Rate:
    """`number` of `of`: a share, with what it means."""

    code: str
    name: str
    number: int
    of: int
    meaning: str

    @property
    def percent(self) -> float | None:
        """0 to 100, and a little more where one mail counts twice; None of nothing."""
        return 100 * self.number / self.of if self.of else None


MEANINGS: Final = {
    "delivered": "Of the mails that were sent, those that were neither sent back nor blocked.",
    "opened": "Of the mails that arrived, those that were opened at least once. Mail programs that load "
    "pictures by themselves count as opening.",
    "clicked": "Of the mails that arrived, those in which a link was followed at least once. Scanners that "
    "follow links count as clicking.",
    "clicked_of_opened": "Of the mails that were opened, those in which a link was followed.",
    "unsubscribed": "Of the mails that arrived, those whose reader left by their link.",
    "bounced": "Of the mails that were sent, those that were sent back, for good or for now.",
    "complained": "Of the mails that arrived, those that their reader reported as junk.",
}


def totals_of(columns: Mapping[str, Any]) -> Totals | None:
    """From `Campaign.totals`; None before the campaign was first sent."""
    if not columns:
        return None
    told = {one.name: columns.get(f"syncline_{one.name.replace('_', '')}") for one in fields(Totals)}
    return Totals(**{name: value for name, value in told.items() if value is not None})


def rates_of(totals: Totals) -> list[Rate]:
    """In the order in which they are told."""
    told = (
        ("delivered", "Delivered", totals.delivered, totals.sent),
        ("opened", "Opened", totals.unique_opens, totals.delivered),
        ("clicked", "Clicked", totals.unique_clicks, totals.delivered),
        ("clicked_of_opened", "Clicked of those who opened", totals.unique_clicks, totals.unique_opens),
        ("unsubscribed", "Unsubscribed", totals.unsubscribes, totals.delivered),
        ("bounced", "Bounced", totals.bounces, totals.sent),
        ("complained", "Complained", totals.complaints, totals.delivered),
    )
    return [
        Rate(code=code, name=name, number=number, of=of, meaning=MEANINGS[code])
        for code, name, number, of in told
    ]
