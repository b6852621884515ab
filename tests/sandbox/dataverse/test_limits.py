"""Service protection limits (contract §5.1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from .api import Api, error_of, message_of


def test_requests_in_a_sliding_window(api: Api) -> None:
    api.control.set_clock("2026-11-01T09:00:00Z")
    api.token = api.new_token()
    api.control.settings(limit_requests=3, limit_window_s=60)
    remaining = [
        int(api.get("WhoAmI").headers["x-ms-ratelimit-burst-remaining-xrm-requests"]) for _ in range(3)
    ]
    assert remaining == [2, 1, 0]
    refused = api.get("WhoAmI")
    assert error_of(refused) == (429, "0x80072322")
    assert message_of(refused) == "Number of requests exceeded the limit of 3 over time window of 60 seconds."
    wait_s = int(refused.headers["Retry-After"])
    assert 55 <= wait_s <= 60
    api.control.advance(wait_s)
    assert api.get("WhoAmI").status_code == 200


def test_who_keeps_pushing_waits_longer(api: Api) -> None:
    api.control.settings(limit_requests=1, limit_window_s=60)
    api.get("WhoAmI")
    waits = [int(api.get("WhoAmI").headers["Retry-After"]) for _ in range(4)]
    assert waits[-1] > waits[0]


def test_execution_time_is_added_up(api: Api) -> None:
    api.control.settings(limit_execution_ms=2000, execution_ms_per_request=1500)
    assert api.get("WhoAmI").status_code == 200
    answer = api.get("WhoAmI")
    assert answer.status_code == 200
    assert answer.headers["x-ms-ratelimit-time-remaining-xrm-requests"] == "0.00"
    refused = api.get("WhoAmI")
    assert error_of(refused) == (429, "0x80072321")
    assert message_of(refused).startswith(
        "Combined execution time of incoming requests exceeded limit of 2,000"
    )


def test_requests_at_the_same_time(api: Api) -> None:
    api.control.settings(limit_concurrency=2, service_time_ms=400)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: api.get("WhoAmI"), range(6)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {error_of(answer) for answer in refused} == {(429, "0x80072326")}
    assert 1 <= len(refused) <= 4
    assert all("Retry-After" in answer.headers for answer in refused)


def test_a_batch_counts_as_one_request(api: Api) -> None:
    from .test_batch import request, send

    before = int(api.get("WhoAmI").headers["x-ms-ratelimit-burst-remaining-xrm-requests"])
    answer = send(api, *[request("GET", "WhoAmI")] * 20)
    assert int(answer.headers["x-ms-ratelimit-burst-remaining-xrm-requests"]) == before - 1


def test_limits_are_counted_for_each_user(api: Api) -> None:
    made = api.control.call("POST", "applications", {"name": "Other"})
    api.control.settings(limit_requests=1)
    api.get("WhoAmI")
    assert api.get("WhoAmI").status_code == 429
    api.token = api.new_token(client_id=made["client_id"], client_secret=made["client_secret"])
    assert api.get("WhoAmI").status_code == 200


def test_the_hint_for_parallel_requests_is_a_setting(api: Api) -> None:
    api.control.settings(dop_hint=4)
    assert api.get("WhoAmI").headers["x-ms-dop-hint"] == "4"


@pytest.mark.parametrize("code", ["0x80072321", "0x80072322", "0x80072326"])
def test_a_throttled_answer_can_be_ordered(api: Api, code: str) -> None:
    api.control.fault("rate_limit", route="GET /WhoAmI", code=code, retry_after_s=7)
    answer = api.get("WhoAmI")
    assert error_of(answer) == (429, code)
    assert answer.headers["Retry-After"] == "7"
    assert api.get("WhoAmI").status_code == 200
