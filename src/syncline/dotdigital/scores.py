"""How interested Dotdigital takes each contact to be (v2; contract §8.3).

An account without the feature raises FeatureOff.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from syncline.dotdigital import dates
from syncline.dotdigital.offset_pages import offset_pages
from syncline.dotdigital.session import OnSession


class Score(msgspec.Struct, frozen=True):
    """A contact's scores, each a byte, and the label that Dotdigital gives them (`Hot`, `Cold` …)."""

    contact_id: int
    email: str
    """In lower case."""
    overall: int
    engagement: int
    suitability: int
    label: str
    evaluated_on: datetime | None


class ScorePage(msgspec.Struct, frozen=True):
    """`next_skip` may be stored; None says that nothing follows (such a page is empty)."""

    scores: list[Score]
    next_skip: int | None


class Scores(OnSession):
    def scores_since(self, when: datetime, *, skip: int = 0) -> Iterator[ScorePage]:
        """Everybody whose scores were changed at or after `when`. Dotdigital works them out once a day."""
        path = f"/v2/contacts/score/modified-since/{dates.for_path(when)}"
        route = "/v2/contacts/score/modified-since/{date}"
        for rows, next_skip in offset_pages(self._session, path, route=route, identity=_identity, skip=skip):
            yield ScorePage([_score(row) for row in rows], next_skip)


def _identity(row: dict[str, Any]) -> Any:
    return row.get("contactid")


def _score(row: dict[str, Any]) -> Score:
    return Score(
        contact_id=int(row.get("contactid") or 0),
        email=str(row.get("email") or "").strip().lower(),
        overall=int(row.get("score") or 0),
        engagement=int(row.get("engagement") or 0),
        suitability=int(row.get("suitability") or 0),
        label=str(row.get("scorelabel") or ""),
        evaluated_on=dates.parsed(row.get("datemodified")),
    )
