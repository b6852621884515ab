"""Data fields: all rules about names, types, defaults and deletion."""

from __future__ import annotations

from typing import Any

import pytest

from .api import Api


def names(api: Api) -> list[str]:
    return [field["name"] for field in api.ok("GET", "/v2/data-fields")]


def test_every_account_has_the_built_in_ones(api: Api) -> None:
    assert names(api) == ["FIRSTNAME", "LASTNAME", "FULLNAME", "GENDER", "POSTCODE", "LASTSUBSCRIBED"]


def test_created_fields_are_told_in_upper_case(api: Api) -> None:
    created = api.post("/v2/data-fields", {"name": "isHappy", "type": "Boolean", "defaultValue": True})
    assert created.status == 201
    assert created.json == {
        "name": "ISHAPPY",
        "type": "Boolean",
        "visibility": "Private",
        "defaultValue": True,
    }
    assert names(api)[-1] == "ISHAPPY"


@pytest.mark.parametrize(
    "name", ["email", "Campaign", "UNSUBSCRIBED", "contact_api_id", "mobilenumberid", "id"]
)
def test_reserved_names_are_refused(api: Api, name: str) -> None:
    answer = api.post("/v2/data-fields", {"name": name, "type": "String"})
    assert (answer.status, answer.error) == (400, "ERROR_DATAFIELD_INVALID")


@pytest.mark.parametrize("name", ["", "has space", "a" * 21, "ümlaut", "dot.ted", None, 7])
def test_malformed_names_are_refused(api: Api, name: Any) -> None:
    assert api.post("/v2/data-fields", {"name": name, "type": "String"}).error == "ERROR_DATAFIELD_INVALID"


def test_a_name_of_twenty_characters_with_dash_and_underscore_is_taken(api: Api) -> None:
    assert api.post("/v2/data-fields", {"name": "ABCDEFGH-1_234567890", "type": "Date"}).status == 201


@pytest.mark.parametrize("type_", [None, "Text", "", 3])
def test_unknown_types_are_refused(api: Api, type_: Any) -> None:
    assert api.post("/v2/data-fields", {"name": "X", "type": type_}).error == "ERROR_DATAFIELD_INVALID"


def test_names_are_unique_without_case(api: Api) -> None:
    api.ok("POST", "/v2/data-fields", {"name": "CITY", "type": "String"})
    for name in ("city", "FirstName"):
        answer = api.post("/v2/data-fields", {"name": name, "type": "Numeric"})
        assert answer.error == "ERROR_NON_UNIQUE_DATAFIELD"


@pytest.mark.parametrize(
    ("type_", "default"), [("Numeric", "seven"), ("Date", "soon"), ("Boolean", "maybe"), ("String", ["a"])]
)
def test_a_default_has_to_fit_the_type(api: Api, type_: str, default: Any) -> None:
    body = {"name": "X", "type": type_, "defaultValue": default}
    assert api.post("/v2/data-fields", body).error == "ERROR_DATAFIELD_INVALID"


def test_the_number_of_fields_is_limited_by_type(api: Api) -> None:
    api.control.settings(field_limit_date=1)
    api.ok("POST", "/v2/data-fields", {"name": "D1", "type": "Date"})
    assert (
        api.post("/v2/data-fields", {"name": "D2", "type": "Date"}).error == "ERROR_DATAFIELD_LIMITEXCEEDED"
    )
    assert api.post("/v2/data-fields", {"name": "S1", "type": "String"}).status == 201


def test_deleting_a_field_takes_its_values(api: Api) -> None:
    api.ok("POST", "/v2/data-fields", {"name": "CITY", "type": "String"})
    api.new_contact("alice@people.example", CITY="Leeds")
    assert api.ok("DELETE", "/v2/data-fields/city") == {"dependencies": None, "result": True}
    assert "CITY" not in api.contact("alice@people.example")["dataFields"]
    api.ok("POST", "/v2/data-fields", {"name": "CITY", "type": "String"})
    assert api.contact("alice@people.example")["dataFields"]["CITY"] is None


