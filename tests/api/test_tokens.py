"""Who gets in: a token that is known, good and of the right role; nobody else, by no other way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from api.conftest import Program, client_with, new_token
from console.world import make_user
from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import AdminLogEntry, ApiToken, EmailAccount
from syncline.accounts.roles import Role
from syncline.accounts.tokens import revoke_token

ACCOUNTS = "/api/v1/accounts"


def test_a_token_opens_the_door(contoso: EmailAccount) -> None:
    answer = client_with(new_token("reports")).get(ACCOUNTS)
    assert answer.status_code == 200
    assert [one["name"] for one in answer.json()["items"]] == ["Contoso"]


def test_only_the_digest_is_kept() -> None:
    secret = new_token("reports")
    token = ApiToken.objects.get()
    assert secret.startswith("sl_")
    assert secret not in str(ApiToken.objects.values())
    assert secret not in str(AdminLogEntry.objects.values())
    assert len(token.digest) == 64


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token_missing"),
        ({"authorization": "Basic YTpi"}, "token_missing"),
        ({"authorization": "Bearer"}, "token_missing"),
        ({"authorization": "Bearer sl_made-up"}, "token_unknown"),
    ],
)
def test_without_a_token_nothing_opens(headers: dict[str, str], code: str) -> None:
    answer = Client().get(ACCOUNTS, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["remedy"]


def test_an_expired_token_says_so() -> None:
    late = client_with(new_token("late", expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    soon = client_with(new_token("soon", expires_at=datetime.now(UTC) + timedelta(hours=1)))
    assert late.get(ACCOUNTS).json()["error"]["code"] == "token_expired"
    assert soon.get(ACCOUNTS).status_code == 200


def test_a_revoked_token_opens_nothing_from_the_next_call_on() -> None:
    client = client_with(new_token("reports"))
    assert client.get(ACCOUNTS).status_code == 200
    revoke_token(ApiToken.objects.get(), datetime.now(UTC), by=OPERATOR)
    assert client.get(ACCOUNTS).json()["error"]["code"] == "token_revoked"
    assert AdminLogEntry.objects.filter(action="API token revoked").exists()


def test_a_session_of_the_console_opens_nothing() -> None:
    client = Client()
    client.force_login(make_user("alice", Role.MANAGER))
    assert client.get(reverse("accounts")).status_code == 200
    assert client.get(ACCOUNTS).json()["error"]["code"] == "token_missing"


def test_a_token_opens_no_page_of_the_console(program: Program) -> None:
    assert program(Role.MANAGER).get(reverse("accounts")).status_code == 302


def test_the_api_sets_no_cookie_and_is_kept_by_no_cache(viewer: Client) -> None:
    answer = viewer.get(ACCOUNTS)
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_refused_calls_are_logged_without_their_token() -> None:
    secret = new_token("reports", expires_at=datetime.now(UTC) - timedelta(days=1))
    with capture_logs() as logs:
        client_with(secret).get(ACCOUNTS)
        client_with("sl_made-up").get(ACCOUNTS)
    assert [(log["why"], log["token"]) for log in logs] == [("expired", "reports"), ("unknown", "")]
    assert secret not in str(logs)
    assert "made-up" not in str(logs)


def test_when_a_token_was_last_used_is_noted_once_a_minute() -> None:
    client = client_with(new_token("reports"))
    client.get(ACCOUNTS)
    first = ApiToken.objects.get().last_used_at
    client.get(ACCOUNTS)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=datetime.now(UTC) - timedelta(minutes=2))
    client.get(ACCOUNTS)
    assert ApiToken.objects.get().last_used_at > datetime.now(UTC) - timedelta(minutes=1)
