"""Metadata: reading it and changing it (contract §4)."""

from __future__ import annotations

from typing import Any

import pytest

from .api import Api, error_of, id_of

CONTACT = "EntityDefinitions(LogicalName='contact')"
CRM = "Microsoft.Dynamics.CRM"


def label(text: str) -> dict[str, Any]:
    return {
        "@odata.type": f"{CRM}.Label",
        "LocalizedLabels": [{"@odata.type": f"{CRM}.LocalizedLabel", "Label": text, "LanguageCode": 1033}],
    }


def text_of(value: dict[str, Any]) -> str:
    return str(value["UserLocalizedLabel"]["Label"])


def string_column(name: str, **more: Any) -> dict[str, Any]:
    return {
        "@odata.type": f"{CRM}.StringAttributeMetadata",
        "SchemaName": name,
        "DisplayName": label(name.partition("_")[2]),
        "RequiredLevel": {"Value": "None", "CanBeChanged": True},
        "MaxLength": 100,
        "FormatName": {"Value": "Text"},
        **more,
    }


def make_table(api: Api, name: str = "syncline_Note", **more: Any) -> str:
    body = {
        "@odata.type": f"{CRM}.EntityMetadata",
        "SchemaName": name,
        "DisplayName": label("Note"),
        "DisplayCollectionName": label("Notes"),
        "OwnershipType": "UserOwned",
        "HasActivities": False,
        "HasNotes": False,
        "Attributes": [string_column("syncline_Name", IsPrimaryName=True)],
        **more,
    }
    answer = api.post("EntityDefinitions", body)
    assert answer.status_code == 204, answer.text
    return id_of(answer.headers["OData-EntityId"])


# Reading


def test_tables_can_be_selected_and_filtered(api: Api) -> None:
    body = api.json(
        "EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,"
        "ChangeTrackingEnabled&$filter=LogicalName eq 'contact' or EntitySetName eq 'lists'"
    )
    contact, marketing_list = sorted(body["value"], key=lambda row: str(row["LogicalName"]))
    assert contact.pop("MetadataId")
    assert contact == {
        "LogicalName": "contact",
        "EntitySetName": "contacts",
        "PrimaryIdAttribute": "contactid",
        "PrimaryNameAttribute": "fullname",
        "ChangeTrackingEnabled": True,
    }
    assert marketing_list["PrimaryNameAttribute"] == "listname"


def test_managed_properties_can_be_filtered_by_value(api: Api) -> None:
    rows = api.values(
        "EntityDefinitions?$select=LogicalName&$filter=CanChangeTrackingBeEnabled/Value eq false"
    )
    assert "listmember" in {row["LogicalName"] for row in rows}
    assert "contact" not in {row["LogicalName"] for row in rows}


def test_columns_can_be_filtered_by_type(api: Api) -> None:
    condition = f"AttributeType eq {CRM}.AttributeTypeCode'Customer'"
    rows = api.values(f"{CONTACT}/Attributes?$select=LogicalName&$filter={condition}")
    assert [row["LogicalName"] for row in rows] == ["parentcustomerid"]


def test_columns_and_keys_can_be_expanded(api: Api) -> None:
    body = api.json(
        f"{CONTACT}?$select=LogicalName&$expand=Attributes($select=LogicalName,AttributeType),Keys"
    )
    columns = {column["LogicalName"]: column["AttributeType"] for column in body["Attributes"]}
    assert columns["emailaddress1"] == "String"
    assert columns["parentcustomerid"] == "Customer"
    assert columns["ownerid"] == "Owner"
    assert columns["statecode"] == "State"
    assert columns["contactid"] == "Uniqueidentifier"
    assert body["Keys"] == []


def test_a_column_shows_the_members_of_its_type(api: Api) -> None:
    email = api.json(f"{CONTACT}/Attributes(LogicalName='emailaddress1')")
    assert email["@odata.type"] == f"#{CRM}.StringAttributeMetadata"
    assert (email["MaxLength"], email["FormatName"]["Value"]) == (100, "Email")
    assert email["RequiredLevel"]["Value"] == "None"
    assert text_of(email["DisplayName"]) == "Email"
    lookup = api.json(f"{CONTACT}/Attributes(LogicalName='parentcustomerid')")
    assert sorted(lookup["Targets"]) == ["account", "contact"]
    birth = api.json(f"{CONTACT}/Attributes(LogicalName='birthdate')")
    assert birth["DateTimeBehavior"]["Value"] == "DateOnly"
    assert birth["Format"] == "DateOnly"
    name = api.json(f"{CONTACT}/Attributes(LogicalName='fullname')")
    assert (name["IsValidForCreate"], name["IsValidForUpdate"], name["IsPrimaryName"]) == (False, False, True)


