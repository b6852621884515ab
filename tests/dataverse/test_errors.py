"""Every answer that is a failure, by what the caller should do about it."""

from __future__ import annotations

import msgspec
import pytest

from syncline.dataverse import (
    ChangeTrackingOff,
    DeltaExpired,
    Misconfigured,
    NotFound,
    Permanent,
    PreconditionFailed,
    Rejected,
    RemoteError,
    Retryable,
    TooLarge,
)
from syncline.dataverse.errors import from_response

NOW = 1_800_000_000.0


def error(
    status: int, code: str = "", message: str = "m", record: str | None = "contacts(1)", **headers: str
) -> RemoteError:
    body = msgspec.json.encode({"error": {"code": code, "message": message}})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return from_response(status, named, body, did="PATCH contacts(1)", record=record, now=NOW)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "0x80044352", DeltaExpired),
        (410, "0x80044352", DeltaExpired),
        (400, "0x80072491", ChangeTrackingOff),
        (400, "0x80072492", ChangeTrackingOff),
        (429, "0x80072322", Retryable),
        (429, "", Retryable),
        (503, "", Retryable),
        (504, "", Retryable),
        (500, "", Retryable),
        (500, "0x80040216", Retryable),
        (500, "0x80040265", Rejected),
        (401, "", Misconfigured),
        (403, "0x80042f09", Misconfigured),
        (403, "0x80040220", Misconfigured),
        (400, "0x80040220", Misconfigured),
        (404, "0x80040217", NotFound),
        (404, "0x8006088a", NotFound),
        (412, "0x80060882", PreconditionFailed),
        (412, "0x80040237", PreconditionFailed),
        (412, "0x80060892", Rejected),
        (412, "0x80040333", Rejected),
        (500, "0x80040333", Rejected),
        (413, "", TooLarge),
        (400, "0x80044331", Rejected),
        (400, "0X80044331", Rejected),
        (405, "", Permanent),
        (501, "", Permanent),
    ],
)
def test_the_remedy_of_each_answer(status: int, code: str, kind: type[RemoteError]) -> None:
    found = error(status, code)
    assert type(found) is kind
    assert found.code == code.lower()
    assert found.what_to_do


def test_a_refused_read_is_nobodys_record() -> None:
    assert type(error(400, "0x0", record=None)) is Permanent


@pytest.mark.parametrize(
    ("text", "seconds"), [("12", 12.0), ("Fri, 15 Jan 2027 08:00:30 GMT", 30.0), ("soon", None), ("", None)]
)
def test_the_wait_is_what_the_service_asks_for(text: str, seconds: float | None) -> None:
    found = error(429, "0x80072321", retry_after=text)
    assert isinstance(found, Retryable)
    assert found.after_s == seconds


def test_a_throttled_request_was_surely_not_done_and_a_gateway_does_not_know() -> None:
    throttled, gateway = error(429), error(504)
    assert isinstance(throttled, Retryable)
    assert isinstance(gateway, Retryable)
    assert (throttled.outcome_unknown, gateway.outcome_unknown) == (False, True)


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b'{"error":"text"}', b"[]", b"\xff"])
def test_bodies_that_are_not_odata_still_make_an_error(body: bytes) -> None:
    found = from_response(400, {}, body, did="GET contacts", record=None, now=NOW)
    assert type(found) is Permanent
    assert "GET contacts" in found.message


def test_a_very_long_reason_is_cut() -> None:
    assert len(error(400, "0x1", "x" * 10_000).message) < 700
