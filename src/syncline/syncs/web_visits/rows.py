"""A record of web behaviour as a page view, and what Dynamics is told of page views and visits: pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from syncline.dataverse import bind
from syncline.dotdigital import dates
from syncline.people.facts import NO_ADDRESS
from syncline.provisioning.web_tables import (
    LONGEST_BROWSER,
    LONGEST_IP,
    LONGEST_PAGE_URL,
    LONGEST_SITE,
    LONGEST_TITLE,
)
from syncline.syncs.campaigns.campaign_rows import Columns, digest_of, moment, text
from syncline.web_behaviour.models import WebPageView, WebVisit

VISIT: Final = "syncline_webvisit"
PAGE_VIEW: Final = "syncline_webpageview"
_A_DAY_MIN: Final = 24 * 60.0


class Read(NamedTuple):
    """What a record says."""

    at: datetime
    url: str
    title: str
    minutes: float
    site: str
    user_agent: str
    ip: str


def read(values: Mapping[str, Any], names: Mapping[str, str]) -> Read | None:
    """None where the record does not say when the page was looked at."""
    at = dates.parsed(values.get(names["viewed_on"]))
    if at is None:
        return None

    def said(meaning: str, longest: int) -> str:
        value = values.get(names[meaning])
        return text(value, longest) or "" if isinstance(value, str) else ""

    url = said("url", LONGEST_PAGE_URL)
    return Read(
        at.replace(microsecond=0),
        url,
        said("title", LONGEST_TITLE),
        _minutes(values.get(names["minutes"])),
        said("site", LONGEST_SITE) or _site_of(url),
        said("user_agent", LONGEST_BROWSER),
        said("ip", LONGEST_IP),
    )


def _minutes(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return round(min(max(float(value), 0.0), _A_DAY_MIN), 2)


def _site_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "")[:LONGEST_SITE]
    except ValueError:
        return ""


def sum_up(visit: WebVisit, views: Sequence[WebPageView]) -> None:
    """Set what the visit says, from all its page views in order."""
    first, last = views[0], views[-1]
    visit.started_at, visit.ended_at, visit.pages = first.viewed_at, last.viewed_at, len(views)
    visit.entry_title, visit.entry_url = first.title, first.url
    visit.site, visit.user_agent, visit.ip = first.site, first.user_agent, first.ip
    visit.digest = digest_of(visit_columns(visit), 8)


def visit_columns(visit: WebVisit) -> Columns:
    return {
        "syncline_name": (visit.entry_title or visit.entry_url)[:LONGEST_TITLE] or "Visit",
        "syncline_email": None if visit.person_key.startswith(NO_ADDRESS) else visit.person_key,
        "syncline_dotdigitalcontactid": visit.contact_id,
        "syncline_startedon": moment(visit.started_at),
        "syncline_endedon": moment(visit.ended_at),
        "syncline_durationminutes": round((visit.ended_at - visit.started_at).total_seconds() / 60, 2),
        "syncline_pages": visit.pages,
        "syncline_entrypage": visit.entry_url or None,
        "syncline_site": visit.site or None,
        "syncline_useragent": visit.user_agent or None,
        "syncline_ipaddress": visit.ip or None,
    }


def view_columns(view: WebPageView) -> Columns:
    return {
        "syncline_name": (view.title or view.url)[:LONGEST_TITLE] or "Page",
        "syncline_url": view.url or None,
        "syncline_viewedon": moment(view.viewed_at),
        "syncline_durationminutes": view.minutes,
        "syncline_Visit@odata.bind": bind(f"{VISIT}s", view.visit_row),
    }
