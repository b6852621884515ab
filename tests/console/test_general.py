"""The General tab."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from whenever import Instant

from console.world import SignedIn, basis_at, make_account
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.schedule.settings import ScheduleChange, save_schedules


def test_what_can_be_changed_and_what_only_read(manager: Client, contoso: EmailAccount) -> None:
    text = manager.get(_address(contoso)).content.decode()
    assert "owner@contoso.example" in text
    assert str(contoso.connector_key) in text
    for name in ("name", "description", "time_zone"):
        assert f'name="{name}"' in text
    for name in ("owner", "connector_key"):
        assert f'name="{name}"' not in text


def test_a_viewer_sees_the_same_without_a_form(signed_in: SignedIn, contoso: EmailAccount) -> None:
    text = signed_in(Role.VIEWER).get(_address(contoso)).content.decode()
    assert "Newsletter and events" in text
    assert str(contoso.connector_key) in text
    assert 'name="description"' not in text


def test_saving_keeps_what_was_typed_and_logs_who_did_it(manager: Client, contoso: EmailAccount) -> None:
    answer = _save(manager, contoso, name=" Contoso Ltd ", description="")
    assert answer.status_code == 302
    contoso.refresh_from_db()
    assert (contoso.name, contoso.description) == ("Contoso Ltd", "")
    entry = AdminLogEntry.objects.get()
    assert (entry.actor, entry.origin, entry.account) == ("manager-person", "127.0.0.1", contoso)
    assert entry.before == {"name": "Contoso", "description": "Newsletter and events"}
    assert entry.after == {"name": "Contoso Ltd", "description": ""}


def test_saving_without_a_change_logs_nothing(manager: Client, contoso: EmailAccount) -> None:
    assert _save(manager, contoso).status_code == 302
    assert not AdminLogEntry.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": "  "}, "Give the account a name."),
        ({"name": "fabrikam"}, "Another account is called fabrikam; give another name."),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus"),
    ],
)
def test_what_cannot_be_saved_says_why_and_keeps_what_was_typed(
    manager: Client, contoso: EmailAccount, changed: dict[str, str], words: str
) -> None:
    make_account("Fabrikam")
    answer = _save(manager, contoso, **({"description": "typed with care"} | changed))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert "typed with care" in text
    assert 'name="is_default" checked disabled' in text
    assert "is-unsaved" in text
    contoso.refresh_from_db()
    assert contoso.description == "Newsletter and events"
    assert not AdminLogEntry.objects.exists()


def test_the_default_mark_moves_and_there_is_always_exactly_one(
    manager: Client, contoso: EmailAccount
) -> None:
    fabrikam = make_account("Fabrikam")
    _save(manager, fabrikam, name="Fabrikam", is_default="on")
    assert _defaults() == ["Fabrikam"]
    logged = {entry.account.name: entry.after for entry in AdminLogEntry.objects.all() if entry.account}
    assert logged == {"Contoso": {"is_default": False}, "Fabrikam": {"is_default": True}}


def test_the_default_mark_cannot_be_taken_off(manager: Client, contoso: EmailAccount) -> None:
    make_account("Fabrikam")
    # The switch is off in what is sent, as it is when the browser leaves a disabled one out.
    _save(manager, contoso)
    assert _defaults() == ["Contoso"]


def test_a_new_time_zone_moves_the_next_run(manager: Client, contoso: EmailAccount) -> None:
    change = ScheduleChange(sync_type="lists_out", interval="1d", window="weekdays_9_17")
    save_schedules(contoso, [change], by="alice", now=Instant.now())
    assert _next_hour(contoso) == 9
    _save(manager, contoso, time_zone="Asia/Tokyo")
    contoso.refresh_from_db()
    assert _next_hour(contoso) == 9


def _next_hour(account: EmailAccount) -> int:
    """The local hour of the next run."""
    due = account.schedules.get().next_due_at
    assert due is not None
    return Instant(due).to_tz(account.time_zone).hour


def _address(account: EmailAccount) -> str:
    return reverse("account-general", args=[account.pk])


def _save(client: Client, account: EmailAccount, **changed: str) -> Any:
    fields = {"name": account.name, "description": account.description, "time_zone": account.time_zone}
    return client.post(_address(account), basis_at(client, _address(account)) | fields | changed)


def _defaults() -> list[str]:
    return list(EmailAccount.objects.filter(is_default=True).values_list("name", flat=True))
