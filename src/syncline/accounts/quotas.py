"""How many calls each vendor allows an application user, and where its answers say so."""

from __future__ import annotations

from collections.abc import Mapping

from syncline.accounts.limits import InTurn, Quota, SharedLimiter, Told
from syncline.dataverse.errors import retry_after_s
from syncline.dataverse.limits import BurstLimiter
from syncline.dotdigital.limits import LIMIT, REMAINING, TierLimiter, seconds_to_reset
from syncline.remote import Clock, Limiter, Unlimited

DATAVERSE_QUOTA = Quota(calls=4500, window_s=300.0)
"""Of the 6,000 calls in 300 s that Dataverse allows a user, a quarter is left to others (contract §5.3)."""

DOTDIGITAL_QUOTA = Quota(calls=None, window_s=60.0)
"""Each tier has its own number of calls a minute, which only the answers tell (contract §1.5)."""
DOTDIGITAL_SHARE = 0.9

QUESTIONS_QUOTA = Quota(calls=60, window_s=60.0)
"""What all who look something up on a page may ask of one vendor. Far below both vendors' limits: whoever
reloads a page all day takes no call that a sync needs.
"""
LONGEST_QUESTION_WAIT_S = 1.0
"""Somebody waits for the page, and a server has few threads to wait in."""


def dataverse_principal(url: str, client_id: str) -> str:
    """Whose calls Dataverse counts together."""
    return f"dataverse {url} {client_id}"


def dotdigital_principal(url: str, api_user: str) -> str:
    """Whose calls Dotdigital counts together."""
    return f"dotdigital {url} {api_user}"


def dataverse_limiter(url: str, client_id: str, *, clock: Clock | None = None) -> SharedLimiter:
    """For all workers that call an environment as one application user."""
    principal = dataverse_principal(url, client_id)
    return SharedLimiter(principal, DATAVERSE_QUOTA, BurstLimiter(clock), _told_by_dataverse, clock=clock)


def dotdigital_limiter(url: str, api_user: str, *, clock: Clock | None = None) -> SharedLimiter:
    """For all workers that call Dotdigital as one API user; each tier is a scope of its own."""
    principal = dotdigital_principal(url, api_user)
    return SharedLimiter(principal, DOTDIGITAL_QUOTA, TierLimiter(clock), _told_by_dotdigital, clock=clock)


def questions_limiter(principal: str, vendor: Limiter, *, clock: Clock | None = None) -> InTurn:
    """The vendor's limiter, behind one that counts the calls of all questions to this principal."""
    questions = SharedLimiter(
        f"questions {principal}",
        QUESTIONS_QUOTA,
        Unlimited(),
        _told_nothing,
        longest_wait_s=LONGEST_QUESTION_WAIT_S,
        clock=clock,
    )
    return InTurn(questions, vendor)


def _told_nothing(headers: Mapping[str, str], status: int, now: float) -> Told:
    """The quota is our own, so no answer tells of it."""
    return Told()


def _told_by_dataverse(headers: Mapping[str, str], status: int, now: float) -> Told:
    return Told(pause_s=retry_after_s(headers, now) if status == 429 else None)


def _told_by_dotdigital(headers: Mapping[str, str], status: int, now: float) -> Told:
    """A 429 with calls remaining is not about the rate: too many imports are under way."""
    resets_in_s = seconds_to_reset(headers, now)
    limit, remaining = headers.get(LIMIT, ""), headers.get(REMAINING, "")
    return Told(
        calls=max(1, int(int(limit) * DOTDIGITAL_SHARE)) if limit.isdigit() else None,
        resets_in_s=resets_in_s,
        pause_s=resets_in_s if remaining == "0" else None,
    )
