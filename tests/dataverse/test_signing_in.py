"""Tokens, and who we are to the environment."""

from __future__ import annotations

from typing import Any

import pytest

from dataverse.conftest import environment_of
from remote.stopped_clock import SandboxClock, StoppedClock
from sandbox_process import Control, DataverseSandbox
from syncline.dataverse import Dataverse, Environment, Misconfigured, Patience, Permanent, Retryable


def test_the_environment_knows_us(client: Dataverse) -> None:
    me = client.who_am_i()
    assert len(me.user_id) == len(me.organization_id) == 36
    assert client.version().startswith("9.2")
    organization = client.organization()
    assert organization.organization_id == me.organization_id
    assert organization.friendly_name


def test_it_works_over_tls_with_the_servers_own_certificate(dataverse: DataverseSandbox) -> None:
    with Dataverse(environment_of(dataverse, url=dataverse.tls_base_url)) as client:
        assert client.who_am_i().user_id


def test_an_untrusted_certificate_is_a_setting_to_mend(dataverse: DataverseSandbox) -> None:
    environment = environment_of(dataverse, url=dataverse.tls_base_url, ca_file=None)
    with Dataverse(environment) as client, pytest.raises(Misconfigured, match="certificate") as caught:
        client.who_am_i()
    assert "ca_file" in caught.value.what_to_do


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"client_secret": "wrong-secret"}, "AADSTS7000215", "secret is wrong"),
        ({"client_id": "00000000-0000-0000-0000-00000000beef"}, "AADSTS700016", "not known in this tenant"),
        ({"tenant_id": "00000000-0000-0000-0000-00000000beef"}, "AADSTS90002", "tenant is not known"),
    ],
)
def test_a_refused_log_in_says_in_words_what_is_wrong(
    dataverse: DataverseSandbox, changes: dict[str, str], code: str, says: str
) -> None:
    tenant = changes.get("tenant_id", dataverse.tenant_id)
    authority = dataverse.authority.replace(dataverse.tenant_id, tenant)
    environment = environment_of(dataverse, **{**changes, "authority": authority})
    with Dataverse(environment) as client, pytest.raises(Misconfigured, match=says) as caught:
        client.sign_in()
    assert caught.value.code == code
    assert environment.client_secret not in caught.value.message + repr(environment)


def test_without_a_credential_nothing_is_sent(dataverse: DataverseSandbox) -> None:
    environment = environment_of(dataverse, client_secret=None)
    with Dataverse(environment) as client, pytest.raises(Misconfigured, match="credential"):
        client.sign_in()


def test_an_authority_that_does_not_answer_is_worth_waiting_for(dataverse: DataverseSandbox) -> None:
    environment = environment_of(dataverse, authority="https://127.0.0.1:9/tenant")
    clock, patience = StoppedClock(), Patience(attempts=3)
    with Dataverse(environment, clock=clock, patience=patience) as client, pytest.raises(Retryable):
        client.sign_in()
    assert len(clock.slept_s) == 2


def test_one_token_serves_many_calls(client: Dataverse, control: Control) -> None:
    for _ in range(3):
        client.who_am_i()
    routes = control.journal()["routes"]
    tokens = sum(tally["calls"] for route, tally in routes.items() if route.endswith("/token"))
    assert tokens == 1


def test_a_token_is_replaced_before_it_ends(client: Dataverse, control: Control, clock: SandboxClock) -> None:
    control.settings(token_lifetime_s=900)
    client.who_am_i()
    clock.sleep(700)
    client.who_am_i()
    routes = control.journal()["routes"]
    assert [tally["statuses"] for route, tally in routes.items() if "WhoAmI" in route] == [{"200": 2}]
    assert [tally["calls"] for route, tally in routes.items() if route.endswith("/token")] == [2]


def test_a_token_that_ended_early_is_replaced_without_a_word(client: Dataverse, control: Control) -> None:
    client.who_am_i()
    control.advance(4_000)
    assert client.who_am_i().user_id


def test_a_token_that_is_refused_twice_is_told(client: Dataverse, control: Control) -> None:
    control.fault("expired_token", route="*WhoAmI*", times=2)
    with pytest.raises(Misconfigured, match="access token"):
        client.who_am_i()
    assert client.who_am_i().user_id


@pytest.mark.parametrize("changes", [{"has_role": False}, {"user_disabled": True}])
def test_an_application_user_that_may_not_enter_is_a_setting_to_mend(
    client: Dataverse, control: Control, changes: dict[str, Any]
) -> None:
    control.settings(**changes)
    with pytest.raises(Misconfigured) as caught:
        client.who_am_i()
    assert "application user" in caught.value.what_to_do


def test_a_missing_privilege_is_named(client: Dataverse, control: Control) -> None:
    control.settings(denied=["prvReadContact"])
    with pytest.raises(Misconfigured, match="prvReadContact") as caught:
        next(client.pages("contacts"))
    assert "security role" in caught.value.what_to_do


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/data/v9.2/contacts?$skiptoken=1",
        "http://127.0.0.1:9/api/data/v9.2/contacts",
        "{root}@evil.example/api/data/v9.2/contacts",
        "{root}/elsewhere/contacts",
        "http://someone:else@{place}/api/data/v9.2/contacts",
        "{root}.evil.example/api/data/v9.2/contacts",
    ],
)
def test_a_stored_link_to_another_place_gets_no_token(
    client: Dataverse, dataverse: DataverseSandbox, control: Control, link: str
) -> None:
    for read in (client.pages_from, client.delta_from):
        with pytest.raises(Permanent, match="does not belong"):
            next(read(link.format(root=dataverse.base_url, place=dataverse.base_url.removeprefix("http://"))))
    assert not any("contacts" in route for route in control.journal()["routes"])


def test_a_redirect_is_not_followed(dataverse: DataverseSandbox, client: Dataverse) -> None:
    dataverse.control.fault("status", route="*WhoAmI*", status=302)
    with pytest.raises(Misconfigured, match="redirect"):
        client.who_am_i()


def test_the_default_login_server_is_microsofts() -> None:
    environment = Environment(url="https://c.crm.dynamics.com", tenant_id="t", client_id="c")
    assert environment.authority_url == "https://login.microsoftonline.com/t"
    assert not environment.authority_is_loopback
