"""What the sandbox was asked: calls, rows and bytes by route, and the last requests one by one."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import msgspec

LOG_LENGTH = 1000


class RouteTally(msgspec.Struct):
    """Sums for one route label."""

    calls: int = 0
    rows: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    statuses: dict[str, int] = msgspec.field(default_factory=dict)


class Entry(msgspec.Struct, frozen=True):
    """One request, as the log keeps it. Status 0 means that the connection was cut without an answer."""

    at: str
    label: str
    method: str
    path: str
    status: int
    rows: int
    bytes_in: int
    bytes_out: int
    duration_s: float
    fault: str | None


class Journal:
    """Counts requests; zeroed by :meth:`clear`, which also restarts the CPU meter."""

    def __init__(self) -> None:
        self._tallies: dict[str, RouteTally] = {}
        self._log: deque[Entry] = deque(maxlen=LOG_LENGTH)
        self._cpu_start_s = time.process_time()

    def add(self, entry: Entry) -> None:
        tally = self._tallies.get(entry.label)
        if tally is None:
            tally = self._tallies[entry.label] = RouteTally()
        tally.calls += 1
        tally.rows += entry.rows
        tally.bytes_in += entry.bytes_in
        tally.bytes_out += entry.bytes_out
        status = str(entry.status)
        tally.statuses[status] = tally.statuses.get(status, 0) + 1
        self._log.append(entry)

    def clear(self) -> None:
        self._tallies.clear()
        self._log.clear()
        self._cpu_start_s = time.process_time()

    def report(self, last: int = 0) -> dict[str, Any]:
        """Sums by route and CPU seconds since the last clear; the ``last`` newest requests when asked for."""
        report: dict[str, Any] = {
            "routes": {label: msgspec.to_builtins(tally) for label, tally in sorted(self._tallies.items())},
            "cpu_s": round(time.process_time() - self._cpu_start_s, 6),
        }
        if last:
            report["log"] = [msgspec.to_builtins(entry) for entry in list(self._log)[-last:]]
        return report
