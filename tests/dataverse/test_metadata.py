"""What tables and columns there are, and making new ones."""

from __future__ import annotations

import pytest

from sandbox_process import Control
from syncline.dataverse import Column, Dataverse, NewColumn, NewTable, NotFound, Option


@pytest.fixture
def contact(client: Dataverse) -> dict[str, Column]:
    return {column.logical_name: column for column in client.columns("contact")}


def test_a_table_is_described(client: Dataverse) -> None:
    contact = client.table("contact")
    assert (contact.set_name, contact.primary_id, contact.primary_name) == (
        "contacts",
        "contactid",
        "fullname",
    )
    assert contact.change_tracking
    assert contact.display_name == "Contact"
    assert contact.object_type_code == 2
    assert "listmembers" in {table.set_name for table in client.tables()}


def test_a_table_that_is_not_there_is_not_found(client: Dataverse) -> None:
    for look in (client.table, client.columns, client.keys):
        with pytest.raises(NotFound):
            look("nosuchtable")


def test_text_has_its_length_and_its_label(contact: dict[str, Column]) -> None:
    first_name = contact["firstname"]
    assert (first_name.type, first_name.max_length, first_name.label) == ("String", 50, "First Name")
    assert first_name.valid_for_update
    assert contact["description"].type == "Memo"


def test_what_is_computed_cannot_be_written(contact: dict[str, Column]) -> None:
    assert not contact["fullname"].valid_for_update
    assert contact["contactid"].is_primary_id
    assert contact["fullname"].is_primary_name


def test_choices_have_their_options(contact: dict[str, Column]) -> None:
    assert contact["gendercode"].type == "Picklist"
    assert contact["gendercode"].options == (Option(1, "Male"), Option(2, "Female"))
    assert {option.value for option in contact["statecode"].options} == {0, 1}
    assert {(option.value, option.state) for option in contact["statuscode"].options} == {(1, 0), (2, 1)}


def test_yes_no_has_words_for_both(contact: dict[str, Column]) -> None:
    column = contact["donotbulkemail"]
    assert column.type == "Boolean"
    # True means do not send; the label reads so too.
    assert {option.value: option.label for option in column.options} == {1: "Do Not Allow", 0: "Allow"}


def test_dates_tell_their_behaviour(contact: dict[str, Column]) -> None:
    assert contact["birthdate"].date_behaviour == "DateOnly"
    assert contact["createdon"].date_behaviour == "UserLocal"


def test_lookups_tell_their_targets(contact: dict[str, Column]) -> None:
    assert contact["parentcustomerid"].type == "Customer"
    assert set(contact["parentcustomerid"].targets) == {"account", "contact"}
    assert contact["originatingleadid"].targets == ("lead",)


def test_columns_of_each_kind_can_be_made(client: Dataverse) -> None:
    prepare(client)
    wanted = [
        NewColumn(schema_name="syncline_Text", kind="text", label="Text", max_length=77),
        NewColumn(schema_name="syncline_Memo", kind="memo", label="Memo", max_length=4000),
        NewColumn(schema_name="syncline_Flag", kind="yes_no", label="Flag", default=True),
        NewColumn(
            schema_name="syncline_Number", kind="whole_number", label="Number", min_value=0, max_value=9
        ),
        NewColumn(schema_name="syncline_Choice", kind="choice", label="Choice", options=[(563180000, "One")]),
        NewColumn(schema_name="syncline_When", kind="date_time", label="When"),
        NewColumn(schema_name="syncline_Amount", kind="decimal", label="Amount", precision=2),
    ]
    for column in wanted:
        assert not client.has_column("list", column.schema_name.lower())
        client.create_column("list", column, solution="Syncline")
        assert client.has_column("list", column.schema_name.lower())
    client.publish(["list"])
    found = {column.logical_name: column for column in client.columns("list")}
    assert (found["syncline_text"].type, found["syncline_text"].max_length) == ("String", 77)
    assert (found["syncline_memo"].type, found["syncline_memo"].max_length) == ("Memo", 4000)
    assert found["syncline_flag"].type == "Boolean"
    assert (found["syncline_number"].type, found["syncline_number"].max_value) == ("Integer", 9)
    assert found["syncline_choice"].options == (Option(563180000, "One"),)
    assert (found["syncline_when"].type, found["syncline_when"].date_behaviour) == ("DateTime", "UserLocal")
    assert found["syncline_text"].custom
    assert found["syncline_amount"].type == "Decimal"
    row = {"listname": "L", "createdfromcode": 2, "syncline_text": "t", "syncline_amount": 9.75}
    stored = client.get("lists", client.create("lists", row))
    assert (stored["syncline_text"], stored["syncline_flag"]) == ("t", True)
    assert stored["syncline_amount"] == 9.75


def test_a_table_with_a_lookup_and_a_key_can_be_made(client: Dataverse) -> None:
    prepare(client)
    name = NewColumn(schema_name="syncline_Name", kind="text", label="Name")
    table = NewTable(
        schema_name="syncline_Note", label="Note", plural="Notes", description="Notes.", primary_name=name
    )
    client.create_table(table, solution="Syncline")
    run = NewColumn(schema_name="syncline_RunId", kind="text", label="Run")
    client.create_column("syncline_note", run, solution="Syncline")
    client.create_lookup(
        "syncline_note",
        NewColumn(schema_name="syncline_List", kind="text", label="List"),
        target="list",
        target_key="listid",
        relationship="syncline_list_note",
        solution="Syncline",
    )
    client.create_key("syncline_note", "syncline_Run", "Run", ["syncline_runid"], solution="Syncline")
    (key,) = client.keys("syncline_note")
    assert (key.logical_name, key.columns, key.index_status) == (
        "syncline_run",
        ("syncline_runid",),
        "Active",
    )
    found = client.table("syncline_note")
    assert (found.primary_id, found.primary_name) == ("syncline_noteid", "syncline_name")
    columns = {column.logical_name: column for column in client.columns("syncline_note")}
    assert (columns["syncline_list"].type, columns["syncline_list"].targets) == ("Lookup", ("list",))
    for text in ("First", "Second"):
        client.upsert(found.set_name, {"syncline_runid": "run 1"}, {"syncline_name": text})
    (page,) = client.pages(found.set_name, select=["syncline_name", "syncline_runid"])
    assert [(row["syncline_name"], row["syncline_runid"]) for row in page.rows] == [("Second", "run 1")]


def test_the_rights_of_the_application_user_are_told(client: Dataverse, control: Control) -> None:
    control.settings(denied=["prvWriteContact", "prvReadContact:Global"])
    held = client.held_privileges(client.who_am_i().user_id)
    rights = {right.access: right for right in client.table_privileges("contact")}
    assert rights["Write"].name == "prvWriteContact"
    assert rights["Write"].id not in held
    assert (held[rights["Read"].id], held[rights["Create"].id]) == ("Basic", "Global")


def prepare(client: Dataverse) -> None:
    publisher = client.create(
        "publishers",
        {
            "uniquename": "syncline",
            "friendlyname": "Syncline",
            "customizationprefix": "syncline",
            "customizationoptionvalueprefix": 56318,
        },
    )
    client.create(
        "solutions",
        {
            "uniquename": "Syncline",
            "friendlyname": "Syncline",
            "version": "1.0.0.0",
            "publisherid@odata.bind": f"/publishers({publisher})",
        },
    )
