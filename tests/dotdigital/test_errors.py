"""Every answer that is a failure, in both bodies, by what the caller should do about it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from syncline.dotdigital import (
    FeatureOff,
    Misconfigured,
    NotFound,
    Permanent,
    Rejected,
    RemoteError,
    Retryable,
    TooLarge,
    TooManyImports,
)
from syncline.dotdigital.errors import from_response

NOW = 1_800_000_000.0


def error(status: int, body: Any = None, record: str | None = None, **headers: str) -> RemoteError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return from_response(
        status,
        named,
        b"" if body is None else msgspec.json.encode(body),
        did="GET /v2/contacts",
        server="https://r1-api.dotdigital.com",
        record=record,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"message": "ERROR_INVALID_LOGIN"}, Misconfigured),
        (401, None, Misconfigured),
        (400, {"message": "Login failed: ERROR_APIUSER_INVALID"}, Misconfigured),
        (403, {"message": "Forbidden: Access is denied"}, Misconfigured),
        (403, {"message": "ERROR_FEATURENOTACTIVE"}, FeatureOff),
        (400, {"message": "ERROR_FEATURENOTACTIVE"}, FeatureOff),
        (403, {"errorCode": "insightData:featureNotActive", "description": "Not active"}, FeatureOff),
        (429, None, Retryable),
        (400, {"message": "ERROR_APIUSAGE_EXCEEDED"}, Retryable),
        (400, {"message": "This account has generated excess API activity and is being capped"}, Retryable),
        (429, {"errorCode": "contacts:tooManyActiveImports", "description": "d"}, TooManyImports),
        (400, {"message": "ERROR_IMPORT_TOOMANYACTIVEIMPORTS"}, TooManyImports),
        (400, {"message": "ERROR_ADDRESSBOOK_IN_USE"}, Retryable),
        (503, {"message": "ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE"}, Retryable),
        (500, {"message": "ERROR_UNKNOWN"}, Retryable),
        (502, None, Retryable),
        (404, {"message": "ERROR_ADDRESSBOOK_NOT_FOUND"}, NotFound),
        (400, {"message": "ERROR_ADDRESSBOOK_NOT_FOUND"}, NotFound),
        (404, {"errorCode": "contacts:importNotFound", "description": "d"}, NotFound),
        (413, None, TooLarge),
        (400, {"errorCode": "contacts:badRequest", "description": "d"}, Permanent),
        (400, {"message": "ERROR_DATAFIELD_NOTFOUND"}, Permanent),
    ],
)
def test_the_remedy_of_each_answer(status: int, body: Any, kind: type[RemoteError]) -> None:
    found = error(status, body)
    assert type(found) is kind
    assert found.what_to_do


def test_a_success_with_a_message_is_a_failure() -> None:
    found = error(200, {"message": "Error: ERROR_DATAFIELD_INVALID (name)"}, record="Data field x y")
    assert isinstance(found, Rejected)
    assert (found.code, found.record) == ("ERROR_DATAFIELD_INVALID", "Data field x y")
    assert "ERROR_DATAFIELD_INVALID" in found.reason


@pytest.mark.parametrize("name", ["description", "error"])
def test_details_of_a_v3_error_are_told(name: str) -> None:
    body = {
        "errorCode": "contacts:invalidContacts",
        "description": "The contacts are invalid.",
        "details": [{"item": "contacts[0]", name: "No identifier."}],
    }
    assert "The contacts are invalid.; No identifier." in error(400, body).message


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [(str(int(NOW) + 42), 42.0), ("42", 42.0), (str(int(NOW) + 9999), 120.0), ("9999", 120.0), ("", None)],
)
def test_the_reset_is_read_as_epoch_or_as_seconds_and_bounded(reset: str, seconds: float | None) -> None:
    found = error(429, None, X_RateLimit_Reset=reset)
    assert isinstance(found, Retryable)
    assert found.after_s == seconds


def test_too_many_imports_is_never_waited_for_inside_the_call() -> None:
    found = error(429, {"errorCode": "contacts:tooManyActiveImports", "description": "d"})
    assert isinstance(found, TooManyImports)
    assert found.never_repeat
