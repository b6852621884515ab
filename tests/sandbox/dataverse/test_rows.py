"""Single rows: create, read, change, delete (contract §2.9, §2.10, §3.1)."""

from __future__ import annotations

from typing import Any

import pytest

from .api import Api, error_of, id_of, message_of

People = dict[str, str]
NOBODY = "00000000-0000-0000-0000-000000000001"


# Create


def test_create_answers_where_the_row_is(api: Api) -> None:
    answer = api.post("contacts", {"lastname": "Archer"})
    assert answer.status_code == 204
    assert answer.content == b""
    url = answer.headers["OData-EntityId"]
    assert url == f"{api.root}contacts({id_of(url)})"
    assert api.json(url)["lastname"] == "Archer"


def test_create_can_answer_with_the_row(api: Api) -> None:
    answer = api.post(
        "contacts?$select=fullname", {"firstname": "A", "lastname": "B"}, Prefer="return=representation"
    )
    assert answer.status_code == 201
    assert "OData-EntityId" not in answer.headers
    assert answer.headers["Preference-Applied"] == "return=representation"
    body = answer.json()
    assert body["fullname"] == "A B"
    assert body.keys() == {"@odata.context", "@odata.etag", "fullname", "contactid"}


def test_the_caller_may_choose_the_id_once(api: Api) -> None:
    chosen = "0a0a0a0a-1111-2222-3333-444455556666"
    assert api.create("contacts", contactid=chosen.upper(), lastname="A") == chosen
    assert error_of(api.post("contacts", {"contactid": chosen, "lastname": "B"})) == (412, "0x80040237")


def test_what_a_new_contact_has_of_itself(api: Api) -> None:
    api.control.set_clock("2026-11-01T09:00:00Z")
    api.token = api.new_token()
    me = api.json("WhoAmI")
    row = api.json(f"contacts({api.create('contacts', firstname='Ann', lastname='Archer')})")
    assert row["fullname"] == "Ann Archer"
    assert (row["statecode"], row["statuscode"]) == (0, 1)
    assert row["donotbulkemail"] is False
    assert row["followemail"] is True
    assert row["msdyn_gdproptout"] is False
    assert row["createdon"][:16] == row["modifiedon"][:16] == "2026-11-01T09:00"
    assert row["_ownerid_value"] == row["_owninguser_value"] == row["_createdby_value"] == me["UserId"]
    assert row["_owningbusinessunit_value"] == me["BusinessUnitId"]
    assert row["versionnumber"] == int(row["@odata.etag"][3:-1])


def test_creation_can_be_dated_back(api: Api) -> None:
    row = api.json(
        f"contacts({api.create('contacts', lastname='A', overriddencreatedon='2019-05-06T07:08:09Z')})"
    )
    assert row["createdon"] == "2019-05-06T07:08:09Z"
    assert row["overriddencreatedon"] > "2025"


def test_deep_insert_makes_parents_and_children(api: Api) -> None:
    account = api.create(
        "accounts",
        name="Deep",
        primarycontactid={"firstname": "Pia", "lastname": "Primary"},
        contact_customer_accounts=[{"firstname": "Carl"}, {"firstname": "Cleo"}],
    )
    row = api.json(f"accounts({account})?$select=name&$expand=primarycontactid($select=fullname)")
    assert row["primarycontactid"]["fullname"] == "Pia Primary"
    children = api.values(
        f"accounts({account})/contact_customer_accounts?$select=firstname&$orderby=firstname"
    )
    assert [child["firstname"] for child in children] == ["Carl", "Cleo"]


def test_nothing_is_made_when_a_part_is_refused(api: Api) -> None:
    body = {"name": "Deep", "contact_customer_accounts": [{"firstname": "Ok"}, {"firstname": "x" * 51}]}
    assert api.post("accounts", body).status_code == 400
    assert api.values("accounts") == api.values("contacts") == []


