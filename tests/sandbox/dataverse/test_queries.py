"""$select, $filter, $orderby, $top, $count, $expand, $apply (contract §2.4)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from .api import Api, error_of, message_of

People = dict[str, str]


def test_a_selection_has_its_columns_its_key_and_its_version(api: Api, people: People) -> None:
    body = api.json(f"contacts({people['Carla']})?$select=firstname,emailaddress1")
    assert body["@odata.context"] == f"{api.root}$metadata#contacts(firstname,emailaddress1)/$entity"
    assert body.pop("@odata.etag").startswith('W/"')
    assert body.keys() == {"@odata.context", "firstname", "emailaddress1", "contactid"}
    assert body["emailaddress1"] is None, "columns without a value are present as null"


def test_the_context_of_a_collection_has_the_bare_name_without_a_selection(api: Api) -> None:
    assert api.json("contacts")["@odata.context"] == f"{api.root}$metadata#contacts"


def test_some_columns_bring_others_along(api: Api, people: People) -> None:
    row = api.json(f"contacts({people['Alice']})?$select=annualincome,address1_line1")
    assert "_transactioncurrencyid_value" in row
    assert "address1_composite" in row


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("firstname eq 'Alice'", ["Alice"]),
        ("firstname eq 'ALICE'", ["Alice"]),
        ("firstname ne 'Alice'", ["Bob", "Carla"]),
        ("emailaddress1 ne 'alice@acme.example'", ["Bob", "Carla"]),
        ("emailaddress1 eq null", ["Carla"]),
        ("emailaddress1 ne null", ["Alice", "Bob"]),
        ("annualincome gt 20000", ["Alice"]),
        ("annualincome ge 20000 and annualincome le 30000.0", ["Alice", "Bob"]),
        ("30000 eq annualincome", ["Alice"]),
        ("donotbulkemail eq true", ["Bob"]),
        ("donotbulkemail", ["Bob"]),
        ("not donotbulkemail", ["Alice", "Carla"]),
        ("contains(lastname,'ak')", ["Bob"]),
        ("startswith(lastname,'A') or endswith(lastname,'LLO')", ["Alice", "Carla"]),
        ("contains(lastname,'a%r')", ["Alice", "Bob"]),
        ("contains(lastname,'[bc]a')", ["Bob", "Carla"]),
        ("not contains(emailaddress1,'alice')", ["Bob", "Carla"]),
        ("contains(firstname,'li') eq true", ["Alice"]),
        ("(firstname eq 'Alice' or firstname eq 'Bob') and donotbulkemail eq false", ["Alice"]),
        ("firstname eq lastname", []),
        ("birthdate eq 1980-02-29", ["Alice"]),
        ("createdon gt 2001-01-01T00:00:00Z", ["Alice", "Bob", "Carla"]),
        ("createdon gt 2001-01-01", ["Alice", "Bob", "Carla"]),
        ("createdon lt 2001-01-01T12:00:00.123+02:00", []),
        ("preferredcontactmethodcode eq 2", ["Alice"]),
        ("parentcustomerid_account/name eq 'acme'", ["Alice", "Bob"]),
        ("_parentcustomerid_value eq null", ["Carla"]),
        ("owninguser/fullname eq 'Connector Service'", ["Alice", "Bob", "Carla"]),
        (
            "Microsoft.Dynamics.CRM.In(PropertyName='firstname',PropertyValues=['bob','Carla'])",
            ["Bob", "Carla"],
        ),
        ("Microsoft.Dynamics.CRM.NotIn(PropertyName='firstname',PropertyValues=['Bob'])", ["Alice", "Carla"]),
        (
            'Microsoft.Dynamics.CRM.Between(PropertyName=\'annualincome\',PropertyValues=["1","20000"])',
            ["Bob"],
        ),
        ("Microsoft.Dynamics.CRM.Today(PropertyName='createdon')", ["Alice", "Bob", "Carla"]),
        (
            "Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=3)",
            ["Alice", "Bob", "Carla"],
        ),
        ("Microsoft.Dynamics.CRM.OlderThanXDays(PropertyName='createdon',PropertyValue=3)", []),
        ("Microsoft.Dynamics.CRM.On(PropertyName='birthdate',PropertyValue='1980-02-29')", ["Alice"]),
        ("Microsoft.Dynamics.CRM.OnOrBefore(PropertyName='birthdate',PropertyValue='1980-02-28')", []),
        ("Microsoft.Dynamics.CRM.EqualUserId(PropertyName='ownerid')", ["Alice", "Bob", "Carla"]),
        ("Microsoft.Dynamics.CRM.ThisYear(PropertyName='createdon') and firstname eq 'Bob'", ["Bob"]),
        ("Microsoft.Dynamics.CRM.InFiscalYear(PropertyName='birthdate',PropertyValue=1980)", ["Alice"]),
    ],
)
def test_filters(api: Api, people: People, condition: str, found: list[str]) -> None:
    assert api.names(condition) == found


def test_text_compares_without_regard_to_case_beyond_ascii(api: Api) -> None:
    api.create("contacts", firstname="Zoë", lastname="ÖZİL")
    assert api.names("firstname eq 'ZOË'") == ["Zoë"]
    assert api.names("startswith(lastname,'öz')") == ["Zoë"]


def test_filters_on_collections(api: Api, people: People) -> None:
    assert api.names("contact_customer_accounts/any(c:c/firstname eq 'Bob')", "accounts", "name") == ["Acme"]
    assert api.names("contact_customer_accounts/any(c:c/firstname eq 'Carla')", "accounts", "name") == []
    assert api.names("contact_customer_accounts/all(c:c/emailaddress1 ne null)", "accounts", "name") == [
        "Acme"
    ]
    api.create("accounts", name="Empty")
    assert api.names("not contact_customer_accounts/any()", "accounts", "name") == ["Empty"]


def test_parameter_aliases_and_unset_ones(api: Api, people: People) -> None:
    path = "contacts?$select=firstname&$filter=contains(lastname,@p1)&@p1='ake'"
    assert [row["firstname"] for row in api.values(path)] == ["Bob"]
    path = "contacts?$select=firstname&$filter=emailaddress1 eq @unset"
    assert [row["firstname"] for row in api.values(path)] == ["Carla"]


def test_every_way_of_encoding_is_read(api: Api, people: People) -> None:
    for query in (
        "$filter=firstname eq 'Bob'",
        "%24filter=firstname+eq+%27Bob%27",
        "$filter=firstname%20eq%20%27Bob%27",
    ):
        assert len(api.values(f"contacts?{query}")) == 1, query
    api.create("contacts", firstname="O'Neil & Söhne + 100%")
    assert api.names("firstname eq 'O''Neil & Söhne + 100%'") == ["O'Neil & Söhne + 100%"]


@pytest.mark.parametrize(
    "query",
    [
        "$skip=1",
        "$search=x",
        "$format=json",
        "$filter=firstname eq",
        "$filter=firstname eq 'open",
        "$filter=(firstname eq 'a'",
        "$filter=firstname eq 5",
        "$filter=donotbulkemail eq 'true'",
        "$filter=year(createdon) eq 2020",
        "$filter=firstname in ('a')",
        "$filter=Microsoft.Dynamics.CRM.Nonsense(PropertyName='firstname')",
        "$filter='a' eq 'a'",
        "$top=-1",
        "$top=many",
        "$count=perhaps",
        "$select=firstname,,lastname",
        "$expand=owninguser($skip=1)",
    ],
)
def test_what_is_not_supported_is_refused(api: Api, query: str) -> None:
    answer = api.get(f"contacts?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"].keys() == {"code", "message"}


@pytest.mark.parametrize("query", ["$select=nope", "$filter=nope eq 1", "$orderby=nope", "$expand=nope"])
def test_unknown_columns_are_named(api: Api, query: str) -> None:
    answer = api.get(f"contacts?{query}")
    assert error_of(answer) == (400, "0x0")
    expected = "Could not find a property named 'nope' on type 'Microsoft.Dynamics.CRM.contact'."
    assert message_of(answer) == expected


def test_order_by_several_columns(api: Api, people: People) -> None:
    path = "contacts?$select=firstname&$orderby=donotbulkemail desc,firstname desc"
    assert [row["firstname"] for row in api.values(path)] == ["Bob", "Carla", "Alice"]


def test_choices_are_sorted_by_value_and_lookups_by_name(api: Api) -> None:
    for name, quality in (("Warm", 2), ("Cold", 3), ("Hot", 1)):
        api.create("leads", lastname=name, leadqualitycode=quality)
    path = "leads?$select=lastname&$orderby=leadqualitycode"
    assert [row["lastname"] for row in api.values(path)] == ["Hot", "Warm", "Cold"]
    for name in ("Zebra", "Ant"):
        account = api.create("accounts", name=name)
        api.create(
            "contacts", firstname=name, **{"parentcustomerid_account@odata.bind": f"accounts({account})"}
        )
    path = "contacts?$select=firstname&$orderby=_parentcustomerid_value"
    assert [row["firstname"] for row in api.values(path)] == ["Ant", "Zebra"]


def test_top_limits_and_does_not_page(api: Api, people: People) -> None:
    body = api.json("contacts?$select=firstname&$top=2")
    assert len(body["value"]) == 2
    assert "@odata.nextLink" not in body
    assert len(api.json("contacts?$top=1", Prefer="odata.maxpagesize=2")["value"]) == 2, "$top is ignored"


def test_counts(api: Api, people: People) -> None:
    assert api.json("contacts?$count=true&$top=1")["@odata.count"] == 3
    assert api.get("contacts/$count").content == b"\xef\xbb\xbf3"
    assert api.get("contacts/$count").headers["Content-Type"].startswith("text/plain")
    assert api.get("contacts/$count?$filter=donotbulkemail eq true").text.lstrip("\ufeff") == "1"


def test_a_count_is_capped_at_five_thousand(api: Api) -> None:
    api.control.seed(table="contact", count=5003)
    body = api.json("contacts?$select=firstname&$count=true", Prefer='odata.include-annotations="*"')
    assert body["@odata.count"] == body["@Microsoft.Dynamics.CRM.totalrecordcount"] == 5000
    assert body["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] is True
    assert api.get("contacts/$count").text.lstrip("\ufeff") == "5000"


def test_expand_to_one(api: Api, people: People) -> None:
    path = (
        f"contacts({people['Bob']})?$select=firstname"
        "&$expand=parentcustomerid_account($select=name;$expand=owninguser($select=fullname)),owninguser/$ref"
    )
    row = api.json(path)
    account = row["parentcustomerid_account"]
    assert (account["name"], account["accountid"]) == ("Acme", people["Acme"])
    assert account["owninguser"]["fullname"] == "Connector Service"
    assert row["owninguser"]["@odata.id"].startswith(f"{api.root}systemusers(")
    assert (
        api.json(f"contacts({people['Carla']})?$expand=parentcustomerid_account")["parentcustomerid_account"]
        is None
    )


def test_expand_to_many_always_has_a_next_link(api: Api, people: People) -> None:
    path = (
        f"accounts({people['Acme']})?$select=name"
        "&$expand=contact_customer_accounts($select=firstname;$filter=donotbulkemail eq "
        "true;$orderby=firstname)"
    )
    row = api.json(path)
    assert [child["firstname"] for child in row["contact_customer_accounts"]] == ["Bob"]
    link = row["contact_customer_accounts@odata.nextLink"]
    assert link.startswith(f"{api.root}accounts({people['Acme']})/contact_customer_accounts?")
    assert [child["firstname"] for child in api.values(link)] == ["Bob"]


def test_expand_has_its_limits(api: Api, people: People) -> None:
    assert error_of(api.get("accounts?$expand=contact_customer_accounts/$ref")) == (400, "0x80060888")
    many = ",".join(["owninguser"] * 16)
    assert api.get(f"contacts?$expand={many}").status_code == 400
    nested = "accounts?$expand=contact_customer_accounts($expand=listcontact_association)"
    assert api.get(nested).status_code == 400


def test_the_owner_is_a_principal(api: Api, people: People) -> None:
    owner = api.json(f"contacts({people['Bob']})?$select=firstname&$expand=ownerid")["ownerid"]
    assert owner["@odata.type"] == "#Microsoft.Dynamics.CRM.systemuser"
    assert owner["ownerid"] == api.json("WhoAmI")["UserId"]


def test_navigation_by_path(api: Api, people: People) -> None:
    assert api.json(f"contacts({people['Bob']})/parentcustomerid_account?$select=name")["name"] == "Acme"
    assert api.json(f"contacts({people['Bob']})/parentcustomerid_account/name")["value"] == "Acme"
    children = api.values(
        f"accounts({people['Acme']})/contact_customer_accounts?$select=firstname&$orderby=firstname"
    )
    assert [child["firstname"] for child in children] == ["Alice", "Bob"]
    assert (
        api.get(f"accounts({people['Acme']})/contact_customer_accounts/$count").text.lstrip("\ufeff") == "2"
    )
    references = api.values(f"accounts({people['Acme']})/contact_customer_accounts/$ref")
    assert {"@odata.id": f"{api.root}contacts({people['Bob']})"} in references
    assert api.get(f"contacts({people['Carla']})/parentcustomerid_account").status_code == 204


def test_aggregation(api: Api, people: People) -> None:
    body = api.values("contacts?$apply=groupby((donotbulkemail),aggregate(annualincome with sum as total))")
    assert sorted(row["total"] for row in body) == [20000, 30000]
    path = (
        "contacts?$apply=filter(firstname ne 'Bob')/aggregate($count as number,annualincome with max as top)"
    )
    assert api.values(path) == [{"number": 2, "top": 30000.0}]


def test_sql_as_microsofts_sdk_sends_it(api: Api, people: People) -> None:
    def ask(statement: str) -> list[dict[str, object]]:
        return api.values(f"contacts?sql={quote(statement)}")

    assert ask("SELECT TOP 1 firstname, donotbulkemail FROM contact WHERE firstname = 'bob'") == [
        {"firstname": "Bob", "donotbulkemail": True}
    ]
    assert api.get(f"contacts?sql={quote('DELETE FROM contact')}").status_code == 400
    assert api.get(f"contacts?sql={quote('SELECT * FROM _state')}").status_code == 400