def test_built_in_and_unknown_fields_cannot_be_deleted(api: Api) -> None:
    assert api.delete("/v2/data-fields/FIRSTNAME").error == "ERROR_DATAFIELD_INVALID"
    unknown = api.delete("/v2/data-fields/NOSUCH")
    assert (unknown.status, unknown.error) == (404, "ERROR_DATAFIELD_NOTFOUND")


def test_a_field_in_use_stays(api: Api) -> None:
    api.control.seed(data_fields=[{"name": "VIP", "type": "Boolean", "used_in": "Campaign:12345"}])
    refused = api.ok("DELETE", "/v2/data-fields/VIP")
    assert refused == {"dependencies": [{"type": "Campaign", "objectId": 12345}], "result": False}
    api.control.settings(field_in_use="conflict")
    conflict = api.delete("/v2/data-fields/VIP")
    assert conflict.status == 409
    assert conflict.json["status"] == 409
    assert "VIP" in names(api)


def test_defaults_can_be_kept_to_itself(api: Api) -> None:
    api.ok("POST", "/v2/data-fields", {"name": "N", "type": "Numeric", "defaultValue": "5"})
    assert api.ok("GET", "/v2/data-fields")[-1]["defaultValue"] == 5
    api.control.settings(field_defaults_returned=False)
    assert api.ok("GET", "/v2/data-fields")[-1]["defaultValue"] is None


@pytest.mark.parametrize(
    ("type_", "sent", "stored"),
    [
        ("Numeric", "12.50", 12.5),
        ("Numeric", 123456789012345678, 123456789012345678),
        ("Boolean", "True", True),
        ("Boolean", "no", False),
        ("Date", "2024-02-29", "2024-02-29T00:00:00Z"),
        ("Date", "1753-01-01T00:00:00Z", "1753-01-01T00:00:00Z"),
        ("Date", "9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59Z"),
        ("String", "Ünïcödé 🚲 עברית", "Ünïcödé 🚲 עברית"),
        ("String", "x" * 1000, "x" * 1000),
    ],
)
def test_values_are_kept_by_type(api: Api, type_: str, sent: Any, stored: Any) -> None:
    api.ok("POST", "/v2/data-fields", {"name": "V", "type": type_})
    api.new_contact("alice@people.example", V=sent)
    assert api.contact("alice@people.example")["dataFields"]["V"] == stored


@pytest.mark.parametrize(
    ("type_", "sent", "code"),
    [
        ("Numeric", "many", "ERROR_DATAFIELD_INVALID"),
        ("Numeric", True, "ERROR_DATAFIELD_INVALID"),
        ("Numeric", "1e18", "ERROR_DATAFIELD_VALUE_OVERFLOW"),
        ("Date", "31/12/2024", "ERROR_DATAFIELD_INVALID"),
        ("Date", 20241231, "ERROR_DATAFIELD_INVALID"),
        ("Boolean", "perhaps", "ERROR_DATAFIELD_INVALID"),
        ("String", "x" * 1001, "ERROR_DATAFIELD_VALUE_OVERFLOW"),
        ("String", {"a": 1}, "ERROR_DATAFIELD_INVALID"),
    ],
)
def test_values_that_do_not_fit_refuse_the_whole_contact(api: Api, type_: str, sent: Any, code: str) -> None:
    api.ok("POST", "/v2/data-fields", {"name": "V", "type": type_})
    body = {"email": "alice@people.example", "dataFields": [{"key": "V", "value": sent}]}
    assert api.post("/v2/contacts", body).error == code
    assert api.get("/v2/contacts/alice@people.example").status == 404
    v3 = {"identifiers": {"email": "alice@people.example"}, "dataFields": {"V": sent}}
    assert api.post("/contacts/v3", v3).error == "contacts:badRequest"
    assert api.get("/contacts/v3/email/alice@people.example").status == 404