# Values


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"emailaddress1": ""}, {"emailaddress1": None}),
        ({"emailaddress1": "a+b@x.example"}, {"emailaddress1": "a+b@x.example"}),
        ({"firstname": "🙂" * 25}, {"firstname": "🙂" * 25}),
        ({"firstname": "דוד", "lastname": "כהן"}, {"fullname": "דוד כהן"}),
        ({"birthdate": "1753-01-01"}, {"birthdate": "1753-01-01"}),
        ({"birthdate": "9999-12-30"}, {"birthdate": "9999-12-30"}),
        ({"lastusedincampaign": "2024-05-01T09:30:00"}, {"lastusedincampaign": "2024-05-01T09:30:00Z"}),
        ({"lastusedincampaign": "2024-05-01T09:30:00+02:00"}, {"lastusedincampaign": "2024-05-01T07:30:00Z"}),
        (
            {"annualincome": 12.34567},
            {"annualincome": 12.3457, "annualincome_base": 12.3457, "exchangerate": 1.0},
        ),
        ({"numberofchildren": 3}, {"numberofchildren": 3}),
        ({"description": "x" * 2000}, {"description": "x" * 2000}),
        ({"address1_line1": "1 Road", "address1_city": "Leeds"}, {"address1_composite": "1 Road\r\nLeeds"}),
        ({"fullname": "Not mine to write"}, {"fullname": None}),
        ({"createdon": "2001-01-01T00:00:00Z"}, {}),
    ],
)
def test_values_are_stored(api: Api, columns: dict[str, Any], expected: dict[str, Any]) -> None:
    row = api.json(f"contacts({api.create('contacts', **columns)})")
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"firstname": "x" * 51}, "0x80044331"),
        ({"firstname": "🙂" * 26}, "0x80044331"),
        ({"description": "x" * 2001}, "0x80044331"),
        ({"gendercode": 9}, "0x8004431a"),
        ({"numberofchildren": -1}, "0x80044331"),
        ({"birthdate": "1752-12-31"}, "0x80040239"),
        ({"birthdate": "1980-02-30"}, "0x80048d19"),
        ({"birthdate": "1980-02-03T00:00:00Z"}, "0x80048d19"),
        ({"lastusedincampaign": "yesterday"}, "0x80048d19"),
        ({"donotbulkemail": "true"}, "0x80048d19"),
        ({"firstname": 5}, "0x80048d19"),
        ({"annualincome": "12"}, "0x80048d19"),
        ({"nonsense": 1}, "0x0"),
        ({"parentcustomerid@odata.bind": "/accounts(x)"}, "0x80048d19"),
        ({"_parentcustomerid_value": NOBODY}, "0x80048d19"),
        ({"statecode": 0, "statuscode": 2}, "0x80048408"),
        ({"statuscode": 77}, "0x8004431a"),
    ],
)
def test_values_are_refused(api: Api, columns: dict[str, Any], code: str) -> None:
    assert error_of(api.post("contacts", columns)) == (400, code)


def test_the_words_about_a_text_that_is_too_long(api: Api) -> None:
    expected = (
        "A validation error occurred.  The length of the 'firstname' attribute of the 'contact' entity "
        "exceeded the "
        "maximum allowed length of '50'."
    )
    assert message_of(api.post("contacts", {"firstname": "x" * 51})) == expected


def test_the_words_about_an_unknown_column(api: Api) -> None:
    message = message_of(api.post("contacts", {"nonsense": 1}))
    assert "Invalid property 'nonsense' was found in entity 'Microsoft.Dynamics.CRM.contact'." in message


def test_a_body_that_is_no_json(api: Api) -> None:
    assert error_of(api.post("contacts", b'{"lastname": ')) == (400, "0x80048d19")
    assert api.post("contacts", b"[1]").status_code == 400


def test_only_system_required_columns_are_enforced(api: Api) -> None:
    assert api.post("contacts", {}).status_code == 204
    assert api.post("leads", {}).status_code == 204
    assert error_of(api.post("lists", {"listname": "No kind"})) == (400, "0x80040203")


def test_a_lookup_target_that_is_missing(api: Api) -> None:
    answer = api.post("contacts", {"parentcustomerid_account@odata.bind": f"/accounts({NOBODY})"})
    assert error_of(answer) == (404, "0x80040217")


# Customers: one column, two tables


