"""Service protection limits: requests, execution time and concurrency of each user, in a sliding window."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from syncline_sandbox.dataverse.errors import DataverseError
from syncline_sandbox.dataverse.organisation import Organisation


@dataclass
class _Usage:
    """Starts and durations of a user's requests inside the window."""

    requests: deque[tuple[float, float]] = field(default_factory=deque)
    execution_ms: float = 0.0
    running: int = 0
    # Until when the user was told to wait, and how often it did not.
    wait_until_s: float = 0.0
    impatience: int = 0


class ServiceProtection:
    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._users: dict[str, _Usage] = {}

    def clear(self) -> None:
        self._users.clear()

    def enter(self, user_id: str) -> None:
        """Count a request in, or raise 429 with the seconds to wait."""
        settings = self._organisation.settings
        usage, now = self._usage(user_id), self._organisation.clock.epoch_s()
        self._forget(usage, now)
        if usage.running >= settings.limit_concurrency:
            raise self._refuse(
                usage,
                now,
                now + 1,
                "0x80072326",
                f"Number of concurrent requests exceeded the limit of {settings.limit_concurrency}.",
            )
        window = f"over time window of {settings.limit_window_s:g} seconds."
        if len(usage.requests) >= settings.limit_requests:
            free_at = usage.requests[0][0] + settings.limit_window_s
            text = f"Number of requests exceeded the limit of {settings.limit_requests} {window}"
            raise self._refuse(usage, now, free_at, "0x80072322", text)
        if usage.execution_ms >= settings.limit_execution_ms:
            free_at = usage.requests[0][0] + settings.limit_window_s
            text = (
                "Combined execution time of incoming requests exceeded limit of "
                f"{settings.limit_execution_ms:,} milliseconds {window} Decrease number of concurrent "
                "requests or reduce the duration of requests and try again later."
            )
            raise self._refuse(usage, now, free_at, "0x80072321", text)
        usage.running += 1
        usage.impatience = 0

    def leave(self, user_id: str, duration_ms: float) -> dict[str, str]:
        """Count the request out; returns the headers that tell what remains."""
        settings = self._organisation.settings
        usage = self._usage(user_id)
        duration_ms += settings.execution_ms_per_request
        usage.running -= 1
        usage.requests.append((self._organisation.clock.epoch_s(), duration_ms))
        usage.execution_ms += duration_ms
        left = max(0, settings.limit_requests - len(usage.requests))
        time_left_s = max(0.0, (settings.limit_execution_ms - usage.execution_ms) / 1000)
        return {
            "x-ms-ratelimit-burst-remaining-xrm-requests": str(left),
            "x-ms-ratelimit-time-remaining-xrm-requests": f"{time_left_s:,.2f}",
            "x-ms-dop-hint": str(settings.dop_hint),
        }

    def _usage(self, user_id: str) -> _Usage:
        return self._users.setdefault(user_id, _Usage())

    def _forget(self, usage: _Usage, now: float) -> None:
        edge = now - self._organisation.settings.limit_window_s
        while usage.requests and usage.requests[0][0] <= edge:
            usage.execution_ms -= usage.requests.popleft()[1]

    def _refuse(self, usage: _Usage, now: float, free_at_s: float, code: str, message: str) -> DataverseError:
        """Whoever keeps pushing while told to wait is told to wait longer."""
        if now < usage.wait_until_s:
            usage.impatience += 1
        wait_s = max(1, math.ceil(free_at_s - now)) + min(usage.impatience, 30)
        usage.wait_until_s = now + wait_s
        return DataverseError(429, code, message, {"Retry-After": str(wait_s)})
