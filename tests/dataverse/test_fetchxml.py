"""Saved queries of dynamic lists, turned into ones that read members."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from urllib.parse import quote

import pytest

from syncline.dataverse import InvalidQuery, fetchxml, member_query

SAVED = """
<fetch version="1.0" output-format="xml-platform" mapping="logical" distinct="true" page="3" count="50">
  <entity name="contact">
    <attribute name="fullname"/><all-attributes/>
    <order attribute="fullname" descending="false"/>
    <filter type="and"><condition attribute="lastname" operator="like" value="%&amp;%"/></filter>
    <link-entity name="account" from="accountid" to="parentcustomerid" alias="a">
      <attribute name="name"/><order attribute="name"/>
      <filter><condition attribute="name" operator="eq" value="Contoso"/></filter>
    </link-entity>
  </entity>
</fetch>
"""


def rewritten(saved: str, **options: object) -> ET.Element:
    columns = ["emailaddress1", "contactid"]
    query = member_query(saved, table="contact", primary_key="contactid", columns=columns)
    return ET.fromstring(query)


def test_columns_are_replaced_and_conditions_stay() -> None:
    fetch = rewritten(SAVED)
    entity = fetch.find("entity")
    assert entity is not None
    assert [found.get("name") for found in fetch.iter("attribute")] == ["contactid", "emailaddress1"]
    assert not list(fetch.iter("all-attributes"))
    values = [found.get("value") for found in fetch.iter("condition")]
    assert values == ["%&%", "Contoso"]
    assert fetch.get("distinct") == "true"


def test_the_order_becomes_stable_and_old_paging_goes() -> None:
    fetch = rewritten(SAVED)
    assert [found.attrib for found in fetch.iter("order")] == [{"attribute": "contactid"}]
    assert fetch.get("page") is None
    assert fetch.get("count") is None


def test_a_query_for_the_first_rows_keeps_its_order_and_is_not_paged() -> None:
    top = SAVED.replace('page="3" count="50"', 'top="10"')
    fetch = rewritten(top)
    assert [found.get("attribute") for found in fetch.iter("order")] == ["fullname", "name"]
    page = ET.fromstring(
        fetchxml.paged(ET.tostring(fetch, encoding="unicode"), fetchxml.FetchCursor(1, ""), 5000)
    )
    assert page.get("top") == "10"
    assert page.get("count") is None


@pytest.mark.parametrize(
    ("saved", "says"),
    [
        ("", "not XML"),
        ("<fetch><entity name='contact'>", "not XML"),
        ("<savedquery/>", "<savedquery>"),
        ("<fetch/>", "no table"),
        ("<fetch><entity name='lead'/></fetch>", "lead"),
        ("<fetch aggregate='true'><entity name='contact'/></fetch>", "aggregate"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><fetch><entity name="contact">&a;</entity></fetch>', "not XML"),
    ],
)
def test_what_is_no_member_query_is_refused_in_words(saved: str, says: str) -> None:
    with pytest.raises(InvalidQuery, match=says) as caught:
        rewritten(saved)
    assert "Dynamics" in caught.value.what_to_do


def test_the_cookie_is_decoded_twice_and_put_into_the_next_page() -> None:
    inner = '<cookie page="1"><contactid last="{AB&amp;C}" first="{D}" /></cookie>'
    annotation = f'<cookie pagenumber="2" pagingcookie="{quote(quote(inner))}" istracking="False" />'
    cursor = fetchxml.next_cursor(fetchxml.FetchCursor(1, ""), annotation, more=True)
    assert cursor is not None
    assert cursor.cookie == inner
    assert fetchxml.FetchCursor.parse(cursor.text) == cursor
    page = ET.fromstring(fetchxml.paged("<fetch><entity name='contact'/></fetch>", cursor, 100))
    assert (page.get("page"), page.get("count"), page.get("paging-cookie")) == ("2", "100", inner)


def test_there_is_no_next_page_unless_the_service_says_so() -> None:
    assert fetchxml.next_cursor(fetchxml.FetchCursor(1, ""), "<cookie pagingcookie='x'/>", more=False) is None
    following = fetchxml.next_cursor(fetchxml.FetchCursor(4, ""), None, more=True)
    assert following == fetchxml.FetchCursor(5, "")
