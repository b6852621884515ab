"""The admin log over the API: who changed what, found by account, person and moment; never a secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.test import Client

from api.conftest import items
from syncline.accounts.admin_log import OPERATOR, Actor, record_change
from syncline.accounts.changing import replace_credentials
from syncline.accounts.models import AdminLogEntry, EmailAccount

ALICE = Actor("alice", "192.0.2.7")


def test_changes_are_told_the_newest_first_and_found(manager: Client, contoso: EmailAccount) -> None:
    AdminLogEntry.objects.all().delete()
    record_change(
        ALICE, contoso, "account changed", {"disabled": False, "name": "C"}, {"disabled": True, "name": "C"}
    )
    record_change(OPERATOR, None, "user added", {}, {"user": "mia"})
    [added, changed] = items(manager.get("/api/v1/admin-log"))
    assert (added["by"], added["origin"], added["account_id"]) == ("operator", "command line", None)
    assert (changed["before"], changed["after"]) == ({"disabled": False}, {"disabled": True})

    def found(**question: object) -> list[str]:
        return [one["what"] for one in items(manager.get("/api/v1/admin-log", question))]

    hour = timedelta(hours=1)
    assert found(by="ALI") == found(account_id=contoso.pk) == ["account changed"]
    assert found(at_from=(datetime.now(UTC) + hour).isoformat()) == []
    assert len(found(at_from=(datetime.now(UTC) - hour).isoformat())) == 2
    assert found(at_before=(datetime.now(UTC) - hour).isoformat()) == []
    assert found(after=added["id"]) == ["account changed"]


def test_replaced_credentials_are_told_by_name_alone(manager: Client, contoso: EmailAccount) -> None:
    replace_credentials(contoso, by=ALICE, client_secret="a new secret", dotdigital_password="a new password")
    answer = manager.get("/api/v1/admin-log")
    assert items(answer)[0]["after"] == {"replaced": ["client_secret", "dotdigital_password"]}
    assert not [
        secret for secret in (b"a new secret", b"a new password", b"gAAAA") if secret in answer.content
    ]