def test_a_cast_narrows_a_collection(api: Api) -> None:
    path = f"{CONTACT}/Attributes/{CRM}.DateTimeAttributeMetadata?$select=LogicalName,DateTimeBehavior"
    found = {row["LogicalName"]: row["DateTimeBehavior"]["Value"] for row in api.values(path)}
    assert found["birthdate"] == "DateOnly"
    assert found["createdon"] == "UserLocal"


def test_without_a_cast_only_common_members_can_be_selected(api: Api) -> None:
    answer = api.get(f"{CONTACT}/Attributes?$select=LogicalName,MaxLength")
    assert answer.status_code == 400
    assert "MaxLength" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("table", "column", "kind", "expected"),
    [
        ("contact", "gendercode", "Picklist", {1: "Male", 2: "Female"}),
        ("lead", "statecode", "State", {0: "Open", 1: "Qualified", 2: "Disqualified"}),
        ("contact", "statuscode", "Status", {1: "Active", 2: "Inactive"}),
    ],
)
def test_options_of_choices(api: Api, table: str, column: str, kind: str, expected: dict[int, str]) -> None:
    body = api.json(
        f"EntityDefinitions(LogicalName='{table}')/Attributes(LogicalName='{column}')/{CRM}.{kind}AttributeMetadata"
        "?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)"
    )
    options = body["OptionSet"]["Options"]
    assert {option["Value"]: text_of(option["Label"]) for option in options} == expected
    assert body["GlobalOptionSet"] is None


def test_statuses_name_their_state_and_states_their_status(api: Api) -> None:
    path = "EntityDefinitions(LogicalName='lead')/Attributes(LogicalName='{}')/{}?$expand=OptionSet"
    statuses = api.json(path.format("statuscode", f"{CRM}.StatusAttributeMetadata"))["OptionSet"]["Options"]
    assert {option["Value"]: option["State"] for option in statuses} == {
        1: 0,
        2: 0,
        3: 1,
        4: 2,
        5: 2,
        6: 2,
        7: 2,
    }
    states = api.json(path.format("statecode", f"{CRM}.StateAttributeMetadata"))["OptionSet"]["Options"]
    assert {option["Value"]: option["DefaultStatus"] for option in states} == {0: 1, 1: 3, 2: 4}


def test_labels_of_yes_and_no(api: Api) -> None:
    body = api.json(
        f"{CONTACT}/Attributes(LogicalName='donotbulkemail')/{CRM}.BooleanAttributeMetadata?$expand=OptionSet"
    )
    assert body["DefaultValue"] is False
    assert text_of(body["OptionSet"]["TrueOption"]["Label"]) == "Do Not Allow"
    assert text_of(body["OptionSet"]["FalseOption"]["Label"]) == "Allow"


def test_global_choices(api: Api) -> None:
    body = api.json("GlobalOptionSetDefinitions(Name='list_createdfromcode')")
    assert {option["Value"] for option in body["Options"]} == {1, 2, 4}


def test_relationships(api: Api) -> None:
    one = api.json("RelationshipDefinitions(SchemaName='contact_customer_accounts')")
    assert (one["ReferencedEntity"], one["ReferencingEntity"]) == ("account", "contact")
    assert one["ReferencingEntityNavigationPropertyName"] == "parentcustomerid_account"
    assert api.json("RelationshipDefinitions(LogicalName='Contact_Customer_Accounts')") == one
    many = api.values(f"{CONTACT}/ManyToManyRelationships?$select=SchemaName,IntersectEntityName")
    assert {"listcontact_association": "listmember"}.items() <= {
        row["SchemaName"]: row["IntersectEntityName"] for row in many
    }.items()
    assert api.values(f"{CONTACT}/ManyToOneRelationships?$filter=ReferencingAttribute eq 'ownerid'")
    assert api.values(f"{CONTACT}/OneToManyRelationships?$select=SchemaName")


def test_things_that_are_not_there(api: Api) -> None:
    assert api.get("EntityDefinitions(LogicalName='nothing')").status_code == 404
    assert api.get(f"{CONTACT}/Attributes(LogicalName='nothing')").status_code == 404
    assert api.get("RelationshipDefinitions(SchemaName='nothing')").status_code == 404
    assert (
        api.get(f"{CONTACT}/Attributes(LogicalName='gendercode')/{CRM}.MoneyAttributeMetadata").status_code
        == 404
    )


