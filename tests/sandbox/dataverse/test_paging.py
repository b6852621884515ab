"""Pages and annotations (contract §2.5, §2.6)."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from defusedxml import ElementTree

from .api import Api, error_of

FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOOKUP = "Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"


def test_pages_hold_each_row_once(api: Api) -> None:
    api.control.seed(table="contact", count=25)
    pages = list(api.pages("contacts?$select=firstname", Prefer="odata.maxpagesize=10"))
    assert [len(page["value"]) for page in pages] == [10, 10, 5]
    assert len({row["contactid"] for page in pages for row in page["value"]}) == 25


def test_the_largest_page_has_five_thousand_rows(api: Api) -> None:
    api.control.seed(table="contact", count=5001)
    pages = list(api.pages("contacts?$select=firstname", Prefer="odata.maxpagesize=20000"))
    assert [len(page["value"]) for page in pages] == [5000, 1]
    assert [len(page["value"]) for page in api.pages("contacts?$select=firstname")] == [5000, 1]


@pytest.mark.parametrize("order", ["jobtitle", "jobtitle desc", "annualincome desc,firstname", "createdon"])
def test_pages_of_an_ordered_query_with_ties_and_nulls(api: Api, order: str) -> None:
    titles = ["Cook", None, "Actor", "Cook", None, "Baker", "actor", "Cook"]
    for number, title in enumerate(titles):
        api.create("contacts", firstname=f"P{number}", jobtitle=title, annualincome=number % 3 or None)
    query = f"contacts?$select=firstname,jobtitle&$orderby={order}"
    whole = [row["firstname"] for row in api.values(query)]
    paged = [
        row["firstname"] for page in api.pages(query, Prefer="odata.maxpagesize=3") for row in page["value"]
    ]
    assert paged == whole
    assert sorted(paged) == [f"P{number}" for number in range(8)]


def test_the_cookie_has_the_services_shape(api: Api) -> None:
    api.control.seed(table="contact", count=3)
    body = api.json("contacts?$select=firstname&$filter=firstname ne 'x'", Prefer="odata.maxpagesize=2")
    query = parse_qs(urlsplit(body["@odata.nextLink"]).query)
    assert query["$select"] == ["firstname"]
    assert query["$filter"] == ["firstname ne 'x'"]
    outer = ElementTree.fromstring(query["$skiptoken"][0])
    assert (outer.attrib["pagenumber"], outer.attrib["istracking"]) == ("2", "False")
    inner = ElementTree.fromstring(unquote(unquote(outer.attrib["pagingcookie"])))
    assert inner.attrib["page"] == "1"
    key = inner.find("contactid")
    assert key is not None
    assert key.attrib["last"] == "{" + body["value"][-1]["contactid"].upper() + "}"


@pytest.mark.parametrize("token", ["nonsense", "<cookie/>", "<cookie pagenumber='2' pagingcookie='x'/>"])
def test_a_broken_cookie_is_refused(api: Api, token: str) -> None:
    assert api.get(f"contacts?$skiptoken={token}").status_code == 400


def test_rows_deleted_between_pages_do_not_shift_the_rest(api: Api) -> None:
    api.control.seed(table="contact", count=6)
    first = api.json("contacts?$select=firstname", Prefer="odata.maxpagesize=3")
    api.delete(f"contacts({first['value'][0]['contactid']})")
    second = api.json(first["@odata.nextLink"], Prefer="odata.maxpagesize=3")
    assert [row["firstname"] for row in second["value"]] == ["First 3", "First 4", "First 5"]


def test_applied_preferences_are_echoed(api: Api) -> None:
    answer = api.get("contacts", Prefer='odata.maxpagesize=7,odata.include-annotations="*"')
    applied = answer.headers["Preference-Applied"]
    assert "odata.maxpagesize=7" in applied
    assert 'odata.include-annotations="*"' in applied
    assert "Preference-Applied" not in api.get("contacts").headers


def test_annotations_explain_values(api: Api, people: dict[str, str]) -> None:
    select = "statecode,donotbulkemail,annualincome,birthdate,createdon,preferredcontactmethodcode"
    path = f"contacts({people['Alice']})?$select={select},_parentcustomerid_value,emailaddress1"
    api.control.set_clock("2026-11-01T21:05:00Z")
    api.token = api.new_token()
    row = api.json(path, Prefer='odata.include-annotations="*"')
    assert row[f"statecode@{FORMATTED}"] == "Active"
    assert row[f"donotbulkemail@{FORMATTED}"] == "Allow"
    assert row[f"annualincome@{FORMATTED}"] == "$30,000.00"
    assert row[f"birthdate@{FORMATTED}"] == "2/29/1980"
    assert row[f"preferredcontactmethodcode@{FORMATTED}"] == "Email"
    assert row[f"_parentcustomerid_value@{FORMATTED}"] == "Acme"
    assert row[f"_parentcustomerid_value@{LOOKUP}"] == "account"
    assert row[f"_parentcustomerid_value@{NAVIGATION}"] == "parentcustomerid_account"
    assert f"emailaddress1@{FORMATTED}" not in row
    made = api.create("contacts", firstname="Late")
    late = api.json(f"contacts({made})?$select=createdon", Prefer='odata.include-annotations="*"')
    assert late[f"createdon@{FORMATTED}"] == "11/1/2026 9:05 PM"


@pytest.mark.parametrize(
    ("wanted", "present", "absent"),
    [
        (f'"{FORMATTED}"', FORMATTED, LOOKUP),
        ('"Microsoft.Dynamics.CRM.*"', LOOKUP, FORMATTED),
        (f'"*,-{LOOKUP}"', FORMATTED, LOOKUP),
        (f'"{FORMATTED},{LOOKUP}"', LOOKUP, NAVIGATION),
    ],
)
def test_annotations_come_as_they_were_asked_for(
    api: Api, people: dict[str, str], wanted: str, present: str, absent: str
) -> None:
    path = f"contacts({people['Alice']})?$select=_parentcustomerid_value"
    row = api.json(path, Prefer=f"odata.include-annotations={wanted}")
    assert f"_parentcustomerid_value@{present}" in row
    assert f"_parentcustomerid_value@{absent}" not in row


def test_nothing_is_annotated_where_there_is_no_value(api: Api, people: dict[str, str]) -> None:
    path = f"contacts({people['Carla']})?$select=_parentcustomerid_value,annualincome"
    row = api.json(path, Prefer='odata.include-annotations="*"')
    assert not [name for name in row if name.startswith(("_parentcustomerid_value@", "annualincome@"))]


def test_errors_have_details_when_annotations_are_wanted(api: Api) -> None:
    plain = api.get("contacts(00000000-0000-0000-0000-000000000001)")
    assert plain.json()["error"].keys() == {"code", "message"}
    detailed = api.get(
        "contacts(00000000-0000-0000-0000-000000000001)", Prefer='odata.include-annotations="*"'
    ).json()["error"]
    assert "@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus" in detailed
    assert "@Microsoft.PowerApps.CDS.HelpLink" in detailed


def test_a_row_missing(api: Api) -> None:
    answer = api.get("contacts(00000000-0000-0000-0000-000000000001)")
    assert error_of(answer) == (404, "0x80040217")
    expected = "contact With Id = 00000000-0000-0000-0000-000000000001 Does Not Exist"
    assert answer.json()["error"]["message"] == expected
