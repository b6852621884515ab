"""The believable course of a campaign: what one person does with one mail, and when.

Pure and deterministic: the same seed, campaign and person always do the same. Opens decay over days and
rest at night; some people are keen and some never read anything; machines open and click too. The shares
are those of an ordinary retailer's newsletter, rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

import msgspec

from syncline_sandbox.dotdigital import activity, mail_clients
from syncline_sandbox.dotdigital.addresses import domain_of
from syncline_sandbox.dotdigital.mail_clients import MailClient
from syncline_sandbox.dotdigital.moments import from_ms, iso

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
# Half of those who open do so within this time, a fifth within the first hour; one in fifty comes later than
# ten days.
_HALF_OPENED_MS = 300 * MINUTE
_OPENING_SPREAD = 1.9
_LAST_OPENING_MS = 21 * DAY
_NIGHT_ENDS_HOUR = 6
_NIGHT_SLEEPERS = 0.8
# How readily people open, relative to the average, and how many of a hundred are so.
_EAGERNESS = ((2.0, 17), (1.2, 30), (0.6, 33), (0.0, 20))
_BOOKMARKS = ("Facebook", "LinkedIn", "X", "Pinterest")
_MESSAGES = (
    "Thanks, just what I was looking for.",
    "Do you ship to Ireland?",
    "Is the blue one back in stock?",
)
_AWAY = "I am out of the office and will read your message when I am back."


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link in a campaign. Earlier ones are clicked more."""

    url: str
    keyword: str = ""
    groups: tuple[str, ...] = ()


class Rates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares, from 0 to 1, of whatever stands before "of"."""

    hard_bounce: float = 0.004  # of all mails
    soft_bounce: float = 0.011
    mail_block: float = 0.001
    scanned: float = 0.08  # of all domains
    privacy: float = 0.25  # of all people
    open: float = 0.34  # of delivered mails
    open_again: float = 0.35  # of opens
    click: float = 0.17  # of mails that were opened
    click_again: float = 0.3  # of clicks
    buy: float = 0.07  # of mails that were clicked
    assist: float = 0.05
    bookmark: float = 0.012  # of mails that were opened
    forward: float = 0.006
    guessed_forward: float = 0.015
    reply: float = 0.006
    away: float = 0.012  # of delivered mails
    unsubscribe: float = 0.008  # of mails that were opened
    complain: float = 0.0006


class Course(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a campaign runs: ``seed`` with ``rates`` and the links that its mails hold."""

    seed: int = 7
    rates: Rates = Rates()
    links: tuple[Link, ...] = (
        Link("https://shop.northwind-outdoor.example/new", "new in", ("Shop",)),
        Link("https://shop.northwind-outdoor.example/sale", "sale", ("Shop", "Sale")),
        Link("https://www.northwind-outdoor.example/stories", "stories", ("Reading",)),
        Link("https://www.northwind-outdoor.example/about", "about us"),
    )


class Act(NamedTuple):
    kind: str
    at: int
    detail: dict[str, Any]


class _Reader(NamedTuple):
    """What stays the same with a person from campaign to campaign."""

    eagerness: float
    client: MailClient
    address: str
    private: bool


def acts(course: Course, campaign_id: int, contact_id: int, email: str, sent: int) -> Iterator[Act]:
    """All that happens after this mail was sent at ``sent`` (milliseconds), in no order."""
    chance = Random(f"{course.seed}/{campaign_id}/{contact_id}")  # noqa: S311 - invented, nothing secret
    rates = course.rates
    fate = chance.random()
    for kind, share, within in (
        (activity.HARD_BOUNCE, rates.hard_bounce, 2 * MINUTE),
        (activity.SOFT_BOUNCE, rates.soft_bounce, 6 * HOUR),
        (activity.MAIL_BLOCK, rates.mail_block, 10 * MINUTE),
    ):
        if fate < share:
            yield Act(kind, sent + chance.randrange(SECOND, within), {})
            return
        fate -= share
    if is_scanned(course, email):
        yield from _scanner(course, chance, sent)
    reader = _reader(course, contact_id)
    if reader.private:
        yield _machine_open(chance, sent + chance.randrange(2 * MINUTE, 12 * HOUR))
    if chance.random() < rates.away:
        away = {"subject": "Out of office", "message": _AWAY, "replyType": "AutoReply"}
        yield Act(activity.REPLY, sent + chance.randrange(10 * SECOND, MINUTE), away)
    if chance.random() < rates.open * reader.eagerness:
        yield from _reading(course, chance, reader, sent)


def is_scanned(course: Course, email: str) -> bool:
    """Whether a security scanner stands before this address; it stands before a whole domain."""
    chance = Random(f"{course.seed}/{domain_of(email)}")  # noqa: S311
    return chance.random() < course.rates.scanned


def _reader(course: Course, contact_id: int) -> _Reader:
    chance = Random(f"{course.seed}/{contact_id}")  # noqa: S311
    eager, weights = zip(*_EAGERNESS, strict=True)
    return _Reader(
        chance.choices(eager, weights)[0],
        mail_clients.of_person(chance),
        mail_clients.home_address(chance),
        chance.random() < course.rates.privacy,
    )


