"""The campaigns of the demo account: four months of newsletters, some that wait, and one being written.

Whoever is suppressed in the demo left through one of them. Nobody else leaves in the past; from today on
people leave as they do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from syncline_sandbox.clock import iso_utc, parse_utc

SHOP = "https://shop.northwind-outdoor.example"
SITE = "https://www.northwind-outdoor.example"
NO_LEAVERS = {"unsubscribe": 0.0, "complain": 0.0, "hard_bounce": 0.0}
# How a suppression of the demo shows in the campaign that led to it.
LEAVING = {
    "Unsubscribed": "unsubscribe",
    "HardBounced": "hardBounce",
    "IspComplained": "complaint",
    "SoftBounced": "softBounce",
    "MailBlocked": "mailBlock",
}


class _Mail(NamedTuple):
    """``days`` ago it went out, to one list, at an hour in UTC; a negative number is yet to come."""

    days: int
    hour: int
    list: str
    name: str
    subject: str
    tags: tuple[str, ...]
    pages: tuple[str, ...]


MAILS = (
    _Mail(116, 9, "Newsletter", "Summer on two wheels", "12 rides before the summer ends", ("Newsletter",),
          ("cycling", "cycling/helmets", "tents")),
    _Mail(102, 9, "Newsletter", "Water and wind", "Paddling: what to pack", ("Newsletter",),
          ("paddling", "paddling/dry-bags", "maps")),
    _Mail(95, 15, "Trail News", "Trail News: the long way round", "Five long-distance paths", ("Trail News",),
          ("boots", "rucksacks")),
    _Mail(88, 9, "Newsletter", "Back to the hills", "Boots that last", ("Newsletter",),
          ("boots", "boots/care", "socks", "sale")),
    _Mail(81, 8, "Loyalty members", "Loyalty: double points", "Double points until Sunday",
          ("Loyalty", "Promotion"), ("points", "new")),
    _Mail(74, 9, "Newsletter", "First frost", "Warm nights outdoors", ("Newsletter",),
          ("sleeping-bags", "stoves", "lamps")),
    _Mail(60, 9, "Newsletter", "Autumn sale", "Up to 40 % off until Sunday", ("Newsletter", "Promotion"),
          ("sale", "sale/jackets", "sale/tents", "new")),
    _Mail(57, 16, "Newsletter", "Autumn sale: last hours", "The sale ends tonight", ("Promotion",),
          ("sale", "sale/jackets")),
    _Mail(53, 15, "Trail News", "Trail News: hut to hut", "Huts that stay open", ("Trail News",),
          ("rucksacks", "maps")),
    _Mail(46, 9, "Newsletter", "Ropes and rock", "Climbing indoors and out", ("Newsletter",),
          ("climbing", "climbing/ropes", "chalk")),
    _Mail(32, 9, "Newsletter", "Wax and edges", "Get your skis ready", ("Newsletter",),
          ("skiing", "skiing/wax", "gloves")),
    _Mail(25, 9, "Newsletter", "Gifts for people who go out", "Gifts under 50", ("Newsletter", "Promotion"),
          ("gifts", "gifts/under-50", "vouchers", "new")),
    _Mail(22, 10, "Shop sign-ups", "Welcome to the shop", "10 % off your first order", ("Onboarding",),
          ("new", "vouchers")),
    _Mail(18, 9, "Newsletter", "Snow is coming", "Jackets for any weather", ("Newsletter",),
          ("jackets", "jackets/down", "gloves", "sale")),
    _Mail(15, 8, "Loyalty members", "Loyalty: early access", "The winter sale, two days early",
          ("Loyalty", "Promotion"), ("sale", "points")),
    _Mail(10, 9, "Newsletter", "Winter sale", "Winter sale: now for everybody", ("Newsletter", "Promotion"),
          ("sale", "sale/skiing", "sale/jackets", "new")),
    _Mail(7, 15, "Trail News", "Trail News: short days", "Walks for short days", ("Trail News",),
          ("lamps", "boots")),
    _Mail(2, 9, "Newsletter", "Stories from the snow", "Three nights in an igloo", ("Newsletter",),
          ("stories/igloo", "sleeping-bags", "stoves")),
    _Mail(-3, 9, "Newsletter", "Last orders", "Order by Tuesday", ("Newsletter", "Promotion"),
          ("gifts", "vouchers")),
    _Mail(-9, 9, "Newsletter", "A year outdoors", "Your photographs of the year", ("Newsletter",),
          ("stories/year", "new")),
    _Mail(-16, 15, "Trail News", "Trail News: plans", "Where to go next", ("Trail News",),
          ("maps", "rucksacks")),
)  # fmt: skip


def of(contacts: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The campaigns as they are seeded, the oldest first. ``contacts`` are the demo's."""
    entries = [_campaign(mail, now) for mail in MAILS]
    for mail, entry in zip(MAILS, entries, strict=True):
        if mail.days > 0:
            entry["sends"] = list(_sends(mail, contacts, _moment(mail, now)))
    for who in contacts:
        if who.get("status") in LEAVING:
            _leave(entries, who)
    draft = _Mail(
        0, 9, "Newsletter", "Spring collection (draft)", "Spring is nearer than you think", (), ("new",)
    )
    return [*entries, _campaign(draft, now) | {"sends": [], "lists": []}]


