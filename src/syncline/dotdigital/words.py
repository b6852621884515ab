"""The vendor's words, in one spelling each.

Reading and writing differ in case (`Single` and `single`), v2 and v3 differ, and the documentation differs
from both. Known words get one spelling, unknown ones stay as they came (contract §3.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EMAIL_STATUSES = (
    "noSubscription",
    "subscribed",
    "unsubscribed",
    "softBounced",
    "hardBounced",
    "ispComplained",
    "mailBlocked",
    "pendingOptIn",
    "directComplaint",
    "spamTrap",
    "deleted",
    "blockedLocalPart",
    "sharedSuppression",
    "sharedDomainSuppression",
    "suppressed",
    "notAllowed",
    "domainSuppression",
    "domainSuppressed",
    "noMxRecord",
    "purchased",
    "knownComplainer",
    "knownLitigator",
    "binned",
    "pending",
)
OPT_IN_TYPES = ("unknown", "single", "double", "verifiedDouble")
EMAIL_TYPES = ("plainText", "html")
JOB_STATUSES = (
    "NotStarted",
    "NotFinished",
    "Processing",
    "Finished",
    "RejectedByWatchdog",
    "InvalidFileFormat",
    "Unknown",
    "Failed",
    "ExceedsAllowedContactLimit",
)

_STATUS = {word.lower(): word for word in EMAIL_STATUSES}
_OPT_IN = {word.lower(): word for word in OPT_IN_TYPES}
_EMAIL_TYPE = {word.lower(): word for word in EMAIL_TYPES}
# Insight imports say Complete where contact imports say Finished; deletions say Started and Completed.
_JOB = {word.lower(): word for word in JOB_STATUSES} | {"complete": "Finished", "completed": "Finished"}


def status(word: str) -> str:
    return _STATUS.get(word.lower(), word)


def opt_in(word: str) -> str:
    return _OPT_IN.get(word.lower(), word)


def email_type(word: str) -> str:
    return _EMAIL_TYPE.get(word.lower(), word)


def job_status(word: str) -> str:
    return _JOB.get(word.lower(), word)


def folded(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same object with lower-case names: v2's casing differs from operation to operation."""
    return {name.lower(): value for name, value in found.items()}