def test_an_organisation_may_be_without_the_marketing_tables(api: Api) -> None:
    api.control.settings(hidden_tables=["list", "listmember", "lead"])
    names = {row["LogicalName"] for row in api.values("EntityDefinitions?$select=LogicalName")}
    assert not {"list", "lead"} & names
    assert api.get("EntityDefinitions(LogicalName='list')").status_code == 404
    assert error_of(api.get("lists")) == (404, "0x8006088a")
    assert api.post("AddListMembersList", {}).status_code == 404


# Tables


def test_a_new_table_can_be_used_at_once(api: Api) -> None:
    table_id = make_table(api)
    body = api.json(f"EntityDefinitions({table_id})?$select=LogicalName,EntitySetName,IsCustomEntity")
    assert (body["LogicalName"], body["EntitySetName"]) == ("syncline_note", "syncline_notes")
    row = api.json(f"syncline_notes({api.create('syncline_notes', syncline_name='Hello')})")
    assert row["syncline_name"] == "Hello"
    assert (row["statecode"], row["statuscode"]) == (0, 1)
    assert row["_ownerid_value"] == api.json("WhoAmI")["UserId"]
    assert b'EntityType Name="syncline_note"' in api.get("$metadata").content
    condition = "sdkmessageid/name eq 'UpsertMultiple' and primaryobjecttypecode eq 'syncline_note'"
    assert api.values(f"sdkmessagefilters?$filter={condition}")


def test_changes_of_a_new_table_are_tracked_where_that_was_asked_for(api: Api) -> None:
    make_table(api)
    make_table(api, "syncline_Tracked", ChangeTrackingEnabled=True)
    tracked = "EntityDefinitions?$select=LogicalName&$filter=ChangeTrackingEnabled eq true"
    names = {row["LogicalName"] for row in api.values(tracked)}
    assert ("syncline_tracked" in names, "syncline_note" in names) == (True, False)
    assert "@odata.deltaLink" in api.json("syncline_trackeds", Prefer="odata.track-changes")
    assert error_of(api.get("syncline_notes", Prefer="odata.track-changes")) == (400, "0x80072491")


def test_a_table_is_made_once(api: Api) -> None:
    make_table(api)
    answer = api.post("EntityDefinitions", {"SchemaName": "syncline_Note", "Attributes": []})
    assert answer.status_code == 400
    assert api.post("EntityDefinitions", {"SchemaName": "NoPrefix", "Attributes": []}).status_code == 400


def test_create_entities_makes_tables_with_columns(api: Api) -> None:
    entity = {
        "@odata.type": f"{CRM}.ComplexEntityMetadata",
        "SchemaName": "new_Thing",
        "DisplayName": label("Thing"),
        "DisplayCollectionName": label("Things"),
        "OwnershipType": "UserOwned",
        "Attributes": [
            string_column(
                "new_Name", **{"@odata.type": f"{CRM}.ComplexStringAttributeMetadata"}, IsPrimaryName=True
            ),
            {
                "@odata.type": f"{CRM}.ComplexIntegerAttributeMetadata",
                "SchemaName": "new_Number",
                "MaxValue": 9,
            },
        ],
    }
    body = api.post("CreateEntities", {"Entities": [entity]}).json()
    assert len(body["EntityIds"]) == 1
    assert api.post("new_things", {"new_name": "A", "new_number": 9}).status_code == 204
    assert api.post("new_things", {"new_number": 10}).status_code == 400


def test_a_table_can_be_deleted_but_not_a_standard_one(api: Api) -> None:
    make_table(api)
    assert api.delete("EntityDefinitions(LogicalName='syncline_note')").status_code == 204
    assert api.get("syncline_notes").status_code == 404
    assert api.delete(CONTACT).status_code == 400


def test_a_definition_is_replaced_with_put_not_patched(api: Api) -> None:
    make_table(api)
    path = "EntityDefinitions(LogicalName='syncline_note')"
    definition = api.json(path)
    definition["DisplayName"] = label("Remark")
    definition["HasNotes"] = True
    assert api.put(path, definition, MSCRM__MergeLabels="true").status_code == 204
    after = api.json(path)
    assert (text_of(after["DisplayName"]), after["HasNotes"]) == ("Remark", True)
    assert api.patch(path, {}).status_code == 405


