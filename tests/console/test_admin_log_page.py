"""Admin log: what an administrator changed is told with who, where, before and after, and found again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.test import Client
from django.urls import reverse

from console.world import basis_at, make_account
from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.changing import replace_credentials
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.console.admin_log_page import ENTRIES_A_PAGE

ALICE, BOB = Actor("alice", "192.0.2.7"), Actor("bob", "command line")


def page(client: Client, **query: str) -> str:
    return client.get(reverse("admin-log"), query).content.decode()


def told(text: str) -> list[str]:
    return re.findall(r'class="row-title">([^<]*)<', text)


def test_before_anything_was_changed_the_page_says_so(manager: Client) -> None:
    AdminLogEntry.objects.all().delete()
    assert "Nobody has changed anything yet" in page(manager)


def test_a_change_made_in_the_console_is_there_with_both_values(
    manager: Client, contoso: EmailAccount
) -> None:
    AdminLogEntry.objects.all().delete()
    address = reverse("account-general", args=[contoso.pk])
    fields = {"name": "Contoso Ltd", "description": contoso.description, "time_zone": contoso.time_zone}
    manager.post(address, basis_at(manager, address) | fields)
    text = page(manager)
    assert "<del>Contoso</del> <ins>Contoso Ltd</ins>" in text
    assert "127.0.0.1" in text
    assert f'href="{address}"' in text


def test_yes_and_no_lists_and_texts_that_hold_markup_are_shown_as_they_are(
    manager: Client, contoso: EmailAccount
) -> None:
    record_change(ALICE, contoso, "account changed", {"disabled": False, "order": [1]}, {"disabled": True})
    record_change(ALICE, contoso, "saved", {}, {"labels": {"interval": "1d", "time": None, "shut": True}})
    record_change(ALICE, None, "user added", {}, {"user": "<b>eve</b>"})
    text = page(manager)
    assert "<del>No</del> <ins>Yes</ins>" in text
    assert "<del>[1]</del>" in text
    assert "<ins>interval 1d, shut Yes</ins>" in text
    assert "&lt;b&gt;eve&lt;/b&gt;" in text
    assert "<b>eve" not in text


def test_changes_are_found_by_person_account_and_day(manager: Client, contoso: EmailAccount) -> None:
    AdminLogEntry.objects.all().delete()
    fabrikam = make_account("Fabrikam")
    record_change(ALICE, contoso, "list changed", {}, {"list": "News"})
    record_change(BOB, fabrikam, "fuse changed", {}, {"share": "5"})
    long_ago = datetime.now(UTC) - timedelta(days=40)
    AdminLogEntry.objects.filter(actor="alice").update(at=long_ago)

    assert told(page(manager)) == ["Fuse changed", "List changed"]
    assert told(page(manager, who="ALI")) == ["List changed"]
    assert told(page(manager, account=str(fabrikam.pk))) == ["Fuse changed"]
    assert told(page(manager, up_to=long_ago.date().isoformat())) == ["List changed"]
    assert told(page(manager, up_to=(long_ago - timedelta(days=1)).date().isoformat())) == []
    assert told(page(manager, up_to="9999-12-31", account="no number")) == ["Fuse changed", "List changed"]


def test_the_log_is_walked_a_page_at_a_time_and_back(manager: Client, contoso: EmailAccount) -> None:
    AdminLogEntry.objects.all().delete()
    for number in range(2 * ENTRIES_A_PAGE + 1):
        record_change(ALICE, contoso, f"change {number}", {}, {"number": number})
    first = page(manager)
    assert told(first) == [f"Change {number}" for number in range(100, 50, -1)]
    second = page(manager, after=_linked(first, "next", "after"))
    assert told(second) == [f"Change {number}" for number in range(50, 0, -1)]
    assert told(page(manager, after=_linked(second, "next", "after"))) == ["Change 0"]
    assert told(page(manager, before=_linked(second, "prev", "before"))) == told(first)


def _linked(text: str, rel: str, name: str) -> str:
    found = re.search(rf'rel="{rel}" href="\?{name}=(\d+)"', text)
    assert found is not None
    return found[1]


def test_the_first_day_is_as_good_a_bound_as_the_last(manager: Client, contoso: EmailAccount) -> None:
    AdminLogEntry.objects.all().delete()
    record_change(ALICE, contoso, "list changed", {}, {"list": "News"})
    day = datetime(2026, 3, 29, tzinfo=UTC)
    for at in (day, day + timedelta(hours=23, minutes=59)):
        AdminLogEntry.objects.update(at=at)
        assert told(page(manager, since="2026-03-29")) == ["List changed"]
        assert told(page(manager, since="2026-03-29", up_to="2026-03-29")) == ["List changed"]
        assert told(page(manager, since="2026-03-30")) == []
    text = page(manager, since="2026-03-29")
    assert '<label for="since">From</label>' in text
    assert 'value="2026-03-29"' in text


def test_a_long_value_is_cut_and_can_be_opened_whole(manager: Client, contoso: EmailAccount) -> None:
    AdminLogEntry.objects.all().delete()
    short, long = "s" * 120, "l" * 119 + "<end>"
    record_change(ALICE, contoso, "account changed", {"description": short}, {"description": short[1:]})
    assert '<details class="fields whole"' not in page(manager)
    record_change(ALICE, contoso, "account changed", {"description": short}, {"description": long})
    text = page(manager)
    assert text.count('<details class="fields whole"') == 1
    assert "l" * 119 + "&lt;end&gt;" in text


def test_replaced_credentials_are_told_by_name_and_never_shown(
    manager: Client, contoso: EmailAccount
) -> None:
    replace_credentials(contoso, by=ALICE, client_secret="a new secret", dotdigital_password="a new password")
    contoso.refresh_from_db()
    text = page(manager)
    assert "client_secret" in text
    secrets = (
        "a new secret",
        "a new password",
        contoso.client_secret_encrypted,
        contoso.dotdigital_password_encrypted,
    )
    assert not [secret for secret in (*secrets, "gAAAA") if secret in text]
