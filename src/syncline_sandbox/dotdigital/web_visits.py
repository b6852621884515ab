"""What the vendor's script on a web site records: page views, and the visits that they make.

No definition shows a record of the collection. Its names are assumed: one record a page view, which tells its
visit and how long the page was looked at. A visit ends after 35 minutes without a page view.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

import msgspec

from syncline_sandbox.control import ControlError
from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import insight
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.insight import NewRecord, Record
from syncline_sandbox.dotdigital.moments import iso, read_iso
from syncline_sandbox.dotdigital.storage import Transaction

COLLECTION = "WebInsight"
IDLE_MS = 35 * 60 * 1000
_MINUTE_MS = 60_000


class PageView(msgspec.Struct, forbid_unknown_fields=True):
    """One page that somebody looked at; ``at`` is now when it is left out."""

    email: str
    url: str
    title: str = ""
    at: str | None = None
    user_agent: str = "Mozilla/5.0"
    ip: str = "192.0.2.1"


def record_views(account: Account, entries: list[PageView]) -> list[str]:
    """Store page views in the order of their moments; the keys of their records, in that order."""
    moments = [account.now_ms() if entry.at is None else read_iso(entry.at) for entry in entries]
    in_order = sorted(zip(moments, entries, strict=True), key=lambda pair: pair[0])
    with Transaction(account.connection):
        insight.make(account, COLLECTION, insight.CONTACT, insight.WEB_INSIGHT)
        return [_record(account, entry, at) for at, entry in in_order]


def _record(account: Account, entry: PageView, at: int) -> str:
    contact = store.by_email(account.connection, entry.email)
    if contact is None:
        raise ControlError(f"there is no contact with the address {entry.email!r}")
    last = _last_view(account, contact.id)
    visit, nth = uuid.uuid5(uuid.NAMESPACE_URL, f"{contact.id}/{at}").hex, 1
    if last is not None:
        values = msgspec.json.decode(last.json)
        gap = at - read_iso(values["ViewedOn"])
        if 0 <= gap <= IDLE_MS:
            visit, nth = values["SessionId"], values["PageViews"] + 1
            values["DurationMinutes"] = round(gap / _MINUTE_MS, 2)
            insight.store(account, COLLECTION, NewRecord(last.key, contact.id, values), at)
    key = f"{visit}-{nth}"
    insight.store(account, COLLECTION, NewRecord(key, contact.id, _values(entry, at, visit, nth)), at)
    return key


def _last_view(account: Account, contact_id: int) -> Record | None:
    row = account.connection.execute(
        "SELECT number, key, owner, json, created, updated FROM insight_records "
        "WHERE owner = ? AND collection = ? ORDER BY number DESC LIMIT 1",
        (contact_id, COLLECTION),
    ).fetchone()
    return None if row is None else Record(*row)


def _values(entry: PageView, at: int, visit: str, nth: int) -> dict[str, Any]:
    return {
        "Url": entry.url,
        "PageTitle": entry.title,
        "ViewedOn": iso(at),
        "DurationMinutes": 0,
        "PageViews": nth,
        "Site": urlsplit(entry.url).hostname or "",
        "UserAgent": entry.user_agent,
        "IpAddress": entry.ip,
        "SessionId": visit,
    }
