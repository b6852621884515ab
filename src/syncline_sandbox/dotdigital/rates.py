"""Rate limits: three tiers a minute, or a flat number an hour, counted for the whole account."""

from __future__ import annotations

from collections import deque
from enum import Enum

from aiohttp import web

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import V2Error

MINUTE_S = 60
HOUR_S = 3600


class Tier(Enum):
    """The tier of a call; the value is what X-RateLimit-Scope says."""

    LOW = "lowCallRate"
    MEDIUM = "mediumCallRate"
    HIGH = "highCallRate"
    UNLIMITED = ""


class RateLimits:
    """Counts calls by the soft clock. Counters live in memory: a restart begins a new window."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._windows: dict[Tier, tuple[int, int]] = {}
        self._last_hour: deque[float] = deque()

    def clear(self) -> None:
        self._windows.clear()
        self._last_hour.clear()

    def calls_in_last_hour(self) -> int:
        now = self._account.clock.epoch_s()
        while self._last_hour and not now - HOUR_S < self._last_hour[0] <= now:
            self._last_hour.popleft()
        return len(self._last_hour)

    def calls_remaining(self) -> int:
        return max(0, self._account.settings.rate_flat_per_hour - self.calls_in_last_hour())

    def admit(self, tier: Tier) -> tuple[web.Response | None, dict[str, str]]:
        """Count a call; a refusal when it is one too many, and the headers that its answer bears."""
        scheme = self._account.settings.rate_scheme
        self._last_hour.append(self._account.clock.epoch_s())
        if scheme == "flat":
            if self.calls_in_last_hour() > self._account.settings.rate_flat_per_hour:
                self._last_hour.pop()
                return flat_refusal(), {}
            return None, {}
        if scheme == "off" or tier is Tier.UNLIMITED:
            return None, {}
        used, headers = self._count(tier)
        return (tiered_refusal() if used > self._limit(tier) else None), headers

    def exhausted_headers(self, tier: Tier) -> dict[str, str]:
        """Headers of a 429 that a fault asked for."""
        headers = self._headers(tier if tier is not Tier.UNLIMITED else Tier.LOW, self._limit(Tier.LOW))
        return headers | {"X-RateLimit-Remaining": "0"}

    def _count(self, tier: Tier) -> tuple[int, dict[str, str]]:
        minute = int(self._account.clock.epoch_s()) // MINUTE_S
        window, used = self._windows.get(tier, (minute, 0))
        used = used + 1 if window == minute else 1
        self._windows[tier] = (minute, used)
        return used, self._headers(tier, used)

    def _headers(self, tier: Tier, used: int) -> dict[str, str]:
        now = self._account.clock.epoch_s()
        reset = (int(now) // MINUTE_S + 1) * MINUTE_S
        if self._account.settings.rate_reset == "seconds":
            reset = max(1, reset - int(now))
        limit = self._limit(tier)
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - used)),
            "X-RateLimit-Reset": str(reset),
            "X-RateLimit-Scope": tier.value,
        }

    def _limit(self, tier: Tier) -> int:
        settings = self._account.settings
        return {
            Tier.LOW: settings.rate_low_per_minute,
            Tier.MEDIUM: settings.rate_medium_per_minute,
            Tier.HIGH: settings.rate_high_per_minute,
        }.get(tier, 0)


def tiered_refusal() -> web.Response:
    """429 without a body: no errorCode, so that it can be told from other 429s."""
    return web.Response(status=429, reason="Too Many Requests")


def flat_refusal() -> web.Response:
    return V2Error("ERROR_APIUSAGE_EXCEEDED").response()
