"""What can go wrong with Dataverse, by remedy.

::

    RemoteError
    ├── Retryable                 429, 502, 503, 504, a cut connection
    ├── Rejected                  one row is refused: bad value, duplicate key, plug-in said no
    ├── Misconfigured             secret, tenant, application user, privilege
    │   └── ChangeTrackingOff     the table's changes cannot be asked for
    └── Permanent
        ├── NotFound              no such row, table or route
        ├── PreconditionFailed    the row is not in the state that the call insisted on
        ├── DeltaExpired          the delta link is too old: read the table in full
        ├── TooLarge              the body is over the service's limit: send less at once
        └── InvalidQuery          a saved query that cannot be run for members

Codes and statuses follow the Web API contract §2.3 and §5.1. Where its status is not certain the code
decides, and where the code is not certain both are accepted.
"""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from typing import Any

import msgspec

from syncline.remote import Misconfigured, Permanent, Rejected, RemoteError, Retryable

LONGEST_REASON = 500


class NotFound(Permanent):
    """There is no such row, table or route."""


class PreconditionFailed(Permanent):
    """If-Match or If-None-Match did not hold: someone else wrote the row, or it exists already."""


class DeltaExpired(Permanent):
    """The stored delta link is older than the organisation keeps changes (7 days unless set otherwise)."""

    @property
    def what_to_do(self) -> str:
        return "Read the table in full once; the new delta link replaces the old one."


class TooLarge(Permanent):
    """413: the request is bigger than the service takes."""


class InvalidQuery(Permanent):
    """A dynamic list's saved query cannot be used to read its members."""

    @property
    def what_to_do(self) -> str:
        return "Open the list in Dynamics, mend its query and save it."


class ChangeTrackingOff(Misconfigured):
    """The table does not track changes, so a delta cannot be read."""


DELTA_EXPIRED = "0x80044352"
CHANGE_TRACKING_OFF = frozenset({"0x80072491", "0x80072492"})
THROTTLED = frozenset({"0x80072322", "0x80072321", "0x80072326"})
TOKEN_EXPIRED = "0x8005f101"  # noqa: S105 - an error code
PRIVILEGE_MISSING = frozenset({"0x80040220", "0x80040231"})
NO_ROLE = "0x80042f09"
DUPLICATE_KEY_VALUE = frozenset({"0x80060892", "0x80040333"})
DUPLICATE_ID = "0x80040237"
CANNOT_REMOVE_NON_MEMBER = "0x80048458"
# SQL timeouts and deadlocks of the service itself, and its "unexpected error"; they come as 500.
PASSING_FAULTS = frozenset({"", "0x0", "0x80040216", "0x80044150", "0x80044151"})


class _Detail(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Body(msgspec.Struct):
    error: _Detail | str = ""


def detail(body: bytes) -> tuple[str, str]:
    """The vendor's code (lower-case) and message; empty where the body is not an OData error."""
    try:
        found = msgspec.json.decode(body, type=_Body, strict=False).error
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return "", ""
    if isinstance(found, str):
        return "", found[:LONGEST_REASON]
    return found.code.lower(), found.message[:LONGEST_REASON]


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds from `Retry-After`, given as a number or as an HTTP date."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        try:
            return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
        except ValueError:
            return None


def from_response(
    status: int, headers: Mapping[str, str], body: bytes, *, did: str, record: str | None, now: float
) -> RemoteError:
    """The error that an answer other than 2xx or 304 stands for.

    `did` says what was asked, e.g. "PATCH contacts(…)"; `record` is the row that a write was about.
    """
    code, reason = detail(body)
    says = f"{reason} ({code})" if code else reason or f"HTTP {status}"
    told: dict[str, Any] = {"code": code, "status": status}
    if code == DELTA_EXPIRED:
        return DeltaExpired(f"{did}: the delta link has expired: {says}", **told)
    if code in CHANGE_TRACKING_OFF:
        return ChangeTrackingOff(
            f"{did}: {says}",
            "Turn on Track changes for this table in Power Apps (Tables, Properties, Advanced), and publish.",
            **told,
        )
    if status == 429 or code in THROTTLED or _is_passing(status, code):
        wait_s = retry_after_s(headers, now)
        unknown = status not in (429, 503) and code not in THROTTLED
        return Retryable(f"{did}: {says}", after_s=wait_s, outcome_unknown=unknown, **told)
    if status == 401:
        return Misconfigured(f"{did}: Dataverse does not accept the access token: {says}", _TOKEN, **told)
    if status == 403 or code in PRIVILEGE_MISSING or code == NO_ROLE:
        return _forbidden(did, says, told)
    if code in DUPLICATE_KEY_VALUE:
        return Rejected(record or did, code, reason or says, status=status)
    if status == 404:
        return NotFound(f"{did}: {says}", **told)
    if status == 412:
        return PreconditionFailed(f"{did}: {says}", **told)
    if status == 413:
        return TooLarge(f"{did}: the request is too large", **told)
    if status in (400, 500) and record is not None:
        return Rejected(record, code, reason or says, status=status)
    return Permanent(f"{did}: {says}", **told)


def _is_passing(status: int, code: str) -> bool:
    return status in (408, 502, 503, 504) or (status == 500 and code in PASSING_FAULTS)


_TOKEN = "Check the environment's address, and that the app registration belongs to the environment's tenant."  # noqa: S105


def _forbidden(did: str, says: str, told: dict[str, Any]) -> Misconfigured:
    if told["code"] in PRIVILEGE_MISSING:
        remedy = "Give the application user's security role the privilege that the message names."
    else:
        remedy = (
            "In the Power Platform admin centre, check that the environment has an enabled application user "
            "for this app registration, and that it has a security role."
        )
    return Misconfigured(f"{did}: not allowed: {says}", remedy, **told)
