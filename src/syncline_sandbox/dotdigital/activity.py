"""What people do with a campaign: the kinds, and what an answer tells of each."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

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
