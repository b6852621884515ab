"""A campaign as Dynamics is told of it: pure, from what Dotdigital says to columns and a digest."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from syncline.dotdigital import Campaign, CampaignMetrics
from syncline.provisioning.campaign_tables import LONGEST_CAMPAIGN_NAME, LONGEST_NAME
from syncline.provisioning.people_columns import LONGEST_ADDRESS

CAMPAIGN_TABLE: Final = "syncline_emailcampaign"
CAMPAIGNS: Final = "syncline_emailcampaigns"
DELETED: Final = "syncline_deleted"

Columns = dict[str, Any]

_MOST_MONEY: Final = Decimal(100_000_000_000)
"""The greatest value of a column of decimals."""


def header_columns(campaign: Campaign) -> Columns:
    """What a list of campaigns tells."""
    return {
        "syncline_name": text(campaign.name, LONGEST_CAMPAIGN_NAME) or f"Campaign {campaign.id}",
        "syncline_subject": text(campaign.subject, 1000),
        "syncline_fromname": text(campaign.from_name, LONGEST_NAME),
        "syncline_fromaddress": text(campaign.from_address, LONGEST_ADDRESS),
        "syncline_campaigntype": text(campaign.type, 50),
        "syncline_campaignstatus": text(campaign.status, 50),
        "syncline_tags": text(", ".join(campaign.tags), 1000),
        "syncline_splittest": campaign.is_split_test,
    }


def total_columns(metrics: CampaignMetrics) -> Columns:
    """What it came to, from its first send on."""
    numbers = {
        f"syncline_{name.replace('_', '')}": _number(value)
        for name, value in msgspec.structs.asdict(metrics).items()
        if isinstance(value, int | Decimal) and name not in {"campaign_id", "is_split_test"}
    }
    return {
        **numbers,
        "syncline_senton": moment(metrics.sent_on),
        "syncline_lastsenton": moment(metrics.last_sent_on),
    }


def digest_of(columns: Mapping[str, Any], size: int = 16) -> str:
    """`size`: bytes; the text is twice as long."""
    return hashlib.blake2b(msgspec.json.encode(columns, order="sorted"), digest_size=size).hexdigest()


def moment(when: datetime | None) -> str | None:
    """As Dynamics takes it: UTC, whole seconds."""
    return None if when is None else f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def text(found: str, longest: int) -> str | None:
    """Dynamics keeps an empty text as none, and no table takes a NUL."""
    return found.replace("\0", "")[:longest].strip() or None


def money(value: Decimal) -> float | None:
    """None where the value is beyond what a column of decimals holds."""
    return float(round(value, 2)) if abs(value) < _MOST_MONEY else None


def _number(value: int | Decimal) -> int | float | None:
    return money(value) if isinstance(value, Decimal) else value