# Columns


@pytest.mark.parametrize(
    ("definition", "good", "bad"),
    [
        (
            {
                "@odata.type": f"{CRM}.StringAttributeMetadata",
                "MaxLength": 5,
                "FormatName": {"Value": "Email"},
            },
            "abc",
            "abcdef",
        ),
        ({"@odata.type": f"{CRM}.MemoAttributeMetadata", "MaxLength": 10_000}, "x" * 10_000, "x" * 10_001),
        ({"@odata.type": f"{CRM}.IntegerAttributeMetadata", "MinValue": 0, "MaxValue": 10}, 10, 11),
        (
            {"@odata.type": f"{CRM}.DecimalAttributeMetadata", "MinValue": 0, "MaxValue": 10, "Precision": 2},
            1.25,
            11,
        ),
        ({"@odata.type": f"{CRM}.DoubleAttributeMetadata", "Precision": 5}, 1.12345, "x"),
        ({"@odata.type": f"{CRM}.MoneyAttributeMetadata", "MinValue": 0, "MaxValue": 100}, 99.5, -1),
        ({"@odata.type": f"{CRM}.BooleanAttributeMetadata", "DefaultValue": False}, True, "yes"),
        (
            {"@odata.type": f"{CRM}.DateTimeAttributeMetadata", "Format": "DateAndTime"},
            "2026-01-02T03:04:05Z",
            "soon",
        ),
        (
            {"@odata.type": f"{CRM}.DateTimeAttributeMetadata", "DateTimeBehavior": {"Value": "DateOnly"}},
            "2026-01-02",
            "2026-01-02T00:00:00Z",
        ),
        (
            {
                "@odata.type": f"{CRM}.PicklistAttributeMetadata",
                "OptionSet": {"IsGlobal": False, "Options": [{"Value": 100, "Label": label("Hundred")}]},
            },
            100,
            101,
        ),
        (
            {
                "@odata.type": f"{CRM}.MultiSelectPicklistAttributeMetadata",
                "OptionSet": {
                    "IsGlobal": False,
                    "Options": [{"Value": value, "Label": label(str(value))} for value in (1, 9)],
                },
            },
            "1,9",
            "1,2",
        ),
    ],
    ids=lambda value: value["@odata.type"].rpartition(".")[2] if isinstance(value, dict) else "",
)
def test_columns_of_every_type(api: Api, definition: dict[str, Any], good: Any, bad: Any) -> None:
    body = {"SchemaName": "dd_Column", "DisplayName": label("Column"), **definition}
    answer = api.post(f"{CONTACT}/Attributes", body)
    assert answer.status_code == 204, answer.text
    assert answer.headers["OData-EntityId"].startswith(f"{api.root}{CONTACT}/Attributes(")
    row = api.json(f"contacts({api.create('contacts', dd_column=good)})?$select=dd_column")
    assert row["dd_column"] == good
    assert api.post("contacts", {"dd_column": bad}).status_code == 400
    found = api.json(f"{CONTACT}/Attributes(LogicalName='dd_column')")
    assert found["@odata.type"] == "#" + definition["@odata.type"]
    assert found["IsCustomAttribute"] is True


def test_several_choices_are_filtered_by_their_values(api: Api) -> None:
    options = [{"Value": value, "Label": label(f"Option {value}")} for value in (1, 2, 11)]
    body = {
        "@odata.type": f"{CRM}.MultiSelectPicklistAttributeMetadata",
        "SchemaName": "dd_Many",
        "OptionSet": {"IsGlobal": False, "Options": options},
    }
    assert api.post(f"{CONTACT}/Attributes", body).status_code == 204
    api.create("contacts", firstname="A", dd_many="11,2")
    api.create("contacts", firstname="B", dd_many="1")
    condition = "Microsoft.Dynamics.CRM.ContainValues(PropertyName='dd_many',PropertyValues=['{}'])"
    assert api.names(condition.format("1")) == ["B"]
    assert api.names(condition.format("2")) == ["A"]
    row = api.values(
        "contacts?$select=dd_many&$filter=firstname eq 'A'", Prefer='odata.include-annotations="*"'
    )[0]
    assert row["dd_many"] == "2,11"
    assert row["dd_many@OData.Community.Display.V1.FormattedValue"] == "Option 2; Option 11"


