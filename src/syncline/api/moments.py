"""Moments in what is asked: ISO 8601, with an offset."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2999, 12, 31, tzinfo=UTC)


def _written_out(value: object) -> object:
    """Never a bare number, which could be seconds or milliseconds since anything."""
    if isinstance(value, str) and "T" not in value.upper():
        raise ValueError("a moment is written like 2026-05-31T18:30:00Z")
    return value


def _within_reach(value: datetime) -> datetime:
    """No run is older or younger, and moments far beyond have no form in every database."""
    return min(max(value, EARLIEST), LATEST)


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_within_reach)]