def _campaign(mail: _Mail, now: datetime) -> dict[str, Any]:
    sent = _moment(mail, now)
    links = [
        {"url": f"{SITE if page.startswith('stories') else SHOP}/{page}", "keyword": page.rpartition("/")[2],
         "groups": [page.partition("/")[0].capitalize()]}
        for page in mail.pages
    ]  # fmt: skip
    more = "".join(f'<p><a href="{link["url"]}">More</a></p>' for link in links)
    return {
        "name": mail.name,
        "subject": mail.subject,
        "html": f"<h1>{mail.subject}</h1>{more}",
        "plain": "\n".join([mail.subject, *(str(link["url"]) for link in links)]),
        "tags": list(mail.tags),
        "lists": [mail.list],
        "created": iso_utc(min(sent, now) - timedelta(hours=3)),
        "course": {"links": links} | ({"rates": NO_LEAVERS} if mail.days > 0 else {}),
        "sends": [{"sent": iso_utc(sent)}],
        "activity": [],
    }


def _sends(mail: _Mail, contacts: Iterable[dict[str, Any]], sent: datetime) -> Iterable[dict[str, Any]]:
    """Whoever was on the list then; those who left since do only what led to it."""
    had = [
        who
        for who in contacts
        if mail.list in who["lists_before"]
        and parse_utc(who["created"]) < sent
        and ("removed_on" not in who or parse_utc(who["removed_on"]) > sent)
    ]
    for html in (True, False):
        for gone in (False, True):
            to = [
                who["email"]
                for who in had
                if ("removed_on" in who) is gone and (who["email_type"] == "Html") is html
            ]
            if to:
                yield {"to": to, "sent": iso_utc(sent), "html": html, "react": not gone}


def _leave(entries: Iterable[dict[str, Any]], who: dict[str, Any]) -> None:
    """Somebody left through the last campaign that they were sent."""
    last = None
    for entry in entries:
        if any(who["email"] in send.get("to", ()) for send in entry["sends"]):
            last = entry
    if last is None:
        return
    kind, left = LEAVING[who["status"]], parse_utc(who["removed_on"])
    if kind in ("unsubscribe", "complaint"):
        opened = iso_utc(left - timedelta(seconds=40))
        last["activity"].append({"email": who["email"], "kind": "open", "at": opened})
    last["activity"].append({"email": who["email"], "kind": kind, "at": who["removed_on"]})


def _moment(mail: _Mail, now: datetime) -> datetime:
    day = now - timedelta(days=mail.days)
    return day.replace(hour=mail.hour, minute=0, second=0, microsecond=0)
