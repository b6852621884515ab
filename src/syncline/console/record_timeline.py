"""What one contact or lead did lately, out of the rows that Dynamics holds: asked of it when somebody looks,
all tables by one request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from syncline.accounts.models import EmailAccount
from syncline.accounts.record_links import LinkedRecord
from syncline.console.vendor_calls import in_words
from syncline.dataverse import FORMATTED, Dataverse, NotFound, Query, Row
from syncline.remote import RemoteError

ROWS_A_TABLE: Final = 20
EVENTS_SHOWN: Final = 25


@dataclass(frozen=True)
class Event:
    at: datetime
    icon: str
    what: str
    about: str
    """Of which campaign, link, page or form; what somebody else wrote, so shown as plain text only."""
    is_bad: bool = False
    has_left: bool = False
    """They unsubscribed by this mail, whenever that was."""


@dataclass(frozen=True)
class Timeline:
    events: list[Event]
    """Newest first."""
    has_more: bool
    """Dynamics holds older ones."""
    problems: list[str]
    """What could not be read, in words; the rest is told all the same."""

    @property
    def has_left(self) -> bool:
        return any(one.has_left for one in self.events)


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A table with rows about what people did."""

    table: str
    what: str
    """What its rows are, for whoever misses them."""
    moment: str
    """The column that says when."""
    columns: tuple[str, ...]
    events: Callable[[Row], list[Event]]


def _sent(row: Row) -> list[Event]:
    campaign = row["syncline_name"] or ""
    back = [word for word in ("hard", "soft") if row[f"syncline_{word}bounced"]]
    what = f"Sent, and came back ({back[0]} bounce)" if back else "Sent"
    has_left = bool(row["syncline_unsubscribed"])
    if has_left:
        what += ", and left by it"
    sent = _at(row["syncline_senton"])
    events = [Event(sent, "mail", what, campaign, is_bad=bool(back or has_left), has_left=has_left)]
    if row["syncline_firstopenedon"]:
        times = row["syncline_opens"] or 1
        opened = "Opened" if times == 1 else f"Opened for the first of {times:,} times"
        events.append(Event(_at(row["syncline_firstopenedon"]), "preview", opened, campaign))
    return events


def _clicked(row: Row) -> list[Event]:
    about = " · ".join(filter(None, [_campaign(row), row["syncline_url"]]))
    return [Event(_at(row["syncline_clickedon"]), "link", "Clicked", about)]


def _viewed(row: Row) -> list[Event]:
    return [Event(_at(row["syncline_viewedon"]), "globe", "Looked at a page", row["syncline_url"] or "")]


def _bought(row: Row) -> list[Event]:
    marker = f"{row['syncline_name'] or 'Marker'}: {row['syncline_value'] or ''}"
    return [Event(_at(row["syncline_enteredon"]), "tag", "ROI marker", marker)]


def _answered(row: Row) -> list[Event]:
    what = "Answered a form" if row["syncline_complete"] else "Began a form"
    return [Event(_at(row["syncline_startedon"]), "note", what, row["syncline_name"] or "")]


def _campaign(row: Row) -> str:
    return str(row.get(f"_syncline_campaign_value@{FORMATTED}") or "")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


_SOURCES: Final = (
    _Source(
        table="syncline_emailsend",
        what="what was sent and opened",
        moment="syncline_senton",
        columns=(
            "syncline_name",
            "syncline_firstopenedon",
            "syncline_opens",
            "syncline_unsubscribed",
            "syncline_softbounced",
            "syncline_hardbounced",
        ),
        events=_sent,
    ),
    _Source(
        table="syncline_emailclick",
        what="clicks",
        moment="syncline_clickedon",
        columns=("syncline_url", "_syncline_campaign_value"),
        events=_clicked,
    ),
    _Source(
        table="syncline_campaignpageview",
        what="page views",
        moment="syncline_viewedon",
        columns=("syncline_url",),
        events=_viewed,
    ),
    _Source(
        table="syncline_roidetail",
        what="ROI markers",
        moment="syncline_enteredon",
        columns=("syncline_name", "syncline_value"),
        events=_bought,
    ),
    _Source(
        table="syncline_formresponse",
        what="answers to forms",
        moment="syncline_startedon",
        columns=("syncline_name", "syncline_complete"),
        events=_answered,
    ),
)


def read_timeline(client: Dataverse, account: EmailAccount, record: LinkedRecord) -> Timeline:
    """By one call. Of an environment that was not provisioned there is nothing to tell. Raises RemoteError
    where Dynamics answers nothing at all.
    """
    queries = [_query(one, account, record) for one in _SOURCES]
    events: list[Event] = []
    problems: list[str] = []
    # Where a table has older rows than were read, nothing older than the last of them can be told in order.
    oldest_certain: list[datetime] = []
    pages = client.first_pages(queries, page_size=ROWS_A_TABLE, annotations=True)
    for source, page in zip(_SOURCES, pages, strict=True):
        if isinstance(page, NotFound):
            continue
        if isinstance(page, RemoteError):
            problems.append(f"Not read: {source.what}. {in_words(page)}")
            continue
        events += [event for row in page.rows for event in source.events(row)]
        if page.next_link and page.rows:
            oldest_certain.append(_at(page.rows[-1][source.moment]))
    return _in_order(events, oldest_certain, problems)


def _in_order(events: list[Event], oldest_certain: Sequence[datetime], problems: list[str]) -> Timeline:
    horizon = max(oldest_certain, default=None)
    certain = [one for one in events if horizon is None or one.at >= horizon]
    certain.sort(key=lambda one: one.at, reverse=True)
    has_more = bool(oldest_certain) or len(certain) > EVENTS_SHOWN
    return Timeline(certain[:EVENTS_SHOWN], has_more, problems)


def _query(source: _Source, account: EmailAccount, record: LinkedRecord) -> Query:
    """Rows of this account alone: an environment may be shared by several."""
    return Query(
        set_=f"{source.table}s",
        select=(source.moment, *source.columns),
        filter=f"_syncline_{record.table}_value eq {record.record_id} "
        f"and syncline_account eq '{account.connector_key}' and {source.moment} ne null",
        orderby=(f"{source.moment} desc", f"{source.table}id"),
    )
