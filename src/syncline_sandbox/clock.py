"""The sandbox's own soft clock.

Everything that depends on time asks this clock: modification stamps, token expiry, import finishing times,
rate windows. Tests move it over the control address instead of sleeping. While it is set to a moment it still
runs on from there, at the speed of the real clock.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_utc(text: str) -> datetime:
    """Read an ISO 8601 moment; without an offset it is taken as UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def iso_utc(moment: datetime) -> str:
    """ISO 8601 with milliseconds and a Z, such as ``2026-11-01T09:00:00.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class SoftClock:
    """Real time plus an offset that the control address may change.

    With a path the offset is kept in that file, so that a restarted sandbox does not fall back in time.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._offset_s = 0.0
        if path is not None and path.exists():
            self._offset_s = float(json.loads(path.read_text())["offset_s"])

    @property
    def offset_s(self) -> float:
        """Seconds that this clock is ahead of the real one."""
        return self._offset_s

    def epoch_s(self) -> float:
        """Seconds since 1970, as a float."""
        return time.time() + self._offset_s

    def epoch_ms(self) -> int:
        """Whole milliseconds since 1970."""
        return int(self.epoch_s() * 1000)

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return EPOCH + timedelta(seconds=self.epoch_s())

    def set_now(self, moment: datetime) -> None:
        """Make it this moment now; the clock runs on from there."""
        self._set_offset(moment.timestamp() - time.time())

    def advance(self, seconds: float) -> None:
        """Jump by this many seconds; a negative number jumps back."""
        self._set_offset(self._offset_s + seconds)

    def use_real_time(self) -> None:
        """Forget every jump."""
        self._set_offset(0.0)

    def _set_offset(self, offset_s: float) -> None:
        self._offset_s = offset_s
        if self._path is not None:
            self._path.write_text(json.dumps({"offset_s": offset_s}))
