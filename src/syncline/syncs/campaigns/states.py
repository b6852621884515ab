"""How far each of the five sets of data of a campaign has been carried over, for whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.campaigns.models import Campaign, DataSetCursor
from syncline.syncs.campaigns.data_sets import DATA_SETS
from syncline.syncs.messages import tell

WHAT_IT_TELLS: Final = {
    "EmailSendSummaries": "Who was sent it, opened it, left by it or whose mail came back",
    "EmailClicks": "Who followed which link, and when",
    "SocialNetworkBookmarks": "Whose share on which social network was looked at",
    "RoiDetails": "What somebody did on the website, as its ROI markers tell",
    "PageViews": "Which pages somebody looked at after a click",
}


class State(StrEnum):
    OFF = "off"
    """Not synced at the campaign's level."""
    WAITING = "waiting"
    """The next run reads what has happened."""
    IN_STEP = "in_step"
    FAILED = "failed"
    """The next run tries again."""


@dataclass(frozen=True, kw_only=True)
class DataSetState:
    name: str
    """As the published messages name it."""
    tells: str
    table: str
    """In Dynamics."""
    state: State
    read_to: datetime | None
    """Up to when it is carried over, by Dotdigital's clock."""
    rows: int
    """How many Dynamics has been given."""
    message: str = ""
    """The published one, where it failed."""
    why: str = ""
    remedy: str = ""


def states_of(campaign: Campaign) -> list[DataSetState]:
    cursors = {one.data_set: one for one in campaign.cursors.all()}
    found = []
    for one in DATA_SETS:
        cursor = cursors.get(one.name) or DataSetCursor(data_set=one.name)
        state = _state(campaign, cursor)
        told = tell(one.name) if state is State.FAILED else None
        found.append(
            DataSetState(
                name=one.name,
                tells=WHAT_IT_TELLS[one.name],
                table=one.table,
                state=state,
                read_to=cursor.read_to,
                rows=cursor.rows,
                message=told.text if told else "",
                why=cursor.problem if told else "",
                remedy=told.remedy if told else "",
            )
        )
    return found


def _state(campaign: Campaign, cursor: DataSetCursor) -> State:
    if campaign.level_in_force != CampaignLevel.DETAILED or campaign.deleted:
        return State.OFF
    if cursor.problem:
        return State.FAILED
    if cursor.read_to is None or campaign.active_at is None or cursor.read_to < campaign.active_at:
        return State.WAITING
    return State.IN_STEP