def test_a_column_is_changed_with_put(api: Api) -> None:
    api.post(f"{CONTACT}/Attributes", string_column("dd_Text"))
    path = f"{CONTACT}/Attributes(LogicalName='dd_text')"
    definition = api.json(path)
    definition["MaxLength"] = 5
    definition["DisplayName"] = label("Shorter")
    assert api.put(path, definition, MSCRM__MergeLabels="true").status_code == 204
    assert api.post("contacts", {"dd_text": "123456"}).status_code == 400
    assert text_of(api.json(path)["DisplayName"]) == "Shorter"


def test_a_column_can_be_deleted(api: Api) -> None:
    api.post(f"{CONTACT}/Attributes", string_column("dd_Text"))
    api.create("contacts", dd_text="x")
    assert api.delete(f"{CONTACT}/Attributes(LogicalName='dd_text')").status_code == 204
    assert error_of(api.get("contacts?$select=dd_text")) == (400, "0x0")
    assert api.delete(f"{CONTACT}/Attributes(LogicalName='emailaddress1')").status_code == 400
    assert len(api.values("contacts")) == 1


def test_a_change_that_is_refused_leaves_nothing_behind(api: Api) -> None:
    definition = api.json("EntityDefinitions(LogicalName='listmember')")
    definition |= {"DisplayName": label("Changed"), "ChangeTrackingEnabled": True}
    assert api.put("EntityDefinitions(LogicalName='listmember')", definition).status_code == 400
    after = api.json("EntityDefinitions(LogicalName='listmember')")
    assert text_of(after["DisplayName"]) == "Marketing List Member"


def test_a_global_choice_is_shared(api: Api) -> None:
    options = [{"Value": 1, "Label": label("One")}]
    body = {"Name": "dd_choice", "DisplayName": label("Choice"), "Options": options, "IsGlobal": True}
    made = api.post("GlobalOptionSetDefinitions", {"@odata.type": f"{CRM}.OptionSetMetadata", **body})
    choice = id_of(made.headers["OData-EntityId"])
    column = {
        "@odata.type": f"{CRM}.PicklistAttributeMetadata",
        "SchemaName": "dd_Choice1",
        "GlobalOptionSet@odata.bind": f"/GlobalOptionSetDefinitions({choice})",
    }
    assert api.post(f"{CONTACT}/Attributes", column).status_code == 204
    assert api.post("contacts", {"dd_choice1": 1}).status_code == 204
    assert api.post("contacts", {"dd_choice1": 2}).status_code == 400
    found = api.json(
        f"{CONTACT}/Attributes(LogicalName='dd_choice1')/{CRM}.PicklistAttributeMetadata?$expand=GlobalOptionSet"
    )
    assert found["GlobalOptionSet"]["Name"] == "dd_choice"
    assert api.delete(f"GlobalOptionSetDefinitions({choice})").status_code == 400, "it is in use"


# Relationships


def test_a_lookup_is_made_with_its_relationship(api: Api) -> None:
    make_table(api)
    body = {
        "@odata.type": f"{CRM}.OneToManyRelationshipMetadata",
        "SchemaName": "syncline_contact_note",
        "ReferencedEntity": "contact",
        "ReferencedAttribute": "contactid",
        "ReferencingEntity": "syncline_note",
        "CascadeConfiguration": {"Delete": "Cascade"},
        "Lookup": {
            "@odata.type": f"{CRM}.LookupAttributeMetadata",
            "SchemaName": "syncline_ContactId",
            "DisplayName": label("Contact"),
        },
    }
    assert api.post("RelationshipDefinitions", body).status_code == 204
    contact = api.create("contacts", firstname="Alice")
    bound = {"syncline_ContactId@odata.bind": f"/contacts({contact})"}
    note = api.create("syncline_notes", syncline_name="N", **bound)
    select = "$select=_syncline_contactid_value&$expand=syncline_ContactId($select=firstname)"
    row = api.json(f"syncline_notes({note})?{select}")
    assert row["_syncline_contactid_value"] == contact
    assert row["syncline_ContactId"]["firstname"] == "Alice"
    assert len(api.values(f"contacts({contact})/syncline_contact_note")) == 1
    assert error_of(
        api.post("syncline_notes", {"syncline_contactid@odata.bind": f"/contacts({contact})"})
    ) == (
        400,
        "0x80048d19",
    ), "the navigation property bears the schema name"
    api.delete(f"contacts({contact})")
    assert api.values("syncline_notes") == [], "deletion cascades"


