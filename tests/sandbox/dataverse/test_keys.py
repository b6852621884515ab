"""Alternate keys (contract §2.11, §3.1)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .api import Api, error_of, message_of

LABEL = {"LocalizedLabels": [{"Label": "Dotdigital id", "LanguageCode": 1033}]}


def add_column(api: Api, name: str = "dd_contactid", table: str = "contact") -> None:
    answer = api.post(
        f"EntityDefinitions(LogicalName='{table}')/Attributes",
        {
            "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
            "SchemaName": name,
            "MaxLength": 100,
            "FormatName": {"Value": "Text"},
            "DisplayName": LABEL,
        },
    )
    assert answer.status_code == 204, answer.text


def add_key(api: Api, *columns: str, name: str = "dd_ContactKey") -> None:
    body = {"SchemaName": name, "DisplayName": LABEL, "KeyAttributes": list(columns or ("dd_contactid",))}
    answer = api.post("EntityDefinitions(LogicalName='contact')/Keys", body)
    assert answer.status_code == 204, answer.text


def status(api: Api) -> str:
    path = "EntityDefinitions(LogicalName='contact')/Keys(LogicalName='dd_contactkey')"
    return str(api.json(f"{path}?$select=EntityKeyIndexStatus")["EntityKeyIndexStatus"])


@pytest.fixture
def keyed(api: Api) -> Iterator[Api]:
    """Contacts with an alternate key on ``dd_contactid``."""
    add_column(api)
    add_key(api)
    yield api


def test_upsert_by_key(keyed: Api) -> None:
    first = keyed.patch("contacts(dd_contactid='17')", {"lastname": "Archer"})
    assert first.status_code == 204
    assert first.headers["OData-EntityId"] == f"{keyed.root}contacts(dd_contactid='17')"
    second = keyed.patch("contacts(dd_contactid='17')", {"lastname": "Baker"}, Prefer="return=representation")
    assert second.status_code == 200
    rows = keyed.values("contacts?$select=lastname,dd_contactid")
    assert [(row["lastname"], row["dd_contactid"]) for row in rows] == [("Baker", "17")]


def test_on_create_the_body_wins_and_on_update_its_key_columns_are_ignored(keyed: Api) -> None:
    keyed.patch("contacts(dd_contactid='1')", {"lastname": "A", "dd_contactid": "2"})
    assert keyed.json("contacts(dd_contactid='2')")["lastname"] == "A"
    keyed.patch("contacts(dd_contactid='2')", {"lastname": "B", "dd_contactid": "3"})
    assert keyed.json("contacts(dd_contactid='2')")["lastname"] == "B"


def test_reading_changing_and_deleting_by_key(keyed: Api) -> None:
    keyed.create("contacts", lastname="A", dd_contactid="x y")
    assert keyed.json("contacts(dd_contactid='x%20y')?$select=lastname")["lastname"] == "A"
    assert keyed.put("contacts(dd_contactid='x y')/jobtitle", {"value": "Cook"}).status_code == 204
    assert keyed.delete("contacts(dd_contactid='x y')").status_code == 204
    assert error_of(keyed.get("contacts(dd_contactid='x y')")) == (404, "0x80060891")


def test_a_row_by_key_can_be_bound(keyed: Api) -> None:
    keyed.create("contacts", lastname="A", dd_contactid="5")
    account = keyed.create(
        "accounts", name="Acme", **{"primarycontactid@odata.bind": "contacts(dd_contactid='5')"}
    )
    path = f"accounts({account})?$select=name&$expand=primarycontactid($select=lastname)"
    assert keyed.json(path)["primarycontactid"]["lastname"] == "A"


def test_the_primary_key_may_be_named(api: Api, people: dict[str, str]) -> None:
    assert api.json(f"contacts(contactid={people['Bob']})?$select=firstname")["firstname"] == "Bob"


def test_a_key_that_is_not_defined(api: Api) -> None:
    answer = api.get("contacts(emailaddress1='a')")
    assert answer.status_code == 400
    assert message_of(answer).startswith(
        "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.contact'."
    )


@pytest.mark.parametrize("value", ["a%2Bb", "a%2Fb", "a%26b", "a%25b", "a:b", "a*b"])
def test_some_characters_cannot_be_in_a_key_address(keyed: Api, value: str) -> None:
    assert keyed.patch(f"contacts(dd_contactid='{value}')", {"lastname": "A"}).status_code in (400, 404)
    assert keyed.values("contacts") == []


def test_values_are_unique_but_nulls_are_not_counted(keyed: Api) -> None:
    keyed.create("contacts", dd_contactid="1")
    answer = keyed.post("contacts", {"dd_contactid": "1"})
    assert error_of(answer) == (412, "0x80060892")
    assert "A record with the same value for dd_contactid already exists." in message_of(answer)
    other = keyed.create("contacts", dd_contactid="2")
    assert error_of(keyed.patch(f"contacts({other})", {"dd_contactid": "1"})) == (412, "0x80060892")
    keyed.create("contacts")
    keyed.create("contacts")


def test_a_key_over_several_columns(api: Api) -> None:
    add_column(api, "dd_account")
    add_column(api)
    add_key(api, "dd_account", "dd_contactid")
    assert api.patch("contacts(dd_account='a',dd_contactid='1')", {"lastname": "A"}).status_code == 204
    assert api.patch("contacts(dd_contactid='1',dd_account='b')", {"lastname": "B"}).status_code == 204
    rows = api.values("contacts?$select=lastname,dd_account&$orderby=lastname")
    assert [(row["lastname"], row["dd_account"]) for row in rows] == [("A", "a"), ("B", "b")]
    assert api.get("contacts(dd_contactid='1')").status_code == 400


def test_the_index_of_a_key_takes_its_time(api: Api) -> None:
    api.control.settings(key_index_delay_s=60)
    add_column(api)
    add_key(api)
    assert status(api) == "Pending"
    assert api.patch("contacts(dd_contactid='1')", {}).status_code == 400
    api.control.advance(40)
    assert status(api) == "InProgress"
    api.control.advance(40)
    assert status(api) == "Active"
    assert api.patch("contacts(dd_contactid='1')", {}).status_code == 204


def test_a_key_is_there_when_its_time_has_come_even_if_nobody_looked(api: Api) -> None:
    api.control.settings(key_index_delay_s=60)
    add_column(api)
    add_key(api)
    api.control.advance(61)
    assert api.patch("contacts(dd_contactid='1')", {}).status_code == 204


def test_a_key_over_rows_that_collide_fails(api: Api) -> None:
    add_column(api)
    for _ in range(2):
        api.create("contacts", dd_contactid="same")
    add_key(api)
    assert status(api) == "Failed"


def test_limits_of_keys(api: Api) -> None:
    assert (
        api.post("EntityDefinitions(LogicalName='contact')/Keys", {"SchemaName": "dd_k"}).status_code == 400
    )
    body = {"SchemaName": "dd_k", "KeyAttributes": ["description"]}
    assert api.post("EntityDefinitions(LogicalName='contact')/Keys", body).status_code == 400
    for number in range(10):
        add_key(api, "emailaddress1", name=f"dd_k{number}")
    body = {"SchemaName": "dd_k10", "KeyAttributes": ["emailaddress1"]}
    assert api.post("EntityDefinitions(LogicalName='contact')/Keys", body).status_code == 400


def test_a_key_can_be_deleted(keyed: Api) -> None:
    path = "EntityDefinitions(LogicalName='contact')/Keys(LogicalName='dd_contactkey')"
    assert keyed.delete(path).status_code == 204
    assert keyed.values("EntityDefinitions(LogicalName='contact')/Keys") == []
    assert keyed.patch("contacts(dd_contactid='1')", {}).status_code == 400
