"""Counts what is carried over: rows of each set of data, and what happened on which day."""

from collections import Counter
from collections.abc import Mapping, Set
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from syncline.campaigns import activities, days
from syncline.campaigns.models import Campaign, DayKind
from syncline.syncs.campaigns.campaign_rows import Columns
from syncline.syncs.context import RunContext

_OPENED_ON: Final = "syncline_firstopenedon"
_HAPPENED: Final = {
    "EmailSendSummaries": ("syncline_senton", DayKind.SENT),
    "EmailClicks": ("syncline_clickedon", DayKind.CLICKED),
    "PageViews": ("syncline_viewedon", DayKind.VIEWED),
}
"""Set of data → the column that says when, and what that is counted as. The other sets have no such date."""


def count_rows(
    context: RunContext, campaign: Campaign, data_set: str, written: Mapping[str, Columns], *, new: Set[str]
) -> None:
    """Count the rows (row id → columns) that Dynamics has just taken; `new`: those that it did not have
    before. In the transaction that keeps them, and after they are kept, so that none counts twice.
    """
    zone = ZoneInfo(context.account.time_zone)
    tally: Counter[tuple[date, DayKind]] = Counter()
    if data_set in _HAPPENED:
        column, kind = _HAPPENED[data_set]
        tally.update((_day(written[row_id][column], zone), kind) for row_id in new if written[row_id][column])
    opened = [row_id for row_id, columns in written.items() if columns.get(_OPENED_ON)]
    for row_id in activities.opened_now(context.account.pk, opened):
        tally[_day(written[row_id][_OPENED_ON], zone), DayKind.OPENED] += 1
    days.add(campaign, tally)
    days.add_rows(campaign, data_set, len(new))


def _day(moment: str, zone: ZoneInfo) -> date:
    return datetime.fromisoformat(moment).astimezone(zone).date()
