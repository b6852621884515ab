"""Marketing lists and their members (contract §6.4)."""

from __future__ import annotations

from typing import Any

import pytest

from .api import Api, error_of

CRM = "Microsoft.Dynamics.CRM"
LEEDS = (
    '<fetch version="1.0" mapping="logical" distinct="true"><entity name="contact">'
    '<attribute name="contactid" />'
    '<filter><condition attribute="address1_city" operator="eq" value="Leeds" /></filter></entity></fetch>'
)
Many = dict[str, Any]


def member(row_id: str, kind: str = "contact") -> Many:
    return {"@odata.type": f"{CRM}.{kind}", f"{kind}id": row_id}


def add_many(api: Api, list_id: str, *members: Many) -> Any:
    body = {"List": {"@odata.type": f"{CRM}.list", "listid": list_id}, "Members": list(members)}
    return api.post("AddListMembersList", body)


def make_list(api: Api, code: int = 2, **columns: Any) -> str:
    return api.create("lists", listname="List", createdfromcode=code, **columns)


def members_of(api: Api, list_id: str) -> list[str]:
    path = f"listmembers?$select=_entityid_value,entitytype&$filter=_listid_value eq {list_id}"
    return sorted(row["_entityid_value"] for row in api.values(path))


def count_of(api: Api, list_id: str) -> int:
    return int(api.json(f"lists({list_id})?$select=membercount")["membercount"])


def test_a_new_list(api: Api) -> None:
    row = api.json(f"lists({make_list(api)})")
    assert (row["type"], row["createdfromcode"], row["membertype"], row["membercount"]) == (False, 2, 2, 0)
    assert (row["statecode"], row["statuscode"]) == (0, 0)
    assert (row["donotsendonoptout"], row["ignoreinactivelistmembers"], row["lockstatus"]) == (
        True,
        True,
        False,
    )


def test_the_state_codes_of_a_list_are_its_own(api: Api) -> None:
    made = make_list(api)
    api.patch(f"lists({made})", {"statecode": 1})
    row = api.json(f"lists({made})")
    assert (row["statecode"], row["statuscode"]) == (1, 1)


def test_the_kind_of_member_cannot_be_changed(api: Api) -> None:
    made = make_list(api)
    api.patch(f"lists({made})", {"createdfromcode": 4})
    assert api.json(f"lists({made})")["createdfromcode"] == 2


def test_adding_many(api: Api, people: dict[str, str]) -> None:
    made = make_list(api)
    answer = add_many(api, made, member(people["Alice"]), member(people["Bob"]))
    assert (answer.status_code, answer.content) == (204, b"")
    assert members_of(api, made) == sorted([people["Alice"], people["Bob"]])
    assert count_of(api, made) == 2


def test_adding_again_changes_nothing(api: Api, people: dict[str, str]) -> None:
    made = make_list(api)
    add_many(api, made, member(people["Alice"]))
    version = api.json(f"lists({made})")["versionnumber"]
    assert add_many(api, made, member(people["Alice"])).status_code == 204
    assert len(members_of(api, made)) == count_of(api, made) == 1
    assert api.json(f"lists({made})")["versionnumber"] == version
    api.control.settings(readd_member_fails=True)
    assert add_many(api, made, member(people["Alice"])).status_code == 412


def test_adding_and_removing_one(api: Api, people: dict[str, str]) -> None:
    made = make_list(api)
    answer = api.post(f"lists({made})/{CRM}.AddMemberList", {"EntityId": people["Alice"]})
    body = answer.json()
    assert body["@odata.context"] == f"{api.root}$metadata#{CRM}.AddMemberListResponse"
    row = api.values(f"listmembers?$filter=listmemberid eq {body['Id']}")[0]
    assert (row["_entityid_value"], row["_listid_value"], row["entitytype"]) == (
        people["Alice"],
        made,
        "contact",
    )
    again = api.post(f"lists({made})/{CRM}.AddMemberList", {"EntityId": people["Alice"]})
    assert again.json()["Id"] == body["Id"]
    remove = api.post(f"lists({made})/{CRM}.RemoveMemberList", {"EntityId": people["Alice"]})
    assert remove.status_code == 204
    assert (members_of(api, made), count_of(api, made)) == ([], 0)


