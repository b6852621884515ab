"""Times as Dotdigital writes and reads them: UTC, in several shapes (contract §1.4)."""

from __future__ import annotations

from datetime import UTC, datetime


def for_path(when: datetime) -> str:
    """For a `…-since/{date}` path; whole seconds, rounded down, since the filters include the moment."""
    return _utc(when).strftime("%Y-%m-%dT%H:%M:%SZ")


def for_filter(when: datetime) -> str:
    """For a v3 filter, which must end in Z."""
    moment = _utc(when)
    return f"gte::{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{moment.microsecond // 1000:03d}Z"


def parsed(text: object) -> datetime | None:
    """An aware UTC time; None where there is none, or the vendor's "never" of 1970 and before.

    Accepts T or a blank between date and time, any number of fraction digits, an offset, Z, or nothing (UTC).
    """
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    moment = _utc(moment)
    return moment if moment.year > 1970 else None


def _utc(when: datetime) -> datetime:
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
