"""Dates, words and rows, in every shape that the vendor's two APIs use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from syncline.dotdigital import (
    Account,
    Consent,
    Contact,
    ImportReport,
    ImportRow,
    allowed_host,
    dates,
    encode_row,
    region_url,
    words,
)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-01-01T09:40:18.527Z", datetime(2020, 1, 1, 9, 40, 18, 527000, UTC)),
        ("2020-01-01T09:40:18.00Z", datetime(2020, 1, 1, 9, 40, 18, 0, UTC)),
        ("2020-01-01T09:40:18Z", datetime(2020, 1, 1, 9, 40, 18, 0, UTC)),
        ("2020-01-01 09:40:18.527000+00:00", datetime(2020, 1, 1, 9, 40, 18, 527000, UTC)),
        ("2016-08-01 10:09:22", datetime(2016, 8, 1, 10, 9, 22, 0, UTC)),
        ("2020-06-01T10:00:00+02:00", datetime(2020, 6, 1, 8, 0, 0, 0, UTC)),
        ("2020-06-01", datetime(2020, 6, 1, 0, 0, 0, 0, UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
        ("yesterday", None),
    ],
)
def test_times_are_read_whatever_their_shape(text: str | None, moment: datetime | None) -> None:
    assert dates.parsed(text) == moment


def test_times_are_sent_in_utc_and_rounded_down() -> None:
    when = datetime(2024, 5, 1, 12, 0, 0, 999_999, timezone(timedelta(hours=2)))
    assert dates.for_path(when) == "2024-05-01T10:00:00Z"
    assert dates.for_filter(when) == "gte::2024-05-01T10:00:00.999Z"


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        ("Unsubscribed", "unsubscribed"),
        ("HARDBOUNCED", "hardBounced"),
        ("blockedlocalpart", "blockedLocalPart"),
        ("SomethingNew", "SomethingNew"),
    ],
)
def test_a_known_word_has_one_spelling_and_an_unknown_one_stays(read: str, kept: str) -> None:
    assert words.status(read) == kept


def test_a_contact_is_read_without_regard_to_case() -> None:
    wire = (
        b'{"contactId":7,"status":"Subscribed","created":"2024-01-01T00:00:00Z",'
        b'"updated":"2024-01-02T00:00:00Z",'
        b'"identifiers":{"email":" Alice@Example.COM ","mobileNumber":null},'
        b'"dataFields":{"firstName":"Alice"},'
        b'"channelProperties":{"email":{"emailType":"Html","optInType":"VerifiedDouble","status":"subscribed"},'
        b'"sms":{"status":"noSubscription"}},"lists":null,"somethingNew":1}'
    )
    alice = msgspec.json.decode(wire, type=Contact)
    assert alice.email == "alice@example.com"
    assert (alice.status, alice.email_status) == ("subscribed", "subscribed")
    assert (alice.opt_in, alice.email_type) == ("verifiedDouble", "html")
    assert alice.data_fields == {"FIRSTNAME": "Alice"}
    assert (alice.lists, alice.preferences) == ([], [])
    assert alice.updated_on == datetime(2024, 1, 2, tzinfo=UTC)


def test_a_contact_that_was_asked_for_without_channels_says_nothing_about_consent() -> None:
    bob = msgspec.json.decode(b'{"contactId":8,"status":"unsubscribed","identifiers":{}}', type=Contact)
    assert (bob.email, bob.email_status, bob.opt_in) == ("", None, None)


def decoded(row: ImportRow) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(encode_row(row))
    return found


def test_a_row_leaves_out_what_is_empty() -> None:
    assert decoded(ImportRow(email="a@example.com")) == {
        "matchIdentifier": "email",
        "identifiers": {"email": "a@example.com"},
    }


def test_a_full_row_is_what_the_import_takes() -> None:
    row = ImportRow(
        email="new@example.com",
        contact_id=7,
        match="contactId",
        data_fields={
            "NAME": "Æ🙂",
            "EMPTY": None,
            "SUM": Decimal("12.50"),
            "ON": datetime(2024, 5, 1, tzinfo=UTC),
        },
        lists=(1, 2),
        opt_in="single",
        email_status="unsubscribed",
        preferences=((9, True),),
        consent=(Consent(text="yes", date_time_consented=datetime(2024, 1, 1, tzinfo=UTC)),),
    )
    assert decoded(row) == {
        "matchIdentifier": "contactId",
        "identifiers": {"email": "new@example.com", "contactId": 7},
        "dataFields": {"NAME": "Æ🙂", "EMPTY": None, "SUM": 12.50, "ON": "2024-05-01T00:00:00Z"},
        "channelProperties": {"email": {"optInType": "single", "status": "unsubscribed"}},
        "lists": [1, 2],
        "preferences": [{"id": 9, "isOptedIn": True}],
        "consentRecords": [{"text": "yes", "dateTimeConsented": "2024-01-01T00:00:00Z"}],
    }


@pytest.mark.parametrize(
    ("status", "finished", "succeeded"),
    [
        ("NotFinished", False, False),
        ("notfinished", False, False),
        ("Finished", True, True),
        ("Complete", True, True),
        ("RejectedByWatchdog", True, False),
        ("Failed", True, False),
        ("ExceedsAllowedContactLimit", True, False),
    ],
)
def test_finished_is_not_the_same_as_succeeded(status: str, finished: bool, succeeded: bool) -> None:
    report = msgspec.json.decode(msgspec.json.encode({"importId": "x", "status": status}), type=ImportReport)
    assert (report.finished, report.succeeded) == (finished, succeeded)
    assert (report.created, report.updated, report.failures, report.summary) == ([], [], [], {})


@pytest.mark.parametrize(
    "url", ["https://r1-api.dotdigital.com", "https://r3-api.dotdigital.com/", "https://api.dotmailer.com"]
)
def test_addresses_of_the_vendor_are_allowed(url: str) -> None:
    assert allowed_host(url, allow_loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://r1-api.dotdigital.com",
        "https://dotdigital.com.evil.example",
        "https://evildotdigital.com",
        "https://r1-api.dotdigital.com:8443",
        "https://r1-api.dotdigital.com@evil.example",
        "https://r1-api.dotdigital.com/v2",
        "https://[bad",
    ],
)
def test_other_addresses_are_not(url: str) -> None:
    assert not allowed_host(url, allow_loopback=True)


def test_loopback_is_allowed_only_on_request() -> None:
    assert allowed_host("http://127.0.0.1:9000", allow_loopback=True)
    assert not allowed_host("http://127.0.0.1:9000", allow_loopback=False)


def test_a_region_is_one_of_three() -> None:
    assert region_url("r2") == "https://r2-api.dotdigital.com"
    with pytest.raises(ValueError, match="r4"):
        region_url("r4")


def test_the_password_is_in_no_repr() -> None:
    account = Account.in_region("r1", "apiuser-1@apiconnector.com", "hush")
    assert "hush" not in repr(account)
