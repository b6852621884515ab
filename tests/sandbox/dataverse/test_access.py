"""Application user, roles, privileges, impersonation (contract §1.2, §2.3)."""

from __future__ import annotations

import pytest

from .api import Api, error_of, message_of


def test_the_application_user_has_a_role(api: Api) -> None:
    me = api.json("WhoAmI")["UserId"]
    roles = api.values(f"systemusers({me})/systemuserroles_association?$select=name")
    assert [role["name"] for role in roles] == ["Connector Service"]


def test_a_disabled_user_and_a_user_without_a_role_are_forbidden(api: Api) -> None:
    api.control.settings(user_disabled=True)
    assert error_of(api.get("WhoAmI")) == (403, "0x80040225")
    api.control.settings(user_disabled=False, has_role=False)
    assert error_of(api.get("WhoAmI")) == (403, "0x80042f09")
    api.control.settings(has_role=True)
    assert api.get("WhoAmI").status_code == 200


@pytest.mark.parametrize(
    ("privilege", "method", "path"),
    [
        ("prvReadContact", "GET", "contacts"),
        ("prvReadContact", "GET", "contacts/$count"),
        ("prvReadContact", "GET", "contacts({id})"),
        ("prvCreateContact", "POST", "contacts"),
        ("prvWriteContact", "PATCH", "contacts({id})"),
        ("prvDeleteContact", "DELETE", "contacts({id})"),
    ],
)
def test_a_privilege_can_be_taken_away(
    api: Api, people: dict[str, str], privilege: str, method: str, path: str
) -> None:
    api.control.settings(denied=[privilege])
    body = {} if method in ("POST", "PATCH") else None
    answer = api.call(method, path.format(id=people["Bob"]), body)
    assert error_of(answer) == (403, "0x80040220")
    assert f"is missing {privilege} privilege" in message_of(answer)
    assert api.get("accounts").status_code == 200


def test_change_tracking_needs_read_for_the_whole_organisation(api: Api) -> None:
    api.control.settings(denied=["prvReadContact:Global"])
    assert api.get("contacts").status_code == 200
    assert error_of(api.get("contacts", Prefer="odata.track-changes")) == (403, "0x80040220")


def test_lists_and_metadata_have_privileges_of_their_own(api: Api, people: dict[str, str]) -> None:
    made = api.create("lists", listname="L", createdfromcode=2)
    api.control.settings(denied=["prvWriteList", "prvCreateAttribute"])
    add = api.post(f"lists({made})/Microsoft.Dynamics.CRM.AddMemberList", {"EntityId": people["Bob"]})
    assert error_of(add) == (403, "0x80040220")
    column = {"@odata.type": "Microsoft.Dynamics.CRM.MemoAttributeMetadata", "SchemaName": "dd_X"}
    answer = api.post("EntityDefinitions(LogicalName='contact')/Attributes", column)
    assert error_of(answer) == (403, "0x80040220")


def test_a_user_can_ask_for_its_privileges(api: Api) -> None:
    api.control.settings(denied=["prvReadLead", "prvReadContact:Global"])
    me = api.json("WhoAmI")["UserId"]
    found = api.json(f"systemusers({me})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges")["RolePrivileges"]
    depths = {privilege["PrivilegeName"]: privilege["Depth"] for privilege in found}
    assert "prvReadLead" not in depths
    assert depths["prvReadContact"] == "Basic"
    assert depths["prvReadAccount"] == "Global"


@pytest.mark.parametrize("header", ["MSCRMCallerID", "CallerObjectId"])
def test_acting_for_somebody_else(api: Api, header: str) -> None:
    alice = api.values("systemusers?$filter=firstname eq 'Alice'")[0]
    who = alice["systemuserid" if header == "MSCRMCallerID" else "azureactivedirectoryobjectid"]
    answer = api.post("contacts", {"lastname": "By Alice"}, **{header: who})
    row = api.json(answer.headers["OData-EntityId"])
    assert row["_createdby_value"] == row["_ownerid_value"] == alice["systemuserid"]
    assert row["_createdonbehalfby_value"] == api.json("WhoAmI")["UserId"]
    assert api.json("WhoAmI", **{header: who})["UserId"] == alice["systemuserid"]
    unknown = api.get("WhoAmI", **{header: "00000000-0000-0000-0000-000000000001"})
    assert unknown.status_code == 403
    api.control.settings(denied=["prvActOnBehalfOfAnotherUser"])
    assert api.get("WhoAmI", **{header: who}).status_code == 403
