"""The five sets of data of a Detailed campaign: where each is read from, and where it goes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from syncline.dotdigital import Dotdigital, OffsetPage
from syncline.syncs.campaigns.activity_rows import (
    ActivityRow,
    bookmark_row,
    click_row,
    page_view_row,
    roi_row,
    send_row,
)

Read = Callable[[Dotdigital, int, datetime | None, int], Iterator[OffsetPage[Any]]]
"""(client, campaign id, since, skip) → pages."""


@dataclass(frozen=True, kw_only=True)
class DataSet:
    name: str
    """As the published messages name it (product.md §5)."""
    table: str
    read: Read
    make: Callable[[Any, str], ActivityRow]
    """(what Dotdigital tells, the campaign's name) → row."""

    @property
    def entity_set(self) -> str:
        return f"{self.table}s"


DATA_SETS: Final[Sequence[DataSet]] = (
    DataSet(
        name="EmailSendSummaries",
        table="syncline_emailsend",
        read=lambda client, id_, since, skip: client.send_summaries(id_, since, skip=skip),
        make=send_row,
    ),
    DataSet(
        name="EmailClicks",
        table="syncline_emailclick",
        read=lambda client, id_, since, skip: client.campaign_clicks(id_, since, skip=skip),
        make=click_row,
    ),
    DataSet(
        name="SocialNetworkBookmarks",
        table="syncline_socialbookmark",
        read=lambda client, id_, since, skip: client.bookmark_views(id_, skip=skip),
        make=bookmark_row,
    ),
    DataSet(
        name="RoiDetails",
        table="syncline_roidetail",
        read=lambda client, id_, since, skip: client.roi_details(id_, since, skip=skip),
        make=roi_row,
    ),
    DataSet(
        name="PageViews",
        table="syncline_campaignpageview",
        read=lambda client, id_, since, skip: client.page_views(id_, since, skip=skip),
        make=page_view_row,
    ),
)

BY_NAME: Final = {one.name: one for one in DATA_SETS}
