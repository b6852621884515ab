"""Who did what with one campaign, a page at a time, as Dynamics holds it now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core import signing

from syncline.accounts.models import EmailAccount
from syncline.campaigns.models import Campaign
from syncline.console.dynamics_links import record_address
from syncline.console.list_rows import why_address
from syncline.console.live_dynamics import impatient_client
from syncline.dataverse import FORMATTED, Row
from syncline.dataverse.addresses import text_literal
from syncline.syncs.campaigns.parts import id_in_dynamics

PEOPLE_A_PAGE: Final = 50
GOOD_FOR_S: Final = 24 * 3600
"""How long the link to a further page leads on."""

_WHO: Final = (
    "syncline_email",
    "syncline_dotdigitalcontactid",
    "_syncline_contact_value",
    "_syncline_lead_value",
)


@dataclass(frozen=True)
class Cell:
    """One thing that is told of a row; a moment is told as a time, anything else as words."""

    label: str
    words: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whom a page shows."""

    title: str
    words: str
    table: str
    columns: tuple[str, ...]
    which: str
    """Of the campaign's rows, those to which this applies; empty: all."""
    order: tuple[str, ...]
    labels: tuple[str, ...]
    cells: Callable[[Row], list[Cell]]


@dataclass(frozen=True)
class PersonRow:
    address: str
    """Empty where Dotdigital told none."""
    contact_id: int
    """Dotdigital's."""
    name: str
    """Of the contact or lead; empty where Dynamics knows nobody with that address."""
    record_url: str
    why_url: str
    cells: list[Cell]


@dataclass(frozen=True)
class PeoplePage:
    rows: list[PersonRow]
    after: str
    """What leads on to the next page; empty on the last one."""


class StaleLinkError(Exception):
    """The link to a further page is too old, or not one of ours."""


def _moment(label: str, text: str | None) -> Cell:
    return Cell(label, at=datetime.fromisoformat(text) if text else None)


def _opened(row: Row) -> list[Cell]:
    return [
        _moment("First opened", row["syncline_firstopenedon"]),
        _moment("Last opened", row["syncline_lastopenedon"]),
        Cell("Opens", f"{row['syncline_opens'] or 0:,}"),
    ]


def _clicked(row: Row) -> list[Cell]:
    return [Cell("Link", row["syncline_url"] or ""), _moment("Clicked", row["syncline_clickedon"])]


def _left(row: Row) -> list[Cell]:
    return [_moment("Sent", row["syncline_senton"])]


def _bounced(row: Row) -> list[Cell]:
    hard = "For good (hard bounce)" if row["syncline_hardbounced"] else "For now (soft bounce)"
    return [Cell("Came back", hard), _moment("Sent", row["syncline_senton"])]


def _bought(row: Row) -> list[Cell]:
    return [
        Cell("Marker", row["syncline_name"] or ""),
        Cell("Value", row["syncline_value"] or ""),
        _moment("When", row["syncline_enteredon"]),
    ]


SENDS: Final = "syncline_emailsend"

QUESTIONS: Final = {
    "opened": Question(
        title="Opened",
        words="Whose mail was opened, the latest first. Mail programs that load pictures by themselves count "
        "as opening.",
        table=SENDS,
        columns=("syncline_firstopenedon", "syncline_lastopenedon", "syncline_opens"),
        which="syncline_firstopenedon ne null",
        order=("syncline_firstopenedon desc",),
        labels=("First opened", "Last opened", "Opens"),
        cells=_opened,
    ),
    "clicked": Question(
        title="Clicked",
        words="Each click on a link, the latest first. Scanners that follow links count as clicking.",
        table="syncline_emailclick",
        columns=("syncline_url", "syncline_clickedon"),
        which="",
        order=("syncline_clickedon desc",),
        labels=("Link", "Clicked"),
        cells=_clicked,
    ),
    "left": Question(
        title="Left",
        words="Who unsubscribed through this campaign. Dotdigital tells no date of it.",
        table=SENDS,
        columns=("syncline_senton",),
        which="syncline_unsubscribed eq true",
        order=("syncline_email",),
        labels=("Sent",),
        cells=_left,
    ),
    "bounced": Question(
        title="Bounced",
        words="Whose mail was sent back. Dotdigital tells no date of it.",
        table=SENDS,
        columns=("syncline_senton", "syncline_hardbounced", "syncline_softbounced"),
        which="(syncline_hardbounced eq true or syncline_softbounced eq true)",
        order=("syncline_email",),
        labels=("Came back", "Sent"),
        cells=_bounced,
    ),
    "bought": Question(
        title="Bought",
        words="What people did on the website after a click, as the ROI markers of its pages tell, the "
        "latest first. One order may be told by several markers.",
        table="syncline_roidetail",
        columns=("syncline_name", "syncline_value", "syncline_enteredon"),
        which="",
        order=("syncline_enteredon desc",),
        labels=("Marker", "Value", "When"),
        cells=_bought,
    ),
}
"""By the word in the address."""


def read_people(campaign: Campaign, what: str, *, address: str = "", after: str = "") -> PeoplePage:
    """One page of up to `PEOPLE_A_PAGE` rows, by one call. `address`: only whose begins with this; `after`:
    what the page before led on with.

    Raises RemoteError, and StaleLinkError.
    """
    question = QUESTIONS[what]
    salt = f"campaign people/{campaign.pk}/{what}/{address}"
    with impatient_client(campaign.account) as client:
        if after:
            pages = client.pages_from(_link_in(after, salt), page_size=PEOPLE_A_PAGE, annotations=True)
        else:
            pages = client.pages(
                f"{question.table}s",
                select=(*_WHO, *question.columns),
                filter=_filter(campaign, question, address),
                orderby=(*question.order, f"{question.table}id"),
                page_size=PEOPLE_A_PAGE,
                annotations=True,
            )
        page = next(pages)
    rows = [_person(campaign.account, question, row) for row in page.rows]
    # The link is Dynamics' own, cookie and all; signed, so that a browser can bring back this one alone.
    return PeoplePage(rows, signing.dumps(page.next_link, salt=salt, compress=True) if page.next_link else "")


def _link_in(after: str, salt: str) -> str:
    try:
        return str(signing.loads(after, salt=salt, max_age=GOOD_FOR_S))
    except signing.BadSignature as error:
        raise StaleLinkError from error


def _filter(campaign: Campaign, question: Question, address: str) -> str:
    parts = [f"_syncline_campaign_value eq {id_in_dynamics(campaign)}"]
    if question.which:
        parts.append(question.which)
    if address:
        parts.append(f"startswith(syncline_email,{text_literal(address)})")
    return " and ".join(parts)


def _person(account: EmailAccount, question: Question, row: Row) -> PersonRow:
    address = row["syncline_email"] or ""
    entity, record_id, name = _record(row)
    return PersonRow(
        address=address,
        contact_id=row["syncline_dotdigitalcontactid"] or 0,
        name=name,
        record_url=record_address(account, entity, record_id),
        why_url=why_address(account, address) if address else "",
        cells=question.cells(row),
    )


def _record(row: dict[str, Any]) -> tuple[str, str, str]:
    """(table, id, name) of the contact or lead; all empty where there is none."""
    for table in ("contact", "lead"):
        column = f"_syncline_{table}_value"
        if row.get(column):
            return table, row[column], row.get(f"{column}@{FORMATTED}") or table.capitalize()
    return "", "", ""
