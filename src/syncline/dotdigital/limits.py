"""Dotdigital's rate limits, kept within one process (contract §1.5).

A tiered API user has a limit per minute and tier, told in headers. A share of each tier stays free for the
customer's other integrations. The older flat limit tells nothing beforehand.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from syncline.remote import Clock, Retryable, SystemClock

LIMIT = "x-ratelimit-limit"
REMAINING = "x-ratelimit-remaining"
RESET = "x-ratelimit-reset"
SCOPE = "x-ratelimit-scope"
LONGEST_RESET_S = 120.0
HEAD_ROOM = 0.2

# What the documentation calls the tiers; the first is in its text, the others follow its pattern.
LOW, MEDIUM, HIGH, UNLIMITED = "lowCallRate", "mediumCallRate", "highCallRate", ""


def seconds_to_reset(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the window begins anew; None where the answer does not say.

    One source says the header holds seconds since the epoch, another the seconds left: the size tells which.
    """
    folded = {name.lower(): value for name, value in headers.items()}
    try:
        value = float(folded[RESET])
    except (KeyError, ValueError):
        return None
    seconds = value - now if value > 1_000_000_000 else value
    return min(max(seconds, 0.0), LONGEST_RESET_S)


@dataclass
class _Tier:
    remaining: int
    kept_free: float
    reset_at: float


class TierLimiter:
    """Waits for the next window where a tier is used up to its head-room.

    A wait over `longest_wait_s` is raised as `Retryable` for the caller to sleep.
    """

    def __init__(self, clock: Clock | None = None, *, longest_wait_s: float = LONGEST_RESET_S) -> None:
        self._clock = clock or SystemClock()
        self._longest_wait_s = longest_wait_s
        self._lock = threading.Lock()
        self._tiers: dict[str, _Tier] = {}

    def before_call(self, cost: int = 1, *, scope: str = "") -> None:
        wait_s = self._claim(cost, scope)
        if wait_s > self._longest_wait_s:
            raise Retryable(f"Dotdigital's allowance of {scope} is used up", after_s=wait_s)
        if wait_s > 0:
            self._clock.sleep(wait_s)

    def _claim(self, cost: int, scope: str) -> float:
        """Take `cost` out of the tier's known rest; seconds to wait before the call goes out."""
        with self._lock:
            tier = self._tiers.get(scope)
            if tier is None:
                return 0.0
            now = self._clock.now()
            if now >= tier.reset_at:
                del self._tiers[scope]
                return 0.0
            if tier.remaining - cost >= tier.kept_free:
                tier.remaining -= cost
                return 0.0
            return tier.reset_at - now

    def after_response(self, headers: Mapping[str, str], *, status: int = 200, scope: str = "") -> None:
        folded = {name.lower(): value for name, value in headers.items()}
        reset_s = seconds_to_reset(folded, self._clock.now())
        remaining, limit = folded.get(REMAINING, ""), folded.get(LIMIT, "")
        if reset_s is None or not remaining.isdigit() or not limit.isdigit():
            return
        with self._lock:
            self._tiers[folded.get(SCOPE, scope)] = _Tier(
                remaining=0 if status == 429 else int(remaining),
                kept_free=int(limit) * HEAD_ROOM,
                reset_at=self._clock.now() + reset_s,
            )
