"""Account, log-in, regions, rate limits and errors that every call shares."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from .api import Api, row


def test_account_info_names_properties_as_text(api: Api) -> None:
    info = api.ok("GET", "/v2/account-info")
    properties = {entry["name"]: entry for entry in info["properties"]}
    assert isinstance(info["id"], int)
    assert properties["ApiEndpoint"]["value"] == api.sandbox.base_url + "/"
    assert all(isinstance(entry["value"], str) for entry in properties.values())
    used, left = (int(properties[name]["value"]) for name in ("ApiCallsInLastHour", "ApiCallsRemaining"))
    assert used >= 1
    assert used + left == 2000


def test_server_time_follows_the_soft_clock(api: Api) -> None:
    api.control.set_clock("2031-05-06T07:08:09Z")
    assert api.ok("GET", "/v2/server-time").startswith("2031-05-06T07:08:")


@pytest.mark.parametrize(
    "login", [("nobody@apiconnector.com", "sandbox-password"), ("apiuser-sandbox@apiconnector.com", "wrong")]
)
def test_wrong_login_is_401_with_each_familys_body(api: Api, login: tuple[str, str]) -> None:
    api.login = login
    v2 = api.get("/v2/account-info")
    assert (v2.status, v2.error) == (401, "ERROR_INVALID_LOGIN")
    v3 = api.get("/contacts/v3")
    assert (v3.status, v3.raw) == (401, b"")


def test_a_disabled_account_looks_like_a_wrong_login(api: Api) -> None:
    api.control.settings(account_disabled=True)
    assert api.get("/v2/address-books").error == "ERROR_INVALID_LOGIN"


def test_the_user_name_is_compared_without_case(api: Api) -> None:
    api.login = (api.sandbox.api_user.upper(), api.sandbox.api_password)
    assert api.get("/v2/account-info").status == 200


def test_a_host_of_another_region_refuses_all_but_account_info_on_r1(api: Api) -> None:
    api.control.settings(account_region="r2")
    assert api.get("/v2/account-info").status == 200
    for path in ("/v2/address-books", "/contacts/v3"):
        refused = api.get(path)
        assert refused.status == 403
        assert b"Forbidden: Access is denied" in refused.raw
    api.control.settings(host_region="r3")
    assert api.get("/v2/account-info").status == 403
    assert api.call("GET", "/v2/address-books", Host="r2-api.localhost").status == 200


def test_unknown_routes_are_404(api: Api) -> None:
    for path in ("/v2/nothing", "/v2/programs", "/contacts/v4", "/"):
        assert api.get(path).status == 404, path
    assert "message" in api.get("/v2/nothing").json


def test_tiers_are_counted_apart_and_told_in_headers(api: Api) -> None:
    api.control.set_clock("2031-05-06T07:08:00Z")
    api.control.settings(rate_low_per_minute=2, rate_high_per_minute=50)
    first = api.get("/v2/address-books")
    assert first.headers["x-ratelimit-scope"] == "lowCallRate"
    assert (first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]) == ("2", "1")
    assert int(first.headers["x-ratelimit-reset"]) == datetime(2031, 5, 6, 7, 9, tzinfo=UTC).timestamp()
    assert api.get("/contacts/v3").status == 200
    refused = api.get("/v2/address-books")
    assert refused.status == 429
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert "retry-after" not in refused.headers
    assert b"errorCode" not in refused.raw
    assert api.get("/v2/account-info").status == 200
    api.control.advance(60)
    assert api.get("/v2/address-books").status == 200


def test_reset_can_be_told_in_seconds(api: Api) -> None:
    api.control.settings(rate_reset="seconds")
    assert 0 < int(api.get("/v2/address-books").headers["x-ratelimit-reset"]) <= 60


def test_the_flat_scheme_answers_400_over_a_rolling_hour(api: Api) -> None:
    api.control.settings(rate_scheme="flat", rate_flat_per_hour=2)
    assert "x-ratelimit-limit" not in api.get("/v2/address-books").headers
    api.get("/v2/address-books")
    refused = api.get("/contacts/v3")
    assert (refused.status, refused.error) == (400, "ERROR_APIUSAGE_EXCEEDED")
    api.control.advance(3601)
    assert api.get("/contacts/v3").status == 200


def test_polling_a_deletion_is_unlimited(api: Api) -> None:
    answer = api.get("/v2/contacts/deletion/9133c58f-a756-46e1-8cff-bd90c6cdfb92")
    assert answer.status == 404
    assert "x-ratelimit-scope" not in answer.headers


def test_a_body_that_is_too_large_is_413_and_empty(api: Api) -> None:
    api.control.settings(max_body_bytes=2000)
    body = {"contacts": [row(f"person{n}@many.example") for n in range(100)]}
    for method, path in (("PUT", "/contacts/v3/import"), ("POST", "/v2/contacts/import-collection")):
        answer = api.call(method, path, body)
        assert (answer.status, answer.raw) == (413, b"")


def test_bodies_that_are_no_json(api: Api) -> None:
    assert api.post("/v2/contacts", b"{not json").error == "ERROR_MALFORMED_REQUEST"
    assert api.post("/contacts/v3", b"{not json").error == "contacts:badJson"
    assert api.call("POST", "/v2/contacts", b"<a/>", Content_Type="application/xml").error == (
        "ERROR_CONTENT_TYPE_IS_NOT_SUPPORTED"
    )


def test_property_names_of_v2_bodies_may_have_any_case(api: Api) -> None:
    created = api.post("/v2/address-books", {"Name": "Any Case", "VISIBILITY": "Public"})
    assert created.status == 201
    assert created.json["name"] == "Any Case"
    assert created.json["visibility"] == "Public"


def test_faults_answer_in_the_vendors_form(api: Api) -> None:
    api.control.fault("status", status=503, route="GET /v2/address-books", retry_after_s=3)
    refused = api.get("/v2/address-books")
    assert (refused.status, refused.error) == (503, "ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE")
    assert refused.headers["retry-after"] == "3"
    api.control.fault("rate_limit", route="/contacts/v3")
    limited = api.get("/contacts/v3")
    assert limited.status == 429
    assert limited.headers["x-ratelimit-remaining"] == "0"
    api.control.fault("expired_token")
    assert api.get("/v2/address-books").error == "ERROR_INVALID_LOGIN"
    assert api.get("/v2/address-books").status == 200


def test_latency_is_waited(api: Api) -> None:
    api.control.fault("latency", latency_s=0.3)
    began = time.monotonic()
    assert api.get("/v2/server-time").status == 200
    assert time.monotonic() - began >= 0.3