def test_many_to_many_relationships(api: Api) -> None:
    make_table(api)
    body = {
        "@odata.type": f"{CRM}.ManyToManyRelationshipMetadata",
        "SchemaName": "syncline_note_contact",
        "IntersectEntityName": "syncline_note_contact",
        "Entity1LogicalName": "syncline_note",
        "Entity2LogicalName": "contact",
    }
    assert api.post("RelationshipDefinitions", body).status_code == 204
    note, contact = api.create("syncline_notes", syncline_name="N"), api.create("contacts", firstname="A")
    path = f"syncline_notes({note})/syncline_note_contact"
    assert api.post(f"{path}/$ref", {"@odata.id": f"{api.root}contacts({contact})"}).status_code == 204
    assert [row["firstname"] for row in api.values(path)] == ["A"]
    assert api.delete("RelationshipDefinitions(SchemaName='syncline_note_contact')").status_code == 204
    assert api.get(path).status_code == 404


# Solutions


def test_components_go_into_the_named_solution(api: Api) -> None:
    publisher = api.create(
        "publishers",
        uniquename="syncline",
        friendlyname="Syncline",
        customizationprefix="syncline",
        customizationoptionvalueprefix=72000,
    )
    solution = api.create(
        "solutions",
        uniquename="Syncline",
        friendlyname="Syncline",
        version="1.0.0.0",
        **{"publisherid@odata.bind": f"/publishers({publisher})"},
    )
    answer = api.post(
        f"{CONTACT}/Attributes", string_column("syncline_Text"), MSCRM__SolutionUniqueName="Syncline"
    )
    assert answer.status_code == 204
    condition = f"_solutionid_value eq {solution}"
    components = api.values(f"solutioncomponents?$select=componenttype,objectid&$filter={condition}")
    column = api.json(f"{CONTACT}/Attributes(LogicalName='syncline_text')")
    assert [(row["componenttype"], row["objectid"]) for row in components] == [(2, column["MetadataId"])]
    assert (
        api.post(f"{CONTACT}/Attributes", string_column("x_y"), MSCRM__SolutionUniqueName="None").status_code
        == 400
    )
    row = api.json(f"solutions({solution})?$expand=publisherid($select=customizationprefix)")
    assert row["publisherid"]["customizationprefix"] == "syncline"


def test_an_option_is_added_to_a_choice(api: Api) -> None:
    label = {"LocalizedLabels": [{"Label": "Extra", "LanguageCode": 1033}]}
    wanted = {
        "EntityLogicalName": "lead",
        "AttributeLogicalName": "leadqualitycode",
        "Value": 7,
        "Label": label,
    }
    assert api.post("InsertOptionValue", wanted).json()["NewOptionValue"] == 7
    assert api.create("leads", subject="Enquiry", leadqualitycode=7)
    again = api.post("InsertOptionValue", wanted)
    assert (again.status_code, "already exists" in again.text) == (400, True)
    assert api.post("InsertOptionValue", {**wanted, "AttributeLogicalName": "subject"}).status_code == 400


def test_publishing_is_accepted(api: Api) -> None:
    assert api.post("PublishAllXml").status_code == 204
    assert api.post("PublishXml", {"ParameterXml": "<importexportxml/>"}).status_code == 204


def test_metadata_changes_roll_back_with_their_change_set(api: Api) -> None:
    from .test_batch import change_set, request, send

    attribute = string_column("dd_Text")
    send(
        api,
        change_set(
            request("POST", f"{CONTACT}/Attributes", attribute, head="Content-ID: 1"),
            request("POST", "contacts", {"nonsense": 1}, head="Content-ID: 2"),
        ),
    )
    assert api.get(f"{CONTACT}/Attributes(LogicalName='dd_text')").status_code == 404
    assert api.post(f"{CONTACT}/Attributes", attribute).status_code == 204


def test_retrieve_metadata_changes(api: Api) -> None:
    query = (
        '{"Criteria":{"Conditions":[{"PropertyName":"LogicalName","ConditionOperator":"Equals",'
        '"Value":{"Type":"System.String","Value":"contact"}}]},'
        '"Properties":{"PropertyNames":["LogicalName","Attributes"]},'
        '"AttributeQuery":{"Properties":{"PropertyNames":["LogicalName","MaxLength"]}}}'
    )
    body = api.json(f"RetrieveMetadataChanges(Query=@p1)?@p1={query}")
    columns = {row["LogicalName"]: row.get("MaxLength") for row in body["EntityMetadata"][0]["Attributes"]}
    assert columns["emailaddress1"] == 100
