"""Whom the members of a marketing list come down to: how many would be mailed, and why the others not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from syncline.lists.models import MarketingList


@dataclass(frozen=True)
class Audience:
    """Counts of the last sync. Every member is a target, or is left out for one of the reasons."""

    members: int
    targets: int
    """Would be mailed."""
    unsubscribed: int
    """Suppressed, unsubscribed from everything, or from this list."""
    no_address: int
    do_not_email: int
    """Marked Do Not Bulk Email or Do Not Email in Dynamics."""
    inactive: int
    shared: int
    """Another record with the same address stands for them."""
    counted_at: datetime | None = None

    @property
    def others(self) -> int:
        """Members that none of the counts tells of: held records, say."""
        told: int = sum(getattr(self, name) for name in PARTS)
        return max(self.members - told, 0)


PARTS: Final = ("targets", "unsubscribed", "no_address", "do_not_email", "inactive", "shared")


def audience_of(marketing_list: MarketingList) -> Audience | None:
    """None where no sync has counted it yet."""
    counts: dict[str, Any] = marketing_list.audience
    if "members" not in counts:
        return None
    numbers = {name: counts.get(name, 0) for name in PARTS}
    counted_at = counts.get("counted_at")
    return Audience(
        members=counts["members"],
        **numbers,
        counted_at=datetime.fromisoformat(counted_at) if counted_at else None,
    )
