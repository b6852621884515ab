"""Reading contacts page by page, and again from where one left off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sandbox_process import Control
from syncline.dotdigital import ALL_DATA_FIELDS, Dotdigital, NotFound, Permanent


def test_pages_can_be_resumed_from_a_stored_marker(client: Dotdigital, control: Control) -> None:
    control.seed(count=25)
    whole = [contact.email for page in client.contacts(limit=10) for contact in page.contacts]
    first = next(client.contacts(limit=10))
    assert first.next_marker is not None
    rest = [
        contact.email
        for page in client.contacts(limit=10, marker=first.next_marker)
        for contact in page.contacts
    ]
    assert [contact.email for contact in first.contacts] + rest == whole
    assert len(set(whole)) == 25


def test_the_last_page_has_no_marker_and_a_full_read_costs_a_call_per_page(
    client: Dotdigital, control: Control
) -> None:
    control.seed(count=12)
    pages = list(client.contacts(limit=5))
    assert [len(page.contacts) for page in pages] == [5, 5, 2]
    assert [page.next_marker is None for page in pages] == [False, False, True]
    assert control.calls("GET /contacts/v3") == 3


def test_a_next_link_without_a_marker_of_its_own_is_followed(client: Dotdigital, control: Control) -> None:
    link = "https://r1-api.dotdigital.com/contacts/v3?limit=5&marker=abc%3D"
    body = {"_links": {"self": {"marker": "x"}, "next": {"link": link}}, "_items": []}
    control.fault("status", route="GET /contacts/v3", status=200, body=body)
    assert next(client.contacts()).next_marker == "abc="


def test_an_empty_account_is_one_empty_page(client: Dotdigital) -> None:
    (page,) = client.contacts()
    assert (page.contacts, page.next_marker) == ([], None)


def test_everything_asked_for_comes_and_nothing_else(client: Dotdigital, control: Control) -> None:
    control.seed(
        contacts=[
            {
                "email": "Alice@Example.com",
                "data_fields": {"FIRSTNAME": "Alice", "LASTNAME": "Ångström 🙂"},
                "opt_in_type": "VerifiedDouble",
                "lists": ["Trail News"],
                "left_lists": ["Winter sale"],
            }
        ]
    )
    (page,) = client.contacts(include=["channelProperties", "lists"], data_fields=["LASTNAME"])
    (alice,) = page.contacts
    assert alice.email == "alice@example.com"
    assert alice.data_fields == {"LASTNAME": "Ångström 🙂"}
    assert (alice.email_status, alice.opt_in) == ("subscribed", "verifiedDouble")
    assert {entry.name: entry.status for entry in alice.lists} == {
        "Trail News": "subscribed",
        "Winter sale": "suppressed",
    }
    (bare,) = next(client.contacts()).contacts
    assert (bare.data_fields, bare.lists, bare.opt_in) == ({}, [], None)
    (full,) = next(client.contacts(data_fields=ALL_DATA_FIELDS)).contacts
    assert full.data_fields["FIRSTNAME"] == "Alice"


def test_only_what_changed_since_is_read(client: Dotdigital, control: Control) -> None:
    mark = datetime(2026, 11, 1, 9, tzinfo=UTC)
    control.seed(
        contacts=[
            {"email": "old@example.com", "updated": (mark - timedelta(seconds=1)).isoformat()},
            {"email": "exact@example.com", "updated": mark.isoformat()},
            {"email": "new@example.com", "updated": (mark + timedelta(days=1)).isoformat()},
        ]
    )
    (page,) = client.contacts(modified_since=mark)
    assert [contact.email for contact in page.contacts] == ["exact@example.com", "new@example.com"]


def test_one_list_is_read_by_its_id(client: Dotdigital, control: Control) -> None:
    seeded = control.seed(
        contacts=[{"email": "in@example.com", "lists": ["Trail News"]}, {"email": "out@example.com"}]
    )
    (page,) = client.contacts(list_id=seeded["lists"]["Trail News"])
    assert [contact.email for contact in page.contacts] == ["in@example.com"]


def test_a_limit_that_the_service_does_not_take_is_a_fault_of_ours(client: Dotdigital) -> None:
    with pytest.raises(Permanent):
        next(client.contacts(limit=5_001))


def test_one_contact_by_an_address_that_needs_encoding(client: Dotdigital, control: Control) -> None:
    control.seed(contacts=[{"email": "o'brien+news/1@example.com"}])
    found = client.get_contact("o'brien+news/1@example.com")
    assert found.email == "o'brien+news/1@example.com"
    assert client.get_contact(found.contact_id, identifier="contactId").email == found.email


def test_a_missing_contact_is_not_found_and_its_address_not_in_the_message(client: Dotdigital) -> None:
    with pytest.raises(NotFound) as caught:
        client.get_contact("nobody@example.com")
    assert "nobody@example.com" not in caught.value.message