@pytest.mark.parametrize("shape", ["the contact's id", "the member's id", "the contact", "EntityId"])
def test_removing_in_every_shape(api: Api, people: dict[str, str], shape: str) -> None:
    made = make_list(api)
    added = api.post(f"lists({made})/{CRM}.AddMemberList", {"EntityId": people["Alice"]}).json()
    kind = {"@odata.type": f"{CRM}.listmember"}
    body = {
        "the contact's id": {"ListMember": {**kind, "listmemberid": people["Alice"]}},
        "the member's id": {"ListMember": {**kind, "listmemberid": added["Id"]}},
        "the contact": {"ListMember": member(people["Alice"])},
        "EntityId": {"EntityId": people["Alice"]},
    }[shape]
    assert api.post(f"lists({made})/{CRM}.RemoveMemberList", body).status_code == 204
    assert members_of(api, made) == []


def test_removing_by_deleting_the_membership(api: Api, people: dict[str, str]) -> None:
    made = make_list(api)
    added = api.post(f"lists({made})/{CRM}.AddMemberList", {"EntityId": people["Alice"]}).json()
    assert api.delete(f"listmembers({added['Id']})").status_code == 204
    assert (members_of(api, made), count_of(api, made)) == ([], 0)


def test_removing_many(api: Api, people: dict[str, str]) -> None:
    made = make_list(api)
    add_many(api, made, *(member(people[name]) for name in ("Alice", "Bob", "Carla")))
    body = {"List": {"listid": made}, "Members": [member(people["Alice"]), member(people["Carla"])]}
    assert api.post("RemoveListMembersList", body).status_code == 204
    assert members_of(api, made) == [people["Bob"]]


def test_who_is_no_member_cannot_be_removed(api: Api, people: dict[str, str]) -> None:
    made = make_list(api)
    answer = api.post(f"lists({made})/{CRM}.RemoveMemberList", {"EntityId": people["Alice"]})
    assert error_of(answer) == (400, "0x80048458")


def test_the_rules_of_a_list(api: Api, people: dict[str, str]) -> None:
    def refused(list_id: str) -> set[tuple[int, str]]:
        return {
            error_of(add_many(api, list_id, member(people["Alice"]))),
            error_of(api.post(f"lists({list_id})/{CRM}.AddMemberList", {"EntityId": people["Alice"]})),
        }

    assert refused(make_list(api, code=4)) == {(400, "0x80040301")}
    assert refused(make_list(api, lockstatus=True)) == {(400, "0x80040302")}
    assert refused(make_list(api, statecode=1)) == {(400, "0x8004033a")}
    assert refused(make_list(api, type=True, query=LEEDS)) == {(400, "0x8004f701")}
    missing = "00000000-0000-0000-0000-000000000001"
    assert error_of(add_many(api, make_list(api), member(missing))) == (404, "0x80040217")
    assert error_of(add_many(api, missing, member(people["Alice"]))) == (404, "0x80040217")


def test_a_dynamic_list_cannot_be_locked(api: Api) -> None:
    body = {"listname": "D", "createdfromcode": 2, "type": True, "lockstatus": True}
    assert error_of(api.post("lists", body)) == (400, "0x8004f703")
    made = make_list(api, type=True)
    assert error_of(api.patch(f"lists({made})", {"lockstatus": True})) == (400, "0x8004f703")


def test_one_bad_member_refuses_all(api: Api, people: dict[str, str]) -> None:
    made = make_list(api)
    answer = add_many(api, made, member(people["Alice"]), member("00000000-0000-0000-0000-000000000001"))
    assert answer.status_code == 404
    assert (members_of(api, made), count_of(api, made)) == ([], 0)


@pytest.mark.parametrize(("code", "set_name", "name"), [(1, "accounts", "name"), (4, "leads", "lastname")])
def test_lists_of_accounts_and_leads(api: Api, code: int, set_name: str, name: str) -> None:
    kind = set_name.rstrip("s")
    row_id = api.create(set_name, **{name: "X"})
    made = make_list(api, code=code)
    assert add_many(api, made, member(row_id, kind)).status_code == 204
    rows = api.values(f"lists({made})/list{kind}_association?$select={name}")
    assert [row[name] for row in rows] == ["X"]


