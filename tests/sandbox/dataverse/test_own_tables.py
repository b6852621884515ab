"""Rows of a table that a customer made: lookups, choices, callers' ids, many at once, changes, deletions."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import pytest

from .api import Api, error_of
from .test_metadata import CRM, label, make_table

SET = "dd_stops"
ACTION = f"{SET}/Microsoft.Dynamics.CRM."


def id_number(number: int) -> str:
    """An id that the caller chose."""
    return str(uuid5(UUID("00000000-0000-4000-8000-000000000001"), str(number)))


def lookup(target: str, name: str) -> dict[str, Any]:
    return {
        "@odata.type": f"{CRM}.OneToManyRelationshipMetadata",
        "SchemaName": f"dd_{target}_stop",
        "ReferencedEntity": target,
        "ReferencedAttribute": f"{target}id",
        "ReferencingEntity": "dd_stop",
        "CascadeConfiguration": {"Delete": "RemoveLink"},
        "Lookup": {
            "@odata.type": f"{CRM}.LookupAttributeMetadata",
            "SchemaName": name,
            "DisplayName": label(name),
        },
    }


@pytest.fixture(autouse=True)
def stops(api: Api) -> None:
    """A table of stops with a choice, a moment, and lookups of contact, lead and list."""
    make_table(api, "dd_Stop", ChangeTrackingEnabled=True, Attributes=[_name()])
    options = [{"Value": value, "Label": label(text)} for value, text in ((1, "Left"), (2, "Bounced"))]
    columns = [
        {
            "@odata.type": f"{CRM}.PicklistAttributeMetadata",
            "SchemaName": "dd_Reason",
            "OptionSet": {"IsGlobal": False, "OptionSetType": "Picklist", "Options": options},
        },
        {
            "@odata.type": f"{CRM}.DateTimeAttributeMetadata",
            "SchemaName": "dd_Since",
            "Format": "DateAndTime",
            "DateTimeBehavior": {"Value": "UserLocal"},
        },
    ]
    for column in columns:
        assert api.post("EntityDefinitions(LogicalName='dd_stop')/Attributes", column).status_code == 204
    for target, name in (("contact", "dd_Contact"), ("lead", "dd_Lead"), ("list", "dd_List")):
        assert api.post("RelationshipDefinitions", lookup(target, name)).status_code == 204


def _name() -> dict[str, Any]:
    return {
        "@odata.type": f"{CRM}.StringAttributeMetadata",
        "SchemaName": "dd_Name",
        "DisplayName": label("Name"),
        "MaxLength": 320,
        "FormatName": {"Value": "Text"},
        "IsPrimaryName": True,
    }


def targets(*rows: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    kind = "Microsoft.Dynamics.CRM.dd_stop"
    return {"Targets": [{"@odata.type": kind, "@odata.id": f"{SET}({id_})", **row} for id_, row in rows]}


def upsert(api: Api, *rows: tuple[str, dict[str, Any]]) -> int:
    return api.post(ACTION + "UpsertMultiple", targets(*rows)).status_code


def test_rows_under_ids_of_the_caller_are_made_once(api: Api, people: dict[str, str]) -> None:
    row = {
        "dd_name": "alice+news@acme.example",
        "dd_reason": 2,
        "dd_since": "2026-03-29T01:30:00Z",
        "dd_Contact@odata.bind": f"/contacts({people['Alice']})",
    }
    assert upsert(api, (id_number(1), row)) == upsert(api, (id_number(1), row)) == 204
    (stored,) = api.values(SET)
    assert stored["dd_stopid"] == id_number(1)
    assert stored["_dd_contact_value"] == people["Alice"]
    assert (stored["dd_reason"], stored["dd_since"]) == (2, "2026-03-29T01:30:00Z")
    assert (stored["_dd_lead_value"], stored["_dd_list_value"]) == (None, None)


def test_a_caller_may_create_under_an_id_but_only_once(api: Api) -> None:
    row = {"@odata.type": "Microsoft.Dynamics.CRM.dd_stop", "dd_stopid": id_number(1), "dd_name": "A"}
    answer = api.post(ACTION + "CreateMultiple", {"Targets": [row]})
    assert answer.json()["Ids"] == [id_number(1)]
    assert error_of(api.post(ACTION + "CreateMultiple", {"Targets": [row]})) == (412, "0x80040237")


def test_a_lookup_is_cleared_with_null(api: Api, people: dict[str, str]) -> None:
    upsert(api, (id_number(1), {"dd_Contact@odata.bind": f"/contacts({people['Alice']})"}))
    assert upsert(api, (id_number(1), {"dd_Contact@odata.bind": None})) == 204
    assert api.json(f"{SET}({id_number(1)})")["_dd_contact_value"] is None


@pytest.mark.parametrize(
    "bad",
    [
        {"dd_reason": 3},
        {"dd_Contact@odata.bind": f"/contacts({id_number(9)})"},
        {"dd_Contact@odata.bind": f"/leads({id_number(9)})"},
        {"dd_name": "x" * 321},
    ],
)
def test_one_bad_row_rolls_all_back(api: Api, bad: dict[str, Any]) -> None:
    assert upsert(api, (id_number(1), {"dd_name": "good"}), (id_number(2), bad)) >= 400
    assert api.values(SET) == []


def test_a_thousand_rows_go_in_one_message(api: Api) -> None:
    rows = [(id_number(number), {"dd_name": f"person{number}@acme.example"}) for number in range(1000)]
    assert upsert(api, *rows) == 204
    assert api.get(f"{SET}/$count").text.lstrip("\ufeff") == "1000"
    changed = targets(*((id_, {"dd_reason": 1}) for id_, _ in rows))
    assert api.post(ACTION + "UpdateMultiple", changed).status_code == 204
    assert len(api.values(f"{SET}?$filter=dd_reason eq 1")) == 1000


def test_changes_are_seen_with_their_lookups_and_then_deletions(api: Api, people: dict[str, str]) -> None:
    upsert(api, *((id_number(number), {"dd_name": str(number)}) for number in (1, 2, 3)))
    first = api.json(f"{SET}?$select=dd_name,_dd_contact_value", Prefer="odata.track-changes")
    assert len(first["value"]) == 3
    upsert(api, (id_number(3), {"dd_Contact@odata.bind": f"/contacts({people['Alice']})"}))
    assert api.delete(f"{SET}({id_number(1)})").status_code == 204
    changed, gone = api.json(first["@odata.deltaLink"])["value"]
    assert (changed["dd_name"], changed["_dd_contact_value"]) == ("3", people["Alice"])
    assert (gone["id"], gone["reason"]) == (id_number(1), "deleted")


def test_a_deleted_contact_leaves_the_row_without_a_link(api: Api, people: dict[str, str]) -> None:
    bound = {"dd_name": "kept", "dd_Contact@odata.bind": f"/contacts({people['Bob']})"}
    upsert(api, (id_number(1), bound))
    link = api.json(f"{SET}?$select=_dd_contact_value", Prefer="odata.track-changes")["@odata.deltaLink"]
    assert api.delete(f"contacts({people['Bob']})").status_code == 204
    stored = api.json(f"{SET}({id_number(1)})")
    assert (stored["dd_name"], stored["_dd_contact_value"]) == ("kept", None)
    assert [row["dd_stopid"] for row in api.json(link)["value"]] == [id_number(1)]


def test_rows_are_found_by_their_lookup(api: Api, people: dict[str, str]) -> None:
    trail = api.create("lists", listname="Trail News", createdfromcode=2)
    bound = {
        "dd_Contact@odata.bind": f"/contacts({people['Alice']})",
        "dd_List@odata.bind": f"/lists({trail})",
    }
    upsert(api, (id_number(1), bound), (id_number(2), {"dd_name": "other"}))
    (found,) = api.values(f"{SET}?$filter=_dd_list_value eq {trail}&$expand=dd_Contact($select=firstname)")
    assert found["dd_Contact"]["firstname"] == "Alice"


def test_deletions_in_a_batch_answer_each_for_itself(api: Api) -> None:
    from .test_batch import request, send

    upsert(api, (id_number(1), {"dd_name": "A"}), (id_number(3), {"dd_name": "C"}))
    wanted = [request("DELETE", f"{SET}({id_number(number)})") for number in (1, 2, 3)]
    answer = send(api, *wanted, prefer="odata.continue-on-error")
    assert [answer.text.count(f"HTTP/1.1 {status}") for status in (204, 404)] == [2, 1]
    assert api.values(SET) == []