def test_a_customer_is_an_account_or_a_contact(api: Api, people: People) -> None:
    carla = f"contacts({people['Carla']})"
    for table in ("account", "contact"):
        other = people["Acme"] if table == "account" else people["Bob"]
        api.patch(carla, {f"parentcustomerid_{table}@odata.bind": f"{api.root}{table}s({other})"})
        row = api.json(f"{carla}?$select=_parentcustomerid_value", Prefer='odata.include-annotations="*"')
        assert row["_parentcustomerid_value"] == other
        assert row["_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == table
    api.patch(carla, {"parentcustomerid_contact@odata.bind": None})
    assert api.json(f"{carla}?$select=_parentcustomerid_value")["_parentcustomerid_value"] is None


# Change


def test_a_change_bumps_version_and_stamp(api: Api, people: People) -> None:
    before = api.json(f"contacts({people['Bob']})")
    api.control.advance(120)
    answer = api.patch(f"contacts({people['Bob']})", {"lastname": "Butcher"})
    assert answer.status_code == 204
    assert answer.headers["OData-EntityId"] == f"{api.root}contacts({people['Bob']})"
    after = api.json(f"contacts({people['Bob']})")
    assert after["fullname"] == "Bob Butcher"
    assert after["versionnumber"] > before["versionnumber"]
    assert after["modifiedon"] > before["modifiedon"]
    assert after["createdon"] == before["createdon"]


def test_versions_rise_over_the_whole_organisation(api: Api, people: People) -> None:
    versions = []
    for path in (f"contacts({people['Bob']})", f"accounts({people['Acme']})", f"contacts({people['Alice']})"):
        api.patch(path, {})
        versions.append(api.json(path)["versionnumber"])
    assert versions == sorted(set(versions))


def test_patch_makes_what_is_missing_and_says_so(api: Api) -> None:
    path = "contacts(0a0a0a0a-1111-2222-3333-444455556666)"
    first = api.patch(path, {"lastname": "A"}, Prefer="return=representation")
    second = api.patch(path, {"lastname": "B"}, Prefer="return=representation")
    assert (first.status_code, second.status_code) == (201, 200)
    assert api.patch(path, {"lastname": "C", "contactid": NOBODY}).status_code == 204
    assert api.json(path)["lastname"] == "C", "an id in the body is ignored"


def test_update_only_and_create_only(api: Api, people: People) -> None:
    assert error_of(api.patch(f"contacts({NOBODY})", {}, If_Match="*")) == (404, "0x80040217")
    assert api.patch(f"contacts({people['Bob']})", {}, If_Match="*").status_code == 204
    answer = api.patch(f"contacts({people['Bob']})", {}, If_None_Match="*")
    assert error_of(answer) == (412, "0x80040237")
    assert api.patch(f"contacts({NOBODY})", {"lastname": "New"}, If_None_Match="*").status_code == 204


def test_the_literal_null_is_no_condition(api: Api, people: People) -> None:
    assert api.get(f"contacts({people['Bob']})", If_None_Match="null").status_code == 200
    assert api.patch(f"contacts({people['Bob']})", {}, If_None_Match="null").status_code == 204


def test_optimistic_concurrency(api: Api, people: People) -> None:
    path = f"contacts({people['Bob']})"
    etag = api.json(path)["@odata.etag"]
    assert api.get(path, If_None_Match=etag).status_code == 304
    assert api.patch(path, {"jobtitle": "x"}, If_Match=etag).status_code == 204
    assert error_of(api.patch(path, {"jobtitle": "y"}, If_Match=etag)) == (412, "0x80060882")
    assert error_of(api.delete(path, If_Match=etag)) == (412, "0x80060882")
    assert api.get(path, If_None_Match=etag).status_code == 200
    assert api.delete(path, If_Match=api.json(path)["@odata.etag"]).status_code == 204


def test_a_table_without_optimistic_concurrency(api: Api) -> None:
    publisher = api.values("publishers?$filter=isreadonly eq false")[0]
    answer = api.patch(f"publishers({publisher['publisherid']})", {}, If_Match='W/"1"')
    assert error_of(answer) == (400, "0x80060883")


@pytest.mark.parametrize(
    ("change", "state", "status"),
    [
        ({"statecode": 1}, 1, 2),
        ({"statuscode": 2}, 1, 2),
        ({"statecode": 1, "statuscode": 2}, 1, 2),
        ({"statecode": 0}, 0, 1),
    ],
)
def test_states_and_statuses_complete_each_other(
    api: Api, people: People, change: dict[str, int], state: int, status: int
) -> None:
    assert api.patch(f"contacts({people['Bob']})", change).status_code == 204
    row = api.json(f"contacts({people['Bob']})?$select=statecode,statuscode")
    assert (row["statecode"], row["statuscode"]) == (state, status)


@pytest.mark.parametrize(("status", "state"), [(1, 0), (2, 0), (3, 1), (4, 2), (5, 2), (6, 2), (7, 2)])
def test_the_statuses_of_a_lead(api: Api, status: int, state: int) -> None:
    row = api.json(f"leads({api.create('leads', lastname='L', statuscode=status)})?$select=statecode")
    assert row["statecode"] == state


def test_ownership(api: Api, people: People) -> None:
    path = f"contacts({people['Bob']})"
    alice = api.values("systemusers?$filter=firstname eq 'Alice'")[0]["systemuserid"]
    api.patch(path, {"ownerid@odata.bind": f"/systemusers({alice})"})
    assert api.json(path)["_owninguser_value"] == alice
    team = api.values("teams")[0]["teamid"]
    api.patch(path, {"ownerid@odata.bind": f"/teams({team})"})
    row = api.json(path)
    assert (row["_ownerid_value"], row["_owningteam_value"], row["_owninguser_value"]) == (team, team, None)


# One property


def test_single_properties(api: Api, people: People) -> None:
    path = f"contacts({people['Bob']})/jobtitle"
    assert api.get(path).status_code == 204, "null has no content"
    assert api.put(path, {"value": "Cook"}).status_code == 204
    assert api.json(path) == {
        "@odata.context": f"{api.root}$metadata#contacts({people['Bob']})/jobtitle",
        "value": "Cook",
    }
    assert api.get(f"{path}/$value").text == "Cook"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 204
    assert api.get(f"contacts({people['Bob']})/nope").status_code == 404


# Links


def test_single_valued_links(api: Api, people: People) -> None:
    path = f"contacts({people['Carla']})/parentcustomerid_account/$ref"
    body = {"@odata.id": f"{api.root}accounts({people['Acme']})"}
    assert api.put(path, body).status_code == 204
    assert api.json(path)["@odata.id"] == body["@odata.id"]
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 204


def test_links_of_collections(api: Api, people: People) -> None:
    path = f"accounts({people['Acme']})/contact_customer_accounts"
    carla = f"{api.root}contacts({people['Carla']})"
    assert api.post(f"{path}/$ref", {"@odata.id": carla}).status_code == 204
    assert len(api.values(path)) == 3
    assert api.delete(f"{path}({people['Carla']})/$ref").status_code == 204
    assert api.delete(f"{path}/$ref?$id={api.root}contacts({people['Bob']})").status_code == 204
    assert [row["firstname"] for row in api.values(path)] == ["Alice"]


def test_many_to_many_links(api: Api) -> None:
    campaign = api.create("campaigns", name="Spring")
    members = api.create("lists", listname="L", createdfromcode=2)
    path = f"campaigns({campaign})/campaignlist_association"
    body = {"@odata.id": f"{api.root}lists({members})"}
    assert api.post(f"{path}/$ref", body).status_code == 204
    assert api.post(f"{path}/$ref", body).status_code == 204, "twice changes nothing"
    assert [row["listname"] for row in api.values(path)] == ["L"]
    back = api.values(f"lists({members})/campaignlist_association?$select=name")
    assert [row["name"] for row in back] == ["Spring"]
    assert api.delete(f"{path}({members})/$ref").status_code == 204
    assert api.values(path) == []


# Delete


def test_delete(api: Api, people: People) -> None:
    assert api.delete(f"contacts({people['Bob']})").status_code == 204
    assert error_of(api.delete(f"contacts({people['Bob']})")) == (404, "0x80040217")


def test_deleting_a_parent_empties_the_lookups(api: Api, people: People) -> None:
    before = api.json(f"contacts({people['Bob']})")["versionnumber"]
    api.delete(f"accounts({people['Acme']})")
    row = api.json(f"contacts({people['Bob']})")
    assert row["_parentcustomerid_value"] is None
    assert row["versionnumber"] > before


def test_a_row_in_use_may_be_protected(api: Api, people: People) -> None:
    currency = api.values("transactioncurrencies")[0]["transactioncurrencyid"]
    assert error_of(api.delete(f"transactioncurrencies({currency})")) == (400, "0x80040227")


# Duplicate detection


def test_duplicates_are_found_only_when_asked(api: Api, people: People) -> None:
    body = {"lastname": "Other", "emailaddress1": "ALICE@acme.example"}
    assert api.post("contacts", body).status_code == 204
    asked = {"MSCRM__SuppressDuplicateDetection": "false"}
    assert error_of(api.post("contacts", body, **asked)) == (412, "0x80040333")
    assert error_of(api.patch(f"contacts({people['Carla']})", body, **asked)) == (412, "0x80040333")
    api.control.settings(duplicate_status=500)
    assert error_of(api.post("contacts", body, **asked)) == (500, "0x80040333")


# Campaigns


def test_a_response_to_a_campaign_with_its_customer(api: Api, people: People) -> None:
    campaign = api.create("campaigns", name="Spring")
    response = api.create(
        "campaignresponses",
        subject="Clicked",
        responsecode=1,
        channeltypecode=1,
        campaignresponse_activity_parties=[
            {"participationtypemask": 11, "partyid_contact@odata.bind": f"/contacts({people['Alice']})"}
        ],
        **{"regardingobjectid_campaign_campaignresponse@odata.bind": f"/campaigns({campaign})"},
    )
    row = api.json(f"campaignresponses({response})")
    assert row["_regardingobjectid_value"] == campaign
    assert (row["activitytypecode"], row["statecode"], row["statuscode"]) == ("campaignresponse", 0, 1)
    parties = api.values(f"campaignresponses({response})/campaignresponse_activity_parties")
    assert [party["_partyid_value"] for party in parties] == [people["Alice"]]
    assert len(api.values(f"campaigns({campaign})/Campaign_CampaignResponses")) == 1
    api.delete(f"campaignresponses({response})")
    assert api.values("activityparties") == []


# Leads


def test_qualifying_a_lead(api: Api) -> None:
    lead = api.create(
        "leads",
        subject="Tents",
        firstname="Lea",
        lastname="Lead",
        companyname="Tents Ltd",
        emailaddress1="l@x.example",
    )
    answer = api.post(
        f"leads({lead})/Microsoft.Dynamics.CRM.QualifyLead",
        {"CreateAccount": True, "CreateContact": True, "CreateOpportunity": True, "Status": -1},
    )
    made = {row["@odata.type"].rpartition(".")[2]: row for row in answer.json()["value"]}
    assert made.keys() == {"account", "contact", "opportunity"}
    contact = api.json(f"contacts({made['contact']['contactid']})")
    assert contact["fullname"] == "Lea Lead"
    assert contact["emailaddress1"] == "l@x.example"
    assert contact["_originatingleadid_value"] == lead
    assert contact["_parentcustomerid_value"] == made["account"]["accountid"]
    row = api.json(f"leads({lead})")
    assert (row["statecode"], row["statuscode"]) == (1, 3)


def test_merging(api: Api, people: People) -> None:
    body = {
        "Target": {"@odata.type": "Microsoft.Dynamics.CRM.contact", "contactid": people["Alice"]},
        "Subordinate": {"@odata.type": "Microsoft.Dynamics.CRM.contact", "contactid": people["Bob"]},
        "UpdateContent": {"@odata.type": "Microsoft.Dynamics.CRM.contact", "jobtitle": "Both"},
        "PerformParentingChecks": False,
    }
    assert api.post("Merge", body).status_code == 204
    bob = api.json(f"contacts({people['Bob']})")
    assert (bob["merged"], bob["statecode"], bob["_masterid_value"]) == (True, 1, people["Alice"])
    assert api.json(f"contacts({people['Alice']})")["jobtitle"] == "Both"
