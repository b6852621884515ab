"""The Account Administration tab: each setting with what it does, saved and in the admin log."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.world import SignedIn, basis_at
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role

pytestmark = pytest.mark.django_db


def address(account: EmailAccount) -> str:
    return reverse("administration", args=[account.pk])


def save(client: Client, account: EmailAccount, sent: dict[str, str]) -> Any:
    return client.post(address(account), sent | basis_at(client, address(account)))


def test_every_setting_is_shown_with_its_effect(signed_in: SignedIn, contoso: EmailAccount) -> None:
    page = signed_in(Role.MANAGER).get(address(contoso)).content.decode()
    for words in (
        "Account Disabled",
        "stops at its next safe point",
        "Update Do Not Bulk Email preference on Unsubscribers",
        "It then holds for all accounts on the environment",
        "Add Global Unsubscribers to CRM Suppression List",
        "an address that somebody puts there by hand is suppressed in Dotdigital",
        "Sync only open Leads and active Contacts",
        "does not start to sync on a change of its status alone",
        "Let them back in through Dotdigital",
        "Contacts, then leads, then accounts",
        "the next list sync looks at everybody again",
    ):
        assert words in page


def test_what_is_saved_holds_and_is_in_the_admin_log(signed_in: SignedIn, contoso: EmailAccount) -> None:
    sent = {"disabled": "on", "record_priority": "lead,contact,account"}
    answer = save(signed_in(Role.MANAGER), contoso, sent)
    assert answer.status_code == 302
    contoso.refresh_from_db()
    assert contoso.disabled
    assert not contoso.only_open_and_active
    assert not contoso.readmit_inactive
    assert not contoso.mark_do_not_bulk_email
    assert not contoso.keep_crm_suppression_list
    assert contoso.record_priority == "lead,contact,account"
    changed = {name for entry in AdminLogEntry.objects.all() for name in entry.after}
    assert changed == {
        "disabled",
        "mark_do_not_bulk_email",
        "keep_crm_suppression_list",
        "only_open_and_active",
        "readmit_inactive",
        "record_priority",
    }


def test_saving_what_is_so_already_is_no_change(signed_in: SignedIn, contoso: EmailAccount) -> None:
    sent = {
        "mark_do_not_bulk_email": "on",
        "keep_crm_suppression_list": "on",
        "only_open_and_active": "on",
        "readmit_inactive": "on",
        "record_priority": "contact,lead,account",
    }
    assert save(signed_in(Role.MANAGER), contoso, sent).status_code == 302
    assert not AdminLogEntry.objects.exists()


def test_an_order_that_is_none_is_refused(signed_in: SignedIn, contoso: EmailAccount) -> None:
    answer = save(signed_in(Role.MANAGER), contoso, {"record_priority": "contact"})
    assert answer.status_code == 422
    contoso.refresh_from_db()
    assert contoso.only_open_and_active


def test_the_warning_goes_when_the_hole_is_closed(signed_in: SignedIn, contoso: EmailAccount) -> None:
    manager = signed_in(Role.MANAGER)
    warning = "Records that are not active can come into a marketing list"
    assert warning in manager.get(address(contoso)).content.decode()
    save(manager, contoso, {"only_open_and_active": "on", "record_priority": "contact,lead,account"})
    assert warning not in manager.get(address(contoso)).content.decode()


def test_a_viewer_sees_the_settings_and_cannot_change_them(
    signed_in: SignedIn, contoso: EmailAccount
) -> None:
    page = signed_in(Role.VIEWER).get(address(contoso)).content.decode()
    assert "Only an Email Marketing Manager can change these." in page
    assert 'type="submit">' not in page.partition("<main")[2]
