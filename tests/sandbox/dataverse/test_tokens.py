"""The token endpoint and bearer tokens (contract §1.1)."""

from __future__ import annotations

import base64

import pytest

from .api import Api, error_of


def test_a_token_has_the_four_members_that_libraries_need(api: Api) -> None:
    answer = api.ask_token()
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == body["ext_expires_in"] == 3599


def test_the_secret_may_come_as_basic_authentication(api: Api) -> None:
    pair = f"{api.sandbox.client_id}:{api.sandbox.client_secret}"
    answer = api.http.post(
        api.sandbox.token_url,
        data={"grant_type": "client_credentials", "scope": f"{api.sandbox.base_url}/.default"},
        headers={"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()},
    )
    assert answer.status_code == 200


def test_the_first_version_takes_a_resource_in_place_of_a_scope(api: Api) -> None:
    url = api.sandbox.token_url.replace("/oauth2/v2.0/token", "/oauth2/token")
    answer = api.ask_token(url=url, drop="scope", resource=f"{api.sandbox.base_url}/")
    assert answer.status_code == 200
    api.token = answer.json()["access_token"]
    assert api.get("WhoAmI").status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_id": "00000000-0000-0000-0000-000000000009"}, 400, "unauthorized_client", 700016),
        ({"scope": "https://contoso.crm.dynamics.com/.default"}, 400, "invalid_resource", 500011),
        ({"scope": "user_impersonation"}, 400, "invalid_scope", 70011),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"drop": "scope"}, 400, "invalid_request", 900144),
        ({"drop": "client_secret"}, 401, "invalid_client", 7000218),
    ],
)
def test_refusals_look_like_entras(
    api: Api, changes: dict[str, str], status: int, error: str, number: int
) -> None:
    answer = api.ask_token(**changes)
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert {"trace_id", "correlation_id", "timestamp"} <= body.keys()


def test_an_unknown_tenant_is_refused(api: Api) -> None:
    url = api.sandbox.token_url.replace(api.sandbox.tenant_id, "00000000-0000-0000-0000-00000000dead")
    assert api.ask_token(url=url).json()["error_codes"] == [90002]


def test_the_openid_configuration_names_its_own_endpoints(api: Api) -> None:
    base = f"{api.sandbox.base_url}/{api.sandbox.tenant_id}"
    found = api.http.get(f"{base}/v2.0/.well-known/openid-configuration").json()
    assert found["token_endpoint"] == api.sandbox.token_url
    assert {"authorization_endpoint", "issuer", "jwks_uri"} <= found.keys()


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nonsense", "Bearer a.b.c", "Basic YTpi"])
def test_without_a_good_token_the_api_answers_401(api: Api, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = api.http.get(f"{api.root}WhoAmI", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_token_made_up_by_somebody_else_is_worth_nothing(api: Api) -> None:
    head, claims, signature = api.token.split(".")
    changed = signature[:-4] + ("AAAA" if signature[-4:] != "AAAA" else "BBBB")
    api.token = f"{head}.{claims}.{changed}"
    assert api.get("WhoAmI").status_code == 401


def test_a_token_expires_on_the_sandboxes_clock(api: Api) -> None:
    assert api.get("WhoAmI").status_code == 200
    api.control.advance(3600)
    assert error_of(api.get("WhoAmI")) == (401, "0x8005f101")
    api.token = api.new_token()
    assert api.get("WhoAmI").status_code == 200


def test_tokens_can_be_revoked_all_at_once(api: Api) -> None:
    api.control.call("POST", "tokens", {"revoke": True})
    assert api.get("WhoAmI").status_code == 401
    api.token = api.new_token()
    assert api.get("WhoAmI").status_code == 200


def test_a_token_outlives_a_reset(api: Api) -> None:
    api.control.reset()
    assert api.get("WhoAmI").status_code == 200


def test_further_applications_have_users_of_their_own(api: Api) -> None:
    first = api.json("WhoAmI")["UserId"]
    made = api.control.call("POST", "applications", {"name": "Other"})
    api.token = api.new_token(client_id=made["client_id"], client_secret=made["client_secret"])
    assert api.json("WhoAmI")["UserId"] == made["user_id"] != first
