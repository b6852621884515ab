"""Bulk imports: what is stored, what fails, and what an import must never do."""

from __future__ import annotations

import pytest

from dotdigital.conftest import Importing
from remote.stopped_clock import SandboxClock
from sandbox_process import Control
from syncline.dotdigital import (
    Dotdigital,
    ImportRow,
    NotFound,
    Permanent,
    TooLarge,
    TooManyImports,
    encode_row,
)


def test_a_bad_row_costs_itself_and_no_other(importing: Importing, client: Dotdigital) -> None:
    book = client.create_address_book("Trail News")
    good = [ImportRow(email=f"{name}@example.com", lists=[book.id]) for name in ("alice", "bob")]
    report = importing(good[0], ImportRow(email="not an address"), good[1])
    assert report.succeeded
    assert [entry.email for entry in report.created] == ["alice@example.com", "bob@example.com"]
    (failure,) = report.failures
    assert failure.email == "not an address"
    assert [reason.code.lower() for reason in failure.reasons] == ["invalidemail"]
    assert report.summary["newContacts"] == 2
    assert client.get_address_book(book.id).contacts == 2


def test_the_second_import_updates_and_names_the_same_ids(importing: Importing) -> None:
    first = importing(ImportRow(email="alice@example.com", data_fields={"FIRSTNAME": "A"}))
    second = importing(ImportRow(email="ALICE@example.com", data_fields={"FIRSTNAME": "Alice"}))
    assert [entry.contact_id for entry in second.updated] == [entry.contact_id for entry in first.created]
    assert second.created == []


def test_encoded_rows_are_the_rows_they_encode(importing: Importing, client: Dotdigital) -> None:
    row = ImportRow(email="alice@example.com", data_fields={"FIRSTNAME": "Ålice 🙂"})
    assert importing(encode_row(row)).succeeded
    assert client.get_contact("alice@example.com").data_fields["FIRSTNAME"] == "Ålice 🙂"


def test_null_clears_a_field_and_a_missing_name_leaves_it(importing: Importing, client: Dotdigital) -> None:
    importing(ImportRow(email="alice@example.com", data_fields={"FIRSTNAME": "A", "LASTNAME": "B"}))
    importing(ImportRow(email="alice@example.com", data_fields={"FIRSTNAME": None}))
    fields = client.get_contact("alice@example.com").data_fields
    assert (fields["FIRSTNAME"], fields["LASTNAME"]) == (None, "B")


def test_a_contact_matched_by_id_moves_to_its_new_address(importing: Importing, client: Dotdigital) -> None:
    (alice,) = importing(ImportRow(email="alice@example.com")).created
    report = importing(ImportRow(contact_id=alice.contact_id, match="contactId", email="alice@new.example"))
    assert [entry.contact_id for entry in report.updated] == [alice.contact_id]
    assert client.get_contact("alice@new.example").contact_id == alice.contact_id
    with pytest.raises(NotFound):
        client.get_contact("alice@example.com")


def test_an_import_does_not_bring_back_who_unsubscribed(
    importing: Importing, client: Dotdigital, control: Control
) -> None:
    seeded = control.seed(
        contacts=[{"email": "bob@example.com", "status": "Unsubscribed"}], lists=[{"name": "Trail News"}]
    )
    importing(ImportRow(email="bob@example.com", lists=[seeded["lists"]["Trail News"]], opt_in="single"))
    assert client.get_contact("bob@example.com").email_status == "unsubscribed"
    assert client.get_address_book(seeded["lists"]["Trail News"]).contacts == 0


def test_an_import_can_take_a_person_off(importing: Importing, client: Dotdigital) -> None:
    importing(ImportRow(email="carol@example.com"))
    importing(ImportRow(email="carol@example.com", email_status="suppressed"))
    assert client.get_contact("carol@example.com").email_status == "suppressed"


def test_a_watchdog_refuses_the_whole_import(importing: Importing, client: Dotdigital) -> None:
    report = importing(ImportRow(email="watchdog@example.com"), ImportRow(email="dave@example.com"))
    assert report.status == "RejectedByWatchdog"
    assert report.finished
    assert not report.succeeded
    with pytest.raises(NotFound):
        client.get_contact("dave@example.com")


def test_too_many_imports_at_once_are_told_at_once(
    client: Dotdigital, control: Control, clock: SandboxClock
) -> None:
    control.settings(max_active_imports=1)
    client.import_contacts([ImportRow(email="alice@example.com")])
    with pytest.raises(TooManyImports) as caught:
        client.import_contacts([ImportRow(email="bob@example.com")])
    assert caught.value.after_s
    assert clock.slept_s == []
    assert control.calls("PUT /contacts/v3/import") == 2


def test_an_import_of_nothing_or_of_too_much_is_not_sent(client: Dotdigital, control: Control) -> None:
    with pytest.raises(Permanent):
        client.import_contacts([])
    with pytest.raises(TooLarge):
        client.import_contacts([b"x" * 1_000_000] * 51)
    assert control.journal()["routes"] == {}


def test_an_unknown_import_is_not_found(client: Dotdigital) -> None:
    with pytest.raises(NotFound):
        client.import_report("00000000-0000-0000-0000-000000000001")


def test_ten_thousand_rows_are_one_call(importing: Importing, client: Dotdigital, control: Control) -> None:
    rows = [encode_row(ImportRow(email=f"p{number}@example.com")) for number in range(10_000)]
    report = importing(*rows)
    assert len(report.created) == 10_000
    assert control.calls("PUT /contacts/v3/import") == 1
