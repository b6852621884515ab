"""Who must not be mailed: nobody on the list is ever missed."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx2
import pytest

from sandbox_process import Control, DotdigitalSandbox
from syncline.dotdigital import Dotdigital, Permanent

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_everyone_is_found_with_reason_and_date(client: Dotdigital, control: Control) -> None:
    control.seed(
        contacts=[
            {"email": "Alice@example.com", "status": "Unsubscribed", "removed_on": "2026-10-01T08:00:00Z"},
            {"email": "bob@example.com", "status": "HardBounced", "removed_on": "2026-10-02T08:00:00Z"},
            {"email": "carol@example.com"},
        ]
    )
    found = [entry for page in client.suppressed_since(LONG_AGO) for entry in page.suppressions]
    assert {entry.email: entry.reason for entry in found} == {
        "alice@example.com": "unsubscribed",
        "bob@example.com": "hardBounced",
    }
    dates = {entry.email: entry.removed_on for entry in found}
    assert dates["alice@example.com"] == datetime(2026, 10, 1, 8, tzinfo=UTC)
    later = client.suppressed_since(datetime(2026, 10, 2, tzinfo=UTC))
    assert [entry.email for page in later for entry in page.suppressions] == ["bob@example.com"]


def seeded(control: Control, count: int) -> None:
    control.seed(
        contacts=[
            {
                "email": f"p{number}@example.com",
                "status": "Unsubscribed",
                "removed_on": "2026-10-01T08:00:00Z",
            }
            for number in range(count)
        ]
    )


@pytest.mark.parametrize("order", ["changed", "id"])
def test_nobody_is_missed_when_rows_move_up_between_two_pages(
    client: Dotdigital, control: Control, dotdigital: DotdigitalSandbox, order: str
) -> None:
    control.settings(v2_order=order)
    seeded(control, 1_500)
    emails: set[str] = set()
    login = httpx2.BasicAuth(dotdigital.api_user, dotdigital.api_password)
    with httpx2.Client(base_url=dotdigital.base_url, auth=login) as vendor:
        for number, page in enumerate(client.suppressed_since(LONG_AGO)):
            emails |= {entry.email for entry in page.suppressions}
            if number == 0:
                # Somebody deletes people of the first page meanwhile, so that all the others move up.
                for entry in page.suppressions[:60]:
                    vendor.delete(f"/v2/contacts/{entry.contact_id}").raise_for_status()
    assert len(emails) == 1_500


def test_the_last_page_is_empty_and_says_so(client: Dotdigital, control: Control) -> None:
    seeded(control, 1_200)
    pages = list(client.suppressed_since(LONG_AGO))
    assert [len(page.suppressions) for page in pages] == [1000, 200, 0]
    assert [page.next_skip for page in pages] == [900, 1200, None]


def test_reading_goes_on_from_a_stored_offset(client: Dotdigital, control: Control) -> None:
    seeded(control, 1_200)
    first = next(client.suppressed_since(LONG_AGO))
    assert first.next_skip == 900
    rest = [
        entry.email
        for page in client.suppressed_since(LONG_AGO, skip=first.next_skip)
        for entry in page.suppressions
    ]
    assert len({entry.email for entry in first.suppressions} | set(rest)) == 1_200


def test_who_left_one_list_is_told_apart_from_who_left_all(client: Dotdigital, control: Control) -> None:
    seed = control.seed(
        contacts=[
            {"email": "left@example.com", "left_lists": ["Trail News"]},
            {"email": "gone@example.com", "status": "Unsubscribed", "lists": ["Trail News"]},
        ]
    )
    pages = client.list_unsubscribed_since(seed["lists"]["Trail News"], LONG_AGO)
    assert [entry.email for page in pages for entry in page.suppressions] == ["left@example.com"]


def test_unsubscribing_and_suppressing(client: Dotdigital, control: Control) -> None:
    control.seed(contacts=[{"email": "alice@example.com"}, {"email": "bob@example.com"}])
    done = client.unsubscribe("alice@example.com")
    assert done is not None
    assert (done.email, done.reason) == ("alice@example.com", "unsubscribed")
    result = client.suppress(["bob@example.com", "nobody@example.com"])
    assert (result.suppressed, result.not_found) == (["bob@example.com"], ["nobody@example.com"])
    assert client.get_contact("bob@example.com").email_status == "suppressed"


def test_more_than_a_thousand_at_once_are_not_sent(client: Dotdigital, control: Control) -> None:
    with pytest.raises(Permanent):
        client.suppress([f"p{number}@example.com" for number in range(1_001)])
    assert control.journal()["routes"] == {}
