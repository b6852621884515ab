"""What can go wrong with Dotdigital, by remedy.

::

    RemoteError
    ├── Retryable             rate limit, 5xx, a cut connection, a list that is busy
    │   └── TooManyImports    25 imports are active: settle one, then start the next
    ├── Rejected              one contact, list or field is refused
    ├── Misconfigured         API user, password, region, permission
    │   └── FeatureOff        the account does not have this feature
    └── Permanent
        ├── NotFound          no such contact, list or import
        └── TooLarge          the body is over 50 MB

v2 answers `{"message": "… ERROR_CODE …"}`, sometimes with status 200; v3 answers `{"errorCode",
"description"}` (contract §1.7). The code decides before the status, since many statuses are not documented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from syncline.dotdigital.limits import seconds_to_reset
from syncline.dotdigital.words import folded
from syncline.remote import Misconfigured, Permanent, Rejected, RemoteError, Retryable

LONGEST_REASON = 500
# The flat scheme names no time; its window is a rolling hour.
FLAT_LIMIT_WAIT_S = 300.0
BUSY_WAIT_S = 30.0


class NotFound(Permanent):
    """There is no such contact, list or import."""


class TooLarge(Permanent):
    """The body is over the service's limit."""

    @property
    def what_to_do(self) -> str:
        return "Send fewer rows at once."


class TooManyImports(Retryable):
    """All 25 imports that an account may have under way are. Never waited for inside a call."""


class FeatureOff(Misconfigured):
    """The account does not have this feature switched on."""


_TOKEN = re.compile(r"ERROR_[A-Z_]+")
_TOO_MANY_IMPORTS = frozenset(
    {
        "ERROR_IMPORT_TOOMANYACTIVEIMPORTS",
        "contacts:toomanyactiveimports",
        "insightdata:toomanyactiveimports",
    }
)
# The code of v3 follows v2's: no definition names one.
_FEATURE_OFF = re.compile(r"ERROR_FEATURENOTACTIVE|\w+:featureNotActive", re.IGNORECASE)
_BUSY = frozenset(
    {
        "ERROR_ADDRESSBOOK_IN_USE",
        "ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE",
        "contacts:toomanybulkdeletejobs",
    }
)
_NOT_SIGNED_IN = frozenset({"ERROR_INVALID_LOGIN", "ERROR_APIUSER_INVALID"})


def detail(body: bytes) -> tuple[str, str]:
    """The vendor's code and words, of either version; empty where the body is no error body."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ""
    return detail_of(found)


def detail_of(found: Any) -> tuple[str, str]:
    if not isinstance(found, dict):
        return "", ""
    error = folded(found)
    if isinstance(error.get("errorcode"), str):
        return error["errorcode"], _v3_words(error)
    message = error.get("message")
    if not isinstance(message, str):
        return "", ""
    token = _TOKEN.search(message)
    return token.group(0) if token else "", message[:LONGEST_REASON]


def _v3_words(error: dict[str, Any]) -> str:
    said = [str(error.get("description") or "")]
    details = [item for item in error.get("details") or [] if isinstance(item, dict)]
    # The documentation's own example says `error` where the definition says `description`.
    said += [str(item.get("description") or item.get("error") or "") for item in details]
    return "; ".join(words for words in said if words)[:LONGEST_REASON]


def from_response(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    did: str,
    server: str,
    record: str | None,
    now: float,
) -> RemoteError:
    """The error that an answer stands for; also for an answer of 2xx that carries a `message`."""
    code, reason = detail(body)
    says = reason or code or f"HTTP {status}"
    told: dict[str, Any] = {"code": code, "status": status}
    waiting = _waiting(status, headers, code, reason, f"{did}: {says}", now)
    if waiting is not None:
        return waiting
    if _FEATURE_OFF.fullmatch(code):
        remedy = (
            "Ask Dotdigital to switch the feature on for this account, or switch off the sync that needs it."
        )
        return FeatureOff("Feature is not activated in Dotdigital", remedy, **told)
    if status == 401 or code in _NOT_SIGNED_IN:
        return Misconfigured(
            f"{did}: Dotdigital does not accept the API user or its password", _LOGIN, **told
        )
    if status == 403:
        return Misconfigured(f"{did}: {server} denies access: {says}", _REGION, **told)
    if status == 413:
        return TooLarge(f"{did}: the body is over the service's limit", **told)
    if status == 404 or code.endswith("_NOT_FOUND"):
        return NotFound(f"{did}: {says}", **told)
    if record is not None:
        return Rejected(record, code, says, status=status)
    return Permanent(f"{did}: {says}", **told)


_LOGIN = (
    "Check the API user's name and password in Dotdigital (Settings, Access, API users), and that the user "
    "is enabled."
)
_REGION = (
    "Check the region: the account's own address is shown in Dotdigital under Settings, Access. If it is "
    "right, the API user lacks a permission."
)


def _waiting(
    status: int, headers: Mapping[str, str], code: str, reason: str, message: str, now: float
) -> Retryable | None:
    told: dict[str, Any] = {"code": code, "status": status}
    folded_code = code.lower() if ":" in code else code
    if folded_code in _TOO_MANY_IMPORTS:
        return TooManyImports(message, after_s=BUSY_WAIT_S, never_repeat=True, **told)
    if folded_code in _BUSY:
        return Retryable(message, after_s=BUSY_WAIT_S, **told)
    if code == "ERROR_APIUSAGE_EXCEEDED" or "excess API activity" in reason:
        return Retryable(message, after_s=FLAT_LIMIT_WAIT_S, **told)
    if status == 429:
        return Retryable(message, after_s=seconds_to_reset(headers, now), **told)
    if status in (408, 500, 502, 503, 504):
        return Retryable(message, after_s=None, outcome_unknown=status != 503, **told)
    return None
