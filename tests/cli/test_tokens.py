"""`syncline token`: made, listed, revoked; shown once and never again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cli.conftest import Run
from syncline.accounts.models import AdminLogEntry, ApiToken
from syncline.accounts.tokens import find_token

pytestmark = pytest.mark.django_db


def test_a_token_is_shown_once(run: Run) -> None:
    [made] = run("token", "add", "reports", "--role", "professional", "--json").results
    found = find_token(made["secret"])
    assert found is not None
    assert (found.name, found.role, found.expires_at) == ("reports", "professional", None)
    [listed] = run("token", "list", "--json").results
    assert "secret" not in listed
    assert made["secret"] not in run("token", "list").out
    assert AdminLogEntry.objects.get().action == "API token added"


def test_it_may_expire(run: Run) -> None:
    run("token", "add", "reports", "--days", "30")
    left = ApiToken.objects.get().expires_at - datetime.now(UTC)  # type: ignore[operator]
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


def test_the_least_role_is_the_usual_one(run: Run) -> None:
    assert "Email Marketing Viewer" in run("token", "add", "reports").out


def test_a_revoked_one_stays_in_the_list(run: Run) -> None:
    run("token", "add", "reports")
    [revoked] = run("token", "revoke", "Reports", "--json").results
    assert revoked["state"] == "revoked"
    assert run("token", "revoke", "reports").code == 0
    assert [one["state"] for one in run("token", "list", "--json").results] == ["revoked"]
    assert AdminLogEntry.objects.filter(action="API token revoked").count() == 1


def test_two_never_have_one_name(run: Run) -> None:
    run("token", "add", "reports")
    ran = run("token", "add", "REPORTS")
    assert ran.code == 2
    assert "already" in ran.err


def test_one_that_does_not_exist(run: Run) -> None:
    assert run("token", "revoke", "reports").code == 4


def test_a_role_without_rights_is_not_offered(run: Run) -> None:
    assert run("token", "add", "reports", "--role", "connector").code == 2