def _scanner(course: Course, chance: Random, sent: int) -> Iterator[Act]:
    """Opens, then follows every link, all within seconds."""
    at = sent + chance.randrange(1500, 12_000)
    address = mail_clients.machine_address(chance)
    yield _open(mail_clients.SCANNER, address, at)
    for link in course.links:
        at += chance.randrange(80, 900)
        yield _click(mail_clients.SCANNER, address, link, at)


def _machine_open(chance: Random, at: int) -> Act:
    return _open(mail_clients.PRIVACY_PROXY, mail_clients.machine_address(chance), at)


def _reading(course: Course, chance: Random, reader: _Reader, sent: int) -> Iterator[Act]:
    rates = course.rates
    at = sent + _first_opening(chance, sent)
    yield _open(reader.client, reader.address, at)
    again = at
    while chance.random() < rates.open_again:
        again += int(chance.expovariate(1 / (20 * HOUR))) + MINUTE
        yield _open(reader.client, reader.address, again)
    if chance.random() < rates.click:
        yield from _following(course, chance, reader, at)
    for kind, share in (
        (activity.FORWARD, rates.forward),
        (activity.ESTIMATED_FORWARD, rates.guessed_forward),
        (activity.COMPLAINT, rates.complain),
        (activity.UNSUBSCRIBE, rates.unsubscribe),
    ):
        if chance.random() < share:
            yield Act(kind, at + chance.randrange(5 * SECOND, 3 * MINUTE), {})
    if chance.random() < rates.bookmark:
        yield Act(activity.BOOKMARK, at + MINUTE, {"bookmarkName": chance.choice(_BOOKMARKS)})
    if chance.random() < rates.reply:
        detail = {"subject": "RE: your newsletter", "message": chance.choice(_MESSAGES)}
        yield Act(activity.REPLY, at + chance.randrange(MINUTE, HOUR), detail)


def _first_opening(chance: Random, sent: int) -> int:
    """Milliseconds from the mail to the first look at it: most of it soon, a long tail, little at night."""
    delay = int(chance.lognormvariate(math.log(_HALF_OPENED_MS), _OPENING_SPREAD))
    delay = min(max(delay, 20 * SECOND), _LAST_OPENING_MS)
    moment = from_ms(sent + delay)
    if moment.hour < _NIGHT_ENDS_HOUR and chance.random() < _NIGHT_SLEEPERS:
        morning = (_NIGHT_ENDS_HOUR - moment.hour) * HOUR
        delay += morning + chance.randrange(3 * HOUR)
    return delay


def _following(course: Course, chance: Random, reader: _Reader, opened: int) -> Iterator[Act]:
    """Clicks, the pages that follow, and now and then an order."""
    at = opened + chance.randrange(4 * SECOND, 3 * MINUTE)
    weights = [1 / (place + 1) for place in range(len(course.links))]
    while course.links:
        link = chance.choices(course.links, weights)[0]
        yield _click(reader.client, reader.address, link, at)
        for page in range(chance.choice((1, 1, 2, 3, 5))):
            url = link.url if page == 0 else f"{link.url}/{chance.randrange(1, 40)}"
            yield Act(activity.PAGE_VIEW, at + chance.randrange(SECOND, 20 * SECOND), {"url": url})
            at += chance.randrange(15 * SECOND, 90 * SECOND)
        if chance.random() >= course.rates.click_again:
            break
    yield from _shopping(course, chance, at)


def _shopping(course: Course, chance: Random, at: int) -> Iterator[Act]:
    bought = chance.random()
    if bought >= course.rates.buy + course.rates.assist:
        return
    assisted = bought >= course.rates.buy
    at += chance.randrange(2 * MINUTE, 40 * MINUTE)
    at += chance.randrange(DAY, 5 * DAY) if assisted else 0
    value = round(chance.lognormvariate(math.log(60), 0.7), 2)
    yield Act(activity.ORDER, at, {"value": value, "assisted": assisted})
    if not assisted:
        for name, kind, told in (
            ("Order value", "Numeric", value),
            ("Order number", "String", f"N{chance.randrange(10**5, 10**6)}"),
            ("Ordered on", "Date", iso(at)),
        ):
            yield Act(activity.ROI, at, {"markerName": name, "dataType": kind, "value": told})


def _open(client: MailClient, address: str, at: int) -> Act:
    return Act(activity.OPEN, at, {
        "mailClient": client.name, "mailClientVersion": client.version, "ipAddress": address,
        "userAgent": client.user_agent,
    })  # fmt: skip


def _click(client: MailClient, address: str, link: Link, at: int) -> Act:
    groups = [{"name": name, "dateCreated": "2024-01-08T09:00:00.000Z"} for name in link.groups]
    return Act(activity.CLICK, at, {
        "url": link.url, "ipAddress": address, "userAgent": client.user_agent, "keyword": link.keyword,
        "groups": groups,
    })  # fmt: skip