def test_members_can_be_read_in_three_ways(api: Api, people: dict[str, str]) -> None:
    made = make_list(api)
    add_many(api, made, member(people["Alice"]))
    assert [row["firstname"] for row in api.values(f"lists({made})/listcontact_association")] == ["Alice"]
    lists = api.values(f"contacts({people['Alice']})/listcontact_association?$select=listname")
    assert [row["listname"] for row in lists] == ["List"]
    reverse = api.values(f"listmembers?$select=_listid_value&$filter=_entityid_value eq {people['Alice']}")
    assert [row["_listid_value"] for row in reverse] == [made]


def test_members_can_only_be_queried(api: Api, people: dict[str, str]) -> None:
    made = make_list(api)
    added = api.post(f"lists({made})/{CRM}.AddMemberList", {"EntityId": people["Alice"]}).json()
    assert api.get(f"listmembers({added['Id']})").status_code == 400
    assert api.patch(f"listmembers({added['Id']})", {"name": "x"}).status_code == 400
    assert api.get("listmembers?$expand=listid").status_code == 400
    body = {"@odata.id": f"{api.root}contacts({people['Bob']})"}
    assert api.post(f"lists({made})/listcontact_association/$ref", body).status_code == 400
    assert api.post("listmembers", {"listid@odata.bind": f"/lists({made})"}).status_code == 400


def test_membership_ends_with_the_member_and_with_the_list(api: Api, people: dict[str, str]) -> None:
    made, other = make_list(api), make_list(api)
    for list_id in (made, other):
        add_many(api, list_id, member(people["Alice"]), member(people["Bob"]))
    api.delete(f"contacts({people['Alice']})")
    assert (members_of(api, made), count_of(api, made)) == ([people["Bob"]], 1)
    api.delete(f"lists({made})")
    assert len(api.values("listmembers")) == 1


def test_a_dynamic_list_has_a_query_and_no_members(api: Api) -> None:
    for name, city in (("Alice", "Leeds"), ("Bob", "York")):
        api.create("contacts", firstname=name, address1_city=city)
    made = make_list(api, type=True, query=LEEDS)
    assert members_of(api, made) == []
    query = api.json(f"lists({made})?$select=query")["query"]
    found = api.values(f"contacts?fetchXml={query.replace('contactid', 'firstname')}")
    assert [row["firstname"] for row in found] == ["Alice"]
    copied = api.post(f"lists({made})/{CRM}.CopyDynamicListToStatic").json()
    assert api.json(f"lists({copied['listid']})")["type"] is False
    assert members_of(api, copied["listid"]) == [api.contact_named("Alice")]
    assert count_of(api, copied["listid"]) == 1


def test_copying(api: Api, people: dict[str, str]) -> None:
    source, target = make_list(api), make_list(api)
    add_many(api, source, member(people["Alice"]), member(people["Bob"]))
    add_many(api, target, member(people["Bob"]), member(people["Carla"]))
    body = {"TargetList": {"@odata.type": f"{CRM}.list", "listid": target}}
    assert api.post(f"lists({source})/{CRM}.CopyMembersList", body).status_code == 204
    assert count_of(api, target) == 3
    answer = api.post(f"lists({source})/{CRM}.CopyDynamicListToStatic")
    assert error_of(answer) == (400, "0x8004f704")


def test_an_action_can_be_missing(api: Api, people: dict[str, str]) -> None:
    made = make_list(api)
    add_many(api, made, member(people["Alice"]))
    api.control.fault("hide_action", match="RemoveMemberList", times=None)
    answer = api.post(f"lists({made})/{CRM}.RemoveMemberList", {"EntityId": people["Alice"]})
    assert answer.status_code == 404
    assert b"RemoveMemberList" not in api.get("$metadata").content
    assert api.post(f"lists({made})/{CRM}.AddMemberList", {"EntityId": people["Bob"]}).status_code == 200
    api.control.clear_faults()
    assert api.post(f"lists({made})/{CRM}.RemoveMemberList", {"EntityId": people["Alice"]}).status_code == 204
