"""A row about what somebody did, as Dynamics is told of it: pure.

Dotdigital gives these rows no number, so the id of each is derived from all that makes it the one it is. Of a
send that is who got it and when: everything else about it goes on changing.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from syncline.dotdigital import BookmarkViews, Click, PageView, RoiDetail, SendSummary
from syncline.people.facts import NO_ADDRESS, person_key
from syncline.provisioning.campaign_tables import (
    LONGEST_AGENT,
    LONGEST_CAMPAIGN_NAME,
    LONGEST_NAME,
    LONGEST_URL,
)
from syncline.syncs.campaigns.campaign_rows import Columns, moment, money, text

Told = SendSummary | Click | BookmarkViews | RoiDetail | PageView
"""What Dotdigital tells, of any of the five sets of data."""


class ActivityRow(NamedTuple):
    """`natural_key`: what makes the row the one it is, besides account and campaign."""

    natural_key: str
    person_key: str
    contact_id: int
    columns: Columns


def send_row(told: SendSummary, campaign_name: str) -> ActivityRow:
    columns = {
        "syncline_name": text(campaign_name, LONGEST_CAMPAIGN_NAME),
        "syncline_senton": moment(told.sent_on),
        "syncline_firstopenedon": moment(told.first_opened_on),
        "syncline_lastopenedon": moment(told.last_opened_on),
        "syncline_opens": told.opens,
        "syncline_clicks": told.clicks,
        "syncline_pageviews": told.page_views,
        "syncline_forwards": told.forwards,
        "syncline_estimatedforwards": told.estimated_forwards,
        "syncline_replies": told.replies,
        "syncline_firstopenip": text(told.first_open_ip, 50),
        "syncline_unsubscribed": told.unsubscribed,
        "syncline_softbounced": told.soft_bounced,
        "syncline_hardbounced": told.hard_bounced,
    }
    return _row(told, [_exactly(told.sent_on)], columns)


def click_row(told: Click, campaign_name: str) -> ActivityRow:
    del campaign_name
    columns = {
        "syncline_name": text(told.url, LONGEST_NAME),
        "syncline_url": text(told.url, LONGEST_URL),
        "syncline_keyword": text(told.keyword, LONGEST_NAME),
        "syncline_clickedon": moment(told.clicked_on),
        "syncline_ipaddress": text(told.ip_address, 50),
        "syncline_useragent": text(told.user_agent, LONGEST_AGENT),
    }
    what = [_exactly(told.clicked_on), told.url, told.keyword, told.ip_address, told.user_agent]
    return _row(told, what, columns)


def bookmark_row(told: BookmarkViews, campaign_name: str) -> ActivityRow:
    del campaign_name
    columns = {"syncline_name": text(told.bookmark, LONGEST_NAME), "syncline_views": told.views}
    return _row(told, [told.bookmark], columns)


def roi_row(told: RoiDetail, campaign_name: str) -> ActivityRow:
    del campaign_name
    columns = {
        "syncline_name": text(told.marker, LONGEST_NAME),
        "syncline_datatype": text(told.data_type, 20),
        "syncline_value": text(told.value, LONGEST_URL),
        "syncline_amount": _amount(told),
        "syncline_enteredon": moment(told.entered_on),
    }
    return _row(told, [_exactly(told.entered_on), told.marker, told.value], columns)


def page_view_row(told: PageView, campaign_name: str) -> ActivityRow:
    del campaign_name
    columns = {
        "syncline_name": text(told.url, LONGEST_NAME),
        "syncline_url": text(told.url, LONGEST_URL),
        "syncline_viewedon": moment(told.viewed_on),
    }
    return _row(told, [_exactly(told.viewed_on), told.url], columns)


def _row(told: Told, what: Sequence[str], columns: Columns) -> ActivityRow:
    key = person_key(told.email, str(told.contact_id))
    who = {
        "syncline_email": None if key.startswith(NO_ADDRESS) else key,
        "syncline_dotdigitalcontactid": told.contact_id,
    }
    # Whoever changes their address is the same contact; only one without a number is known by the address.
    natural_key = msgspec.json.encode([told.contact_id or key, *what]).decode()
    return ActivityRow(natural_key, key, told.contact_id, {**who, **columns})


def _exactly(when: datetime | None) -> str:
    """To the last digit that Dotdigital tells."""
    return "" if when is None else when.isoformat()


def _amount(told: RoiDetail) -> float | None:
    if told.data_type != "Numeric":
        return None
    try:
        value = Decimal(told.value)
    except InvalidOperation:
        return None
    return money(value) if value.is_finite() else None


def without_name(columns: Columns) -> dict[str, Any]:
    """What a change is told by: a campaign that is renamed does not rewrite a million rows."""
    return {name: value for name, value in columns.items() if name != "syncline_name"}
