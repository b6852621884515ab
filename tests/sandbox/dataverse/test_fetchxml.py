"""FetchXML (contract §2.7)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import quoteattr

import pytest
from defusedxml import ElementTree

from .api import Api, error_of

COOKIE = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"
MORE = "@Microsoft.Dynamics.CRM.morerecords"


def fetch(api: Api, xml: str, set_name: str = "contacts", **headers: str) -> dict[str, Any]:
    return api.json(f"{set_name}?fetchXml={quote(xml)}", **headers)


def found(api: Api, inner: str, attributes: str = "", set_name: str = "contacts") -> list[Any]:
    """First names (or names) of what a filter finds."""
    table, name = set_name.rstrip("s"), "name" if set_name == "accounts" else "firstname"
    xml = (
        f'<fetch {attributes}><entity name="{table}"><attribute name="{name}" /><order attribute="{name}" />'
        f"{inner}</entity></fetch>"
    )
    return [row.get(name) for row in fetch(api, xml, set_name)["value"]]


def condition(attribute: str, operator: str, *values: str) -> str:
    inner = "".join(f"<value>{value}</value>" for value in values)
    return f'<filter><condition attribute="{attribute}" operator="{operator}">{inner}</condition></filter>'


def test_values_that_are_null_are_left_out(api: Api, people: dict[str, str]) -> None:
    xml = (
        '<fetch><entity name="contact"><attribute name="firstname" /><attribute name="emailaddress1" />'
        '<filter><condition attribute="firstname" operator="eq" value="Carla" /></filter></entity></fetch>'
    )
    body = fetch(api, xml)
    assert [row.keys() for row in body["value"]] == [{"@odata.etag", "firstname", "contactid"}]
    assert MORE not in body


@pytest.mark.parametrize(
    ("inner", "names"),
    [
        (condition("firstname", "eq", "alice"), ["Alice"]),
        (condition("firstname", "ne", "Alice"), ["Bob", "Carla"]),
        (condition("emailaddress1", "ne", "alice@acme.example"), ["Bob", "Carla"]),
        (condition("firstname", "like", "%ob%"), ["Bob"]),
        (condition("firstname", "not-like", "%ob%"), ["Alice", "Carla"]),
        (condition("firstname", "begins-with", "Ca"), ["Carla"]),
        (condition("firstname", "ends-with", "a"), ["Carla"]),
        (condition("firstname", "in", "Alice", "Bob"), ["Alice", "Bob"]),
        (condition("firstname", "not-in", "Alice", "Bob"), ["Carla"]),
        (condition("emailaddress1", "null"), ["Carla"]),
        (condition("emailaddress1", "not-null"), ["Alice", "Bob"]),
        (condition("annualincome", "between", "20000", "25000"), ["Bob"]),
        (condition("annualincome", "gt", "20000"), ["Alice"]),
        (condition("donotbulkemail", "eq", "1"), ["Bob"]),
        (condition("birthdate", "on", "1980-02-29"), ["Alice"]),
        (condition("birthdate", "on-or-after", "1980-03-01"), []),
        (condition("createdon", "last-x-days", "2"), ["Alice", "Bob", "Carla"]),
        (condition("createdon", "today"), ["Alice", "Bob", "Carla"]),
        (condition("createdon", "olderthan-x-months", "1"), []),
        (condition("ownerid", "eq-userid"), ["Alice", "Bob", "Carla"]),
        (condition("ownerid", "ne-userid"), []),
        (
            '<filter type="or"><condition attribute="firstname" operator="eq" value="Alice" /><filter>'
            '<condition attribute="firstname" operator="eq" value="Bob" />'
            '<condition attribute="donotbulkemail" operator="eq" value="true" /></filter></filter>',
            ["Alice", "Bob"],
        ),
        ('<filter><condition attribute="firstname" operator="eq" valueof="lastname" /></filter>', []),
    ],
)
def test_operators(api: Api, people: dict[str, str], inner: str, names: list[str]) -> None:
    assert found(api, inner) == names


def test_links(api: Api, people: dict[str, str]) -> None:
    link = (
        '<link-entity name="account" from="accountid" to="parentcustomerid" alias="a" link-type="{}">{}'
        "</link-entity>"
    )
    inner = link.format("inner", '<attribute name="name" />' + condition("name", "eq", "Acme"))
    assert found(api, inner) == ["Alice", "Bob"]
    outer = (
        link.format("outer", "")
        + '<filter><condition entityname="a" attribute="name" operator="null" /></filter>'
    )
    assert found(api, outer) == ["Carla"]
    assert found(api, link.format("not any", "")) == ["Carla"]
    assert found(api, link.format("exists", condition("name", "eq", "Nobody"))) == []


def test_linked_columns_bear_their_alias(api: Api, people: dict[str, str]) -> None:
    xml = (
        '<fetch><entity name="contact"><attribute name="firstname" alias="first" />'
        '<link-entity name="account" from="accountid" to="parentcustomerid" alias="company">'
        '<attribute name="name" /><attribute name="accountid" alias="companyid" /></link-entity>'
        '<filter><condition attribute="firstname" operator="eq" value="Bob" /></filter></entity></fetch>'
    )
    row = fetch(api, xml)["value"][0]
    assert (row["first"], row["company.name"], row["companyid"]) == ("Bob", "Acme", people["Acme"])


def test_members_of_a_list_by_link(api: Api, people: dict[str, str]) -> None:
    from .test_lists import add_many, make_list, member

    made = make_list(api)
    add_many(api, made, member(people["Alice"]))
    inner = condition("listid", "eq", made)
    link = f'<link-entity name="listmember" from="entityid" to="contactid">{inner}</link-entity>'
    assert found(api, link) == ["Alice"]


def test_distinct_takes_repeated_rows_together(api: Api, people: dict[str, str]) -> None:
    link = '<link-entity name="contact" from="parentcustomerid" to="accountid" />'
    assert found(api, link, set_name="accounts") == ["Acme", "Acme"]
    assert found(api, link, 'distinct="true"', set_name="accounts") == ["Acme"]


def test_choices_are_sorted_by_label(api: Api) -> None:
    for name, quality in (("Hot", 1), ("Warm", 2), ("Cold", 3)):
        api.create("leads", lastname=name, leadqualitycode=quality)
    xml = (
        '<fetch><entity name="lead"><attribute name="lastname" />'
        '<order attribute="leadqualitycode" /></entity></fetch>'
    )
    assert [row["lastname"] for row in fetch(api, xml, "leads")["value"]] == ["Cold", "Hot", "Warm"]


@pytest.mark.parametrize("with_cookie", [True, False])
def test_pages(api: Api, with_cookie: bool) -> None:
    api.control.seed(table="contact", count=7)
    names: list[str] = []
    page, cookie = 1, ""
    while True:
        xml = (
            f'<fetch count="3" page="{page}"{cookie}><entity name="contact"><attribute name="firstname" />'
            '<order attribute="lastname" descending="true" /></entity></fetch>'
        )
        body = fetch(api, xml, Prefer='odata.include-annotations="*"')
        names += [row["firstname"] for row in body["value"]]
        if not body.get(MORE):
            break
        outer = ElementTree.fromstring(body[COOKIE])
        assert outer.attrib["pagenumber"] == str(page + 1)
        inner = unquote(unquote(outer.attrib["pagingcookie"]))
        assert inner.startswith(f'<cookie page="{page}">')
        page += 1
        cookie = f" paging-cookie={quoteattr(inner)}" if with_cookie else ""
    assert names == [f"First {number}" for number in range(6, -1, -1)]


def test_paging_without_a_cookie_ends_at_fifty_thousand(api: Api) -> None:
    xml = (
        '<fetch count="5000" page="{}"><entity name="contact"><attribute name="firstname" /></entity></fetch>'
    )
    assert fetch(api, xml.format(10))["value"] == []
    assert api.get(f"contacts?fetchXml={quote(xml.format(11))}").status_code == 400


def test_aggregates(api: Api, people: dict[str, str]) -> None:
    xml = (
        '<fetch aggregate="true"><entity name="contact">'
        '<attribute name="contactid" aggregate="count" alias="number" />'
        '<attribute name="annualincome" aggregate="sum" alias="total" />'
        '<attribute name="donotbulkemail" groupby="true" alias="blocked" /></entity></fetch>'
    )
    rows = {row["blocked"]: (row["number"], row.get("total")) for row in fetch(api, xml)["value"]}
    assert rows == {True: (1, 20000.0), False: (2, 30000.0)}


def test_the_number_of_rows_can_be_asked(api: Api, people: dict[str, str]) -> None:
    xml = (
        '<fetch count="1" returntotalrecordcount="true"><entity name="contact">'
        '<attribute name="firstname" /></entity></fetch>'
    )
    body = fetch(api, xml, Prefer='odata.include-annotations="*"')
    assert body["@Microsoft.Dynamics.CRM.totalrecordcount"] == 3


@pytest.mark.parametrize(
    "xml",
    [
        "nonsense",
        "<fetch>",
        "<fetch><entity/></fetch>",
        '<fetch><entity name="account" /></fetch>',
        '<fetch><entity name="contact"><attribute name="nope" /></entity></fetch>',
        '<fetch top="5" page="2"><entity name="contact" /></fetch>',
        '<fetch><entity name="contact"><filter><condition attribute="firstname" operator="nope" />'
        "</filter></entity></fetch>",
        '<fetch><entity name="contact"><filter>'
        '<condition attribute="createdon" operator="last-x-days" value="x" />'
        "</filter></entity></fetch>",
        '<!DOCTYPE x [<!ENTITY e "x">]><fetch><entity name="contact"><attribute name="&e;" />'
        "</entity></fetch>",
    ],
)
def test_bad_queries_are_refused(api: Api, xml: str) -> None:
    assert error_of(api.get(f"contacts?fetchXml={quote(xml)}"))[0] == 400
