"""Signing in, and who and when we are to Dotdigital."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dotdigital.conftest import account_of
from remote.stopped_clock import StoppedClock
from sandbox_process import Control, DotdigitalSandbox
from syncline.dotdigital import Account, Dotdigital, Misconfigured, Patience, Retryable


def test_the_account_tells_its_name_address_and_allowance(client: Dotdigital) -> None:
    info = client.account_info()
    assert info.name
    assert info.api_endpoint == client.account.root
    assert info.time_zone == "Europe/London"
    assert (info.calls_in_last_hour or 0) + (info.calls_remaining or 0) == 2000


def test_the_time_is_dotdigitals_own(client: Dotdigital, control: Control) -> None:
    control.set_clock("2026-11-01T09:00:00Z")
    assert client.server_time() - datetime(2026, 11, 1, 9, tzinfo=UTC) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "changes", [{"api_password": "wrong-password"}, {"api_user": "nobody@apiconnector.com"}]
)
def test_a_wrong_log_in_is_said_so_without_the_password(
    dotdigital: DotdigitalSandbox, changes: dict[str, str]
) -> None:
    with Dotdigital(account_of(dotdigital, **changes)) as client, pytest.raises(Misconfigured) as caught:
        client.account_info()
    assert "API user" in caught.value.message
    assert "API user" in caught.value.what_to_do
    told = caught.value.message + caught.value.what_to_do + repr(client) + repr(client.account)
    assert client.account.api_password not in told
    assert dotdigital.control.calls("GET /v2/account-info") == 1


def test_a_disabled_account_looks_like_a_wrong_log_in(client: Dotdigital, control: Control) -> None:
    control.settings(account_disabled=True)
    with pytest.raises(Misconfigured, match="API user"):
        client.account_info()


def test_the_wrong_region_is_named_as_the_likely_cause(client: Dotdigital, control: Control) -> None:
    control.settings(account_region="r2")
    assert client.account_info().id
    with pytest.raises(Misconfigured) as caught:
        client.data_fields()
    assert "region" in caught.value.what_to_do


def test_a_host_that_does_not_answer_is_worth_waiting_for() -> None:
    clock = StoppedClock()
    account = Account(base_url="http://127.0.0.1:9", api_user="u", api_password="p")
    patience = Patience(attempts=3)
    with Dotdigital(account, clock=clock, patience=patience) as client, pytest.raises(Retryable) as caught:
        client.account_info()
    assert not caught.value.outcome_unknown
    assert len(clock.slept_s) == 2
