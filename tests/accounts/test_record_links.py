"""Links to the page of one record: good for what they were made for, and for a short while."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import signing
from pytest_django import Settings

from syncline.accounts import record_links
from syncline.accounts.models import EmailAccount
from syncline.accounts.record_links import (
    BadLinkError,
    ExpiredLinkError,
    LinkedRecord,
    frame_of,
    link_text,
    linked_record,
    record_in,
)

ALICE = LinkedRecord(3, "contact", "0b0a1c2e-0000-4000-8000-00000000a11c")


def test_a_link_leads_to_what_it_was_made_for() -> None:
    assert record_in(link_text(ALICE)) == ALICE


def test_one_that_is_too_old_says_what_it_led_to(monkeypatch: pytest.MonkeyPatch) -> None:
    link = link_text(ALICE)
    monkeypatch.setattr(record_links, "GOOD_FOR", timedelta(seconds=-1))
    with pytest.raises(ExpiredLinkError) as expired:
        record_in(link)
    assert expired.value.record == ALICE


def test_no_letter_of_a_link_can_be_changed() -> None:
    link = link_text(ALICE)
    for place, letter in enumerate(link):
        # The last letter of the signature holds bits that mean nothing: those may differ.
        if place == len(link) - 1:
            continue
        with pytest.raises(BadLinkError):
            record_in(link[:place] + ("A" if letter != "A" else "B") + link[place + 1 :])


def test_what_is_signed_for_something_else_is_no_link(settings: Settings) -> None:
    told = [ALICE.account_id, ALICE.table, ALICE.record_id]
    foreign = [signing.dumps(told, salt="campaign people"), signing.dumps(told), "", ":", "a:b:c"]
    settings.SECRET_KEY = "the key of another installation"
    foreign.append(link_text(ALICE))
    settings.SECRET_KEY = "the key of this one"
    for link in foreign:
        with pytest.raises(BadLinkError):
            record_in(link)


@pytest.mark.parametrize(
    "told", [[3, "account", ALICE.record_id], [3, "contact", "1 or 1 eq 1"], ["3", "contact"], {}, None]
)
def test_a_link_leads_to_contacts_and_leads_alone(told: object) -> None:
    with pytest.raises(BadLinkError):
        record_in(signing.dumps(told, salt="record page"))


def test_what_can_be_no_record_gets_no_link() -> None:
    account = EmailAccount(pk=3)
    assert linked_record(account, "contact", ALICE.record_id.upper()) == ALICE
    assert linked_record(account, "account", ALICE.record_id) is None
    assert linked_record(account, "contact", "alice") is None


def test_one_origin_may_frame_it_and_no_path_of_it() -> None:
    account = EmailAccount(dataverse_url="https://contoso.crm4.dynamics.com/")
    assert frame_of(account) == "https://contoso.crm4.dynamics.com"
