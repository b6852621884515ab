"""Service document, CSDL, and functions of the organisation (contract §4)."""

from __future__ import annotations

import re

import pytest
from defusedxml import ElementTree

from .api import Api, error_of, message_of

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


@pytest.mark.parametrize("version", ["v9.0", "v9.1", "v9.2"])
def test_every_version_in_use_answers_under_its_own_name(api: Api, version: str) -> None:
    url = f"{api.sandbox.base_url}/api/data/{version}/WhoAmI"
    assert f"/api/data/{version}/$metadata#" in api.json(url)["@odata.context"]


def test_the_service_document_lists_the_sets(api: Api) -> None:
    body = api.json("")
    assert body["@odata.context"] == f"{api.root}$metadata"
    assert {"name": "contacts", "kind": "EntitySet", "url": "contacts"} in body["value"]


@pytest.mark.parametrize("call", ["WhoAmI", "WhoAmI()"])
def test_who_am_i(api: Api, call: str) -> None:
    body = api.json(call)
    assert body["@odata.context"] == f"{api.root}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse"
    user = api.json(f"systemusers({body['UserId']})?$select=fullname,applicationid,_businessunitid_value")
    assert user["applicationid"] == api.sandbox.client_id
    assert user["_businessunitid_value"] == body["BusinessUnitId"]


def test_the_version_is_nine_two(api: Api) -> None:
    assert re.fullmatch(r"9\.2\.\d+\.\d+", api.json("RetrieveVersion()")["Version"])
    assert api.json("RetrieveAvailableLanguages")["LocaleIds"] == [1033]
    assert api.json("RetrieveProvisionedLanguages()")["RetrieveProvisionedLanguages"] == [1033]


def test_the_current_organisation(api: Api) -> None:
    call = (
        "RetrieveCurrentOrganization(AccessType=@p1)?@p1=Microsoft.Dynamics.CRM.EndpointAccessType'Default'"
    )
    detail = api.json(call)["Detail"]
    assert detail["OrganizationId"] == api.json("WhoAmI")["OrganizationId"]
    assert detail["Endpoints"]["Count"] == len(detail["Endpoints"]["Keys"])


def test_total_record_counts(api: Api, people: dict[str, str]) -> None:
    body = api.json('RetrieveTotalRecordCount(EntityNames=@p1)?@p1=["contact","account"]')
    counts = body["EntityRecordCountCollection"]
    assert counts == {"Count": 2, "IsReadOnly": False, "Keys": ["contact", "account"], "Values": [3, 1]}


def test_every_answer_carries_the_protocol_headers(api: Api) -> None:
    answer = api.get("contacts")
    assert answer.headers["OData-Version"] == "4.0"
    assert answer.headers["Content-Type"] == "application/json; odata.metadata=minimal"
    assert answer.headers["x-ms-service-request-id"]
    assert int(answer.headers["x-ms-ratelimit-burst-remaining-xrm-requests"]) > 0
    assert answer.headers["x-ms-dop-hint"].isdecimal()


def test_the_csdl_describes_types_keys_and_lookups(api: Api) -> None:
    root = ElementTree.fromstring(api.get("$metadata").content)
    types = {found.get("Name"): found for found in root.iter(f"{EDM}EntityType")}
    contact = types["contact"]
    assert [key.get("Name") for key in contact.iter(f"{EDM}PropertyRef")] == ["contactid"]
    properties = {found.get("Name"): found.get("Type") for found in contact.findall(f"{EDM}Property")}
    assert properties["_parentcustomerid_value"] == "Edm.Guid"
    assert properties["birthdate"] == "Edm.Date"
    assert properties["createdon"] == "Edm.DateTimeOffset"
    assert properties["donotbulkemail"] == "Edm.Boolean"
    assert properties["statecode"] == "Edm.Int32"
    navigation = {found.get("Name"): found for found in contact.findall(f"{EDM}NavigationProperty")}
    constraint = navigation["parentcustomerid_account"].find(f"{EDM}ReferentialConstraint")
    assert constraint is not None
    assert constraint.get("Property") == "_parentcustomerid_value"
    assert navigation["listcontact_association"].get("Type") == "Collection(mscrm.list)"


def test_the_csdl_declares_what_remove_member_list_takes(api: Api) -> None:
    def parameters() -> list[str | None]:
        root = ElementTree.fromstring(api.get("$metadata").content)
        actions = [found for found in root.iter(f"{EDM}Action") if found.get("Name") == "RemoveMemberList"]
        return [found.get("Name") for action in actions for found in action.findall(f"{EDM}Parameter")]

    assert parameters() == ["entity", "ListMember"]
    api.control.settings(hidden_actions=["RemoveMemberList"])
    assert parameters() == []


def test_the_csdl_has_labels_only_when_asked(api: Api) -> None:
    assert b"mscrm.DisplayName" not in api.get("$metadata").content
    assert b"mscrm.DisplayName" in api.get("$metadata?annotations=true").content


def test_unknown_things_are_told_apart(api: Api) -> None:
    assert error_of(api.get("nothings")) == (404, "0x8006088a")
    assert message_of(api.get("nothings")) == "Resource not found for the segment 'nothings'."
    assert api.get("Contacts").status_code == 404, "set names are case-sensitive"
    assert api.http.get(f"{api.sandbox.base_url}/api/data/v8.2/contacts").status_code == 404
    assert api.call("PATCH", "contacts", {}).status_code == 405


def test_a_body_may_be_large_but_not_endless(api: Api) -> None:
    answer = api.post("contacts", b'{"description": "' + b"x" * 123_000_000 + b'"}')
    assert answer.status_code == 413
    assert answer.json()["error"]["code"]


def test_an_address_may_be_long_but_not_endless(api: Api) -> None:
    condition = " or ".join(f"firstname eq 'somebody number {number}'" for number in range(500))
    assert api.values(f"contacts?$filter={condition}") == []
    assert api.get(f"contacts?$filter={condition} or {condition}").status_code == 414
