"""Data fields and lists: the account's own columns and groups."""

from __future__ import annotations

import pytest

from sandbox_process import Control
from syncline.dotdigital import DataField, Dotdigital, NotFound, Permanent, Rejected
from syncline.dotdigital.data_fields import FieldType


def test_the_built_in_fields_are_there(client: Dotdigital) -> None:
    names = {field.name for field in client.data_fields()}
    assert {"FIRSTNAME", "LASTNAME", "FULLNAME", "GENDER", "POSTCODE", "LASTSUBSCRIBED"} <= names


@pytest.mark.parametrize("type_", ["String", "Numeric", "Date", "Boolean"])
def test_a_field_of_each_type_can_be_made(client: Dotdigital, type_: FieldType) -> None:
    made = client.create_data_field("Shoe_Size", type_, visibility="Public")
    assert made == DataField("SHOE_SIZE", type_, "Public")
    assert made in client.data_fields()


def test_a_default_value_is_kept(client: Dotdigital) -> None:
    client.create_data_field("POINTS", "Numeric", default_value=7)
    (points,) = [field for field in client.data_fields() if field.name == "POINTS"]
    assert points.default_value == 7


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("firstname", "ERROR_NON_UNIQUE_DATAFIELD"),
        ("has space", "ERROR_DATAFIELD_INVALID"),
        ("longer_than_twenty_characters", "ERROR_DATAFIELD_INVALID"),
        ("email", "ERROR_DATAFIELD_INVALID"),
    ],
)
def test_a_bad_name_is_refused_with_the_vendors_code(client: Dotdigital, name: str, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        client.create_data_field(name, "String")
    assert caught.value.code == code
    assert name in caught.value.record


@pytest.mark.parametrize("variant", ["result", "conflict"])
def test_a_field_in_use_is_kept_and_its_user_named(
    client: Dotdigital, control: Control, variant: str
) -> None:
    control.settings(field_in_use=variant)
    control.seed(data_fields=[{"name": "SIZE", "used_in": "Campaign:17"}])
    deletion = client.delete_data_field("SIZE")
    assert not deletion.deleted
    assert deletion.dependencies
    assert "SIZE" in {field.name for field in client.data_fields()}


def test_an_unused_field_is_deleted(client: Dotdigital) -> None:
    client.create_data_field("SIZE", "String")
    assert client.delete_data_field("SIZE").deleted
    assert "SIZE" not in {field.name for field in client.data_fields()}


def test_a_list_is_made_renamed_counted_and_deleted(client: Dotdigital, control: Control) -> None:
    made = client.create_address_book("Trail News", visibility="Public")
    control.seed(count=3, list="Trail News")
    assert client.get_address_book(made.id).contacts == 3
    assert client.rename_address_book(made.id, "Hill News").name == "Hill News"
    assert "Hill News" in {book.name for book in client.address_books()}
    assert client.delete_address_book(made.id)
    assert not client.delete_address_book(made.id)
    with pytest.raises(NotFound):
        client.get_address_book(made.id)


@pytest.mark.parametrize("name", ["Test", "all contacts", "trail news", "", "x" * 129])
def test_taken_reserved_and_bad_list_names_are_refused(client: Dotdigital, name: str) -> None:
    client.create_address_book("Trail News")
    with pytest.raises(Rejected) as caught:
        client.create_address_book(name)
    assert caught.value.code.startswith("ERROR_ADDRESSBOOK_")


def test_more_lists_than_a_page_holds_are_all_read_once(client: Dotdigital, control: Control) -> None:
    control.seed(lists=[{"name": f"List {number}"} for number in range(1_150)])
    books = client.address_books()
    assert len(books) == len({book.id for book in books}) == 1_152
    # 1,000 rows, then 252 with an overlap of 100, then the empty page that is the end.
    assert control.calls("GET /v2/address-books") == 3


def test_removal_takes_people_off_the_list_and_not_out_of_the_account(
    client: Dotdigital, control: Control
) -> None:
    seeded = control.seed(
        contacts=[{"email": f"{name}@example.com", "lists": ["Trail News"]} for name in ("alice", "bob")]
    )
    book_id, (alice, bob) = seeded["lists"]["Trail News"], seeded["contacts"]
    job = client.remove_from_list(book_id, [alice, 999_999])
    assert client.deletion_status(job) == "Started"
    control.advance(60)
    assert client.deletion_status(job) == "Completed"
    (page,) = client.contacts(list_id=book_id)
    assert [contact.contact_id for contact in page.contacts] == [bob]
    assert client.get_contact(alice, identifier="contactId").email_status == "subscribed"


def test_a_removal_of_nobody_or_of_too_many_is_not_sent(client: Dotdigital, control: Control) -> None:
    for ids in ([], list(range(5_001))):
        with pytest.raises(Permanent):
            client.remove_from_list(1001, ids)
    assert control.journal()["routes"] == {}


def test_an_unknown_removal_is_not_found(client: Dotdigital) -> None:
    with pytest.raises(NotFound):
        client.deletion_status("00000000-0000-0000-0000-000000000001")
