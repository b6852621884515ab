"""The seam through which a client keeps to the vendor's limits.

Both vendors count per API user, not per process. A client asks its limiter before each call and shows it the
answer's headers afterwards. In one process the clients' own limiters do; several workers share one that
keeps its counts in the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Limiter(Protocol):
    """Says when a call may go out. Used by many threads at once."""

    def before_call(self, cost: int = 1, *, scope: str = "") -> None:
        """Wait until a call of `cost` requests may go out, or raise `Retryable` where the wait is long.

        `scope` names the counter where the vendor keeps several (Dotdigital's tiers); "" where it has one.
        """

    def after_response(self, headers: Mapping[str, str], *, status: int = 200, scope: str = "") -> None:
        """Learn from an answer; header names are matched whatever their case."""


class Unlimited:
    """No limit at all."""

    def before_call(self, cost: int = 1, *, scope: str = "") -> None:
        return

    def after_response(self, headers: Mapping[str, str], *, status: int = 200, scope: str = "") -> None:
        return
