"""CreateMultiple, UpdateMultiple, UpsertMultiple (contract §3.5)."""

from __future__ import annotations

from typing import Any

from .api import Api, error_of
from .test_keys import add_column, add_key

CONTACT = "Microsoft.Dynamics.CRM.contact"
ACTION = "contacts/Microsoft.Dynamics.CRM."


def targets(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"Targets": [{"@odata.type": CONTACT, **row} for row in rows]}


def test_create_multiple_answers_ids_in_order(api: Api) -> None:
    answer = api.post(ACTION + "CreateMultiple", targets({"firstname": "A"}, {"firstname": "B"}))
    assert answer.status_code == 200
    body = answer.json()
    assert body["@odata.context"] == f"{api.root}$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse"
    assert [api.json(f"contacts({row_id})")["firstname"] for row_id in body["Ids"]] == ["A", "B"]


def test_update_multiple_by_id_and_by_address(api: Api, people: dict[str, str]) -> None:
    body = targets(
        {"contactid": people["Alice"], "jobtitle": "A"},
        {"@odata.id": f"contacts({people['Bob']})", "jobtitle": "B"},
    )
    assert api.post(ACTION + "UpdateMultiple", body).status_code == 204
    rows = api.values("contacts?$select=firstname,jobtitle&$orderby=firstname")
    assert [row["jobtitle"] for row in rows] == ["A", "B", None]


def test_update_multiple_does_not_create(api: Api, people: dict[str, str]) -> None:
    body = targets(
        {"contactid": people["Alice"], "jobtitle": "A"},
        {"contactid": "00000000-0000-0000-0000-000000000001"},
    )
    assert error_of(api.post(ACTION + "UpdateMultiple", body)) == (404, "0x80040217")
    assert api.json(f"contacts({people['Alice']})")["jobtitle"] is None, "all or nothing"


def test_upsert_multiple_by_key(api: Api) -> None:
    add_column(api)
    add_key(api)
    body = targets(
        {"@odata.id": "contacts(dd_contactid='1')", "lastname": "One"},
        {"@odata.id": "contacts(dd_contactid='a+b/c')", "lastname": "Two"},
    )
    assert api.post(ACTION + "UpsertMultiple", body).status_code == 204
    assert api.post(ACTION + "UpsertMultiple", body).status_code == 204
    rows = api.values("contacts?$select=lastname,dd_contactid&$orderby=lastname")
    assert [(row["lastname"], row["dd_contactid"]) for row in rows] == [("One", "1"), ("Two", "a+b/c")]


def test_key_columns_may_not_be_in_both_places_on_create(api: Api) -> None:
    add_column(api)
    add_key(api)
    body = targets({"@odata.id": "contacts(dd_contactid='1')", "dd_contactid": "1"})
    assert api.post(ACTION + "UpsertMultiple", body).status_code == 400
    api.create("contacts", dd_contactid="1")
    assert api.post(ACTION + "UpsertMultiple", body).status_code == 204


def test_one_bad_row_rolls_all_back(api: Api) -> None:
    body = targets({"firstname": "Good"}, {"firstname": "x" * 51})
    for action in ("CreateMultiple", "UpsertMultiple"):
        assert error_of(api.post(ACTION + action, body)) == (400, "0x80044331")
    assert api.values("contacts") == []


def test_targets_need_their_type(api: Api) -> None:
    assert api.post(ACTION + "CreateMultiple", {"Targets": [{"firstname": "A"}]}).status_code == 400
    assert api.post(ACTION + "CreateMultiple", {"Targets": []}).status_code == 400
    assert api.post(ACTION + "CreateMultiple", {}).status_code == 400


def test_delete_multiple_is_not_there(api: Api) -> None:
    assert api.post(ACTION + "DeleteMultiple", targets()).status_code == 400


def test_availability_can_be_asked(api: Api) -> None:
    def available(table: str) -> bool:
        condition = f"sdkmessageid/name eq 'UpsertMultiple' and primaryobjecttypecode eq '{table}'"
        return bool(api.values(f"sdkmessagefilters?$select=sdkmessagefilterid&$filter={condition}"))

    assert available("contact")
    assert available("lead")
    assert not available("listmember")
    api.control.settings(no_bulk_messages=["contact"])
    assert not available("contact")
    assert api.post(ACTION + "UpsertMultiple", targets({"lastname": "A"})).status_code == 400


def test_bulk_delete_is_a_job(api: Api, people: dict[str, str]) -> None:
    query = {
        "@odata.type": "Microsoft.Dynamics.CRM.QueryExpression",
        "EntityName": "contact",
        "Criteria": {
            "FilterOperator": "And",
            "Conditions": [
                {
                    "AttributeName": "firstname",
                    "Operator": "Equal",
                    "Values": [{"Value": "Bob", "Type": "System.String"}],
                }
            ],
        },
    }
    body = {"QuerySet": [query], "JobName": "Tidy", "SendEmailNotification": False, "RecurrencePattern": ""}
    job = api.post("BulkDelete", body).json()["JobId"]
    assert api.json(f"asyncoperations({job})?$select=statecode")["statecode"] == 3
    assert api.names("firstname ne null") == ["Alice", "Carla"]
