"""A campaign to very many people, for benches: a million sends with their activity in seconds.

Everything follows from the numbers asked for: each kind of act is spread evenly over the people, and over the
days after the send with the decay that mail has. Nothing is planned, nobody is suppressed.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

import msgspec

from syncline_sandbox.dotdigital import activity, lists, sends
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.course import DAY, Course, Link
from syncline_sandbox.dotdigital.mail_clients import MAIL_CLIENTS

# People of a campaign who are no contacts (any more) have ids from here on.
FIRST_INVENTED_ID = 50_000_000
# Half of what people do comes within this time.
_HALF_MS = DAY // 2
_MOMENTS = 4096


class SeedBulk(msgspec.Struct, forbid_unknown_fields=True):
    """How often each act happens. The campaign goes to ``sends`` invented people contact<N>@<domain>, who are
    no contacts, or to everybody on ``to_list``, up to ``sends``. ``days`` is how long they are active."""

    sends: int
    to_list: str | None = None
    domain: str = "seeded.example"
    opens: int = 0
    clicks: int = 0
    page_views: int = 0
    roi: int = 0
    bookmarks: int = 0
    days: int = 14

    @property
    def acts(self) -> dict[str, int]:
        return {
            activity.OPEN: self.opens,
            activity.CLICK: self.clicks,
            activity.PAGE_VIEW: self.page_views,
            activity.ROI: self.roi,
            activity.BOOKMARK: self.bookmarks,
        }


def load(account: Account, campaign_id: int, bulk: SeedBulk, sent: int, list_id: int | None) -> None:
    """Write it all; what was ``sent`` at that moment (milliseconds) may not have come to its end yet."""
    count, people = _people(account, bulk, list_id)
    _Bulk(account, campaign_id, bulk, sent).write(count, people)
    sends.mark_sent(account, campaign_id, sent, sent)
    account.connection.execute(
        "UPDATE campaigns SET last_activity = latest, updated = max(updated, latest) "
        "FROM (SELECT max(last_activity) AS latest FROM sends WHERE campaign_id = ?) WHERE id = ?",
        (campaign_id, campaign_id),
    )


def _people(account: Account, bulk: SeedBulk, list_id: int | None) -> tuple[int, Iterable[tuple[int, str]]]:
    """How many, and (contact id, address) of each, in no telling order."""
    if list_id is None:
        # Odd and prime to ten, so that every number comes once.
        step = 7919
        numbers = (n * step % bulk.sends for n in range(bulk.sends))
        invented = ((FIRST_INVENTED_ID + n, f"contact{n}@{bulk.domain}") for n in numbers)
        return bulk.sends, invented
    condition, parameters = lists.membership_condition(list_id)
    rows = account.connection.execute(
        f"SELECT id, email FROM contacts WHERE {condition} AND email IS NOT NULL LIMIT ?",  # noqa: S608
        (*parameters, bulk.sends),
    ).fetchall()
    return len(rows), ((row[0], row[1]) for row in rows)


class _Totals:
    """What each person has done in all; numbers in arrays, for a million people."""

    def __init__(self, people: int, sent: int) -> None:
        self.people = people
        self._last = array("q", [sent]) * people
        self._counts = {
            kind: array("i", [0]) * people for kind in (activity.OPEN, activity.CLICK, activity.PAGE_VIEW)
        }
        self._opened: dict[int, tuple[int, int]] = {}

    def count(self, kind: str, person: int, at: int) -> None:
        if at > self._last[person]:
            self._last[person] = at
        if kind in self._counts:
            self._counts[kind][person] += 1
        if kind == activity.OPEN:
            first, last = self._opened.get(person, (at, at))
            self._opened[person] = (min(first, at), max(last, at))

    def of(self, person: int) -> tuple[int | str | None, ...]:
        """Last activity, opens, clicks, page views, first and last open, and from which address."""
        first, last = self._opened.get(person, (None, None))
        counts = (counted[person] for counted in self._counts.values())
        return (self._last[person], *counts, first, last, None if first is None else _address(0))


class _Bulk:
    def __init__(self, account: Account, campaign_id: int, bulk: SeedBulk, sent: int) -> None:
        self._connection = account.connection
        self._campaign_id = campaign_id
        self._bulk = bulk
        self._sent = sent
        self._first_id = int(
            self._connection.execute("SELECT coalesce(max(id), 0) + 1 FROM sends").fetchone()[0]
        )
        longest = bulk.days * DAY
        self._delays = [
            min(longest, int(-math.log2(1 - (n + 0.5) / _MOMENTS) * _HALF_MS)) for n in range(_MOMENTS)
        ]

    def write(self, count: int, people: Iterable[tuple[int, str]]) -> None:
        totals = _Totals(count, self._sent)
        for kind, total in self._bulk.acts.items():
            self._write_acts(kind, total, totals)
        self._connection.executemany(
            "INSERT INTO sends (id, campaign_id, contact_id, email, is_html, sent, last_activity, opens, "
            "clicks, page_views, first_opened, last_opened, first_open_ip) "
            "VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (self._first_id + n, self._campaign_id, contact_id, email, self._sent, *totals.of(n))
                for n, (contact_id, email) in enumerate(people)
            ),
        )

    def _write_acts(self, kind: str, total: int, totals: _Totals) -> None:
        details = _details(kind)
        rows = []
        for act in range(total):
            # The person n does the acts from n * total // people up to that of the next person.
            n = ((act + 1) * totals.people + total - 1) // total - 1
            at = self._at(act)
            totals.count(kind, n, at)
            rows.append((self._campaign_id, kind, at, self._first_id + n, details[act % len(details)]))
        # In the order of the index over moments.
        rows.sort(key=itemgetter(2))
        self._connection.executemany(
            "INSERT INTO activity (campaign_id, kind, at, send_id, detail) VALUES (?, ?, ?, ?, ?)", rows
        )

    def _at(self, act: int) -> int:
        scattered = act * 2654435761 % 2**32
        return self._sent + self._delays[scattered % _MOMENTS] + scattered // _MOMENTS % 60_000


def _address(act: int) -> str:
    return f"198.51.100.{act % 254 + 1}"


def _details(kind: str) -> list[str]:
    """Some dozens of different details, which repeat."""
    links = Course().links
    made: list[dict[str, Any]]
    if kind == activity.OPEN:
        made = [
            {
                "mailClient": client.name,
                "mailClientVersion": client.version,
                "userAgent": client.user_agent,
                "ipAddress": _address(0),
            }
            for client in MAIL_CLIENTS
        ]
    elif kind == activity.CLICK:
        made = [_clicked(link, client.user_agent) for link in links for client in MAIL_CLIENTS]
    elif kind == activity.PAGE_VIEW:
        made = [{"url": f"{link.url}/{page}"} for link in links for page in range(10)]
    elif kind == activity.ROI:
        made = [{"markerName": "Order value", "value": 20 + 3.5 * n} for n in range(40)]
    else:
        made = [{"bookmarkName": name} for name in ("Facebook", "LinkedIn", "X")]
    if kind == activity.CLICK:
        made = [detail | {"ipAddress": _address(n)} for n, detail in enumerate(made * 10)]
    return [activity.detail_of(kind, detail) for detail in made]


def _clicked(link: Link, user_agent: str) -> dict[str, Any]:
    return {"url": link.url, "keyword": link.keyword, "userAgent": user_agent}
