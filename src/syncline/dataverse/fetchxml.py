"""FetchXML: paging cookies, and turning a dynamic list's saved query into one that reads its members."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from urllib.parse import unquote

import defusedxml.ElementTree
import msgspec
from defusedxml import DefusedXmlException

from syncline.dataverse.errors import InvalidQuery

COOKIE = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"
MORE = "@Microsoft.Dynamics.CRM.morerecords"
PAGING_ATTRIBUTES = ("count", "page", "paging-cookie", "returntotalrecordcount")


class FetchCursor(msgspec.Struct, frozen=True, array_like=True):
    """Where the next page begins; `text` is what a step stores."""

    page: int
    cookie: str

    @property
    def text(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def parse(cls, text: str) -> FetchCursor:
        return msgspec.json.decode(text, type=cls)


def member_query(fetchxml: str, *, table: str, primary_key: str, columns: Sequence[str]) -> str:
    """The saved query with its columns replaced by `columns` and the primary key, in a stable order.

    Conditions and joins stay. Where the query takes only its first rows (`top`), its own order stays too,
    since that order decides who the members are; such a query is never paged.
    """
    fetch = _parsed(fetchxml)
    entity = fetch.find("entity")
    if entity is None or entity.get("name") != table:
        found = None if entity is None else entity.get("name")
        raise InvalidQuery(
            f"The saved query is about {found or 'no table'}, the list's members are of {table}"
        )
    if fetch.get("aggregate") in ("true", "1"):
        raise InvalidQuery("The saved query adds rows up (aggregate), so that it has no members")
    for attribute in PAGING_ATTRIBUTES:
        fetch.attrib.pop(attribute, None)
    is_top = fetch.get("top") is not None
    for node in [entity, *entity.iter("link-entity")]:
        _remove(node, "attribute", "all-attributes")
        if not is_top:
            _remove(node, "order")
    for position, column in enumerate(dict.fromkeys([primary_key, *columns])):
        entity.insert(position, ET.Element("attribute", name=column))
    if not is_top:
        entity.append(ET.Element("order", attribute=primary_key))
    return ET.tostring(fetch, encoding="unicode")


def paged(fetchxml: str, cursor: FetchCursor, page_size: int) -> str:
    """The query for one page; a query with `top` is one page by itself."""
    fetch = _parsed(fetchxml)
    if fetch.get("top") is not None:
        return ET.tostring(fetch, encoding="unicode")
    fetch.set("count", str(page_size))
    fetch.set("page", str(cursor.page))
    if cursor.cookie:
        fetch.set("paging-cookie", cursor.cookie)
    return ET.tostring(fetch, encoding="unicode")


def next_cursor(cursor: FetchCursor, cookie_annotation: str | None, more: bool) -> FetchCursor | None:
    """The cursor of the following page. Without a cookie the page number alone leads on (simple paging)."""
    if not more:
        return None
    return FetchCursor(cursor.page + 1, _inner_cookie(cookie_annotation) if cookie_annotation else "")


def _inner_cookie(annotation: str) -> str:
    """The annotation holds the cookie in an attribute, encoded twice (contract §2.7)."""
    try:
        holder = defusedxml.ElementTree.fromstring(annotation)
    except (ET.ParseError, DefusedXmlException) as error:
        raise InvalidQuery(f"Dataverse sent a paging cookie that is not XML ({error})") from error
    return unquote(unquote(holder.get("pagingcookie", "")))


def _parsed(fetchxml: str) -> ET.Element:
    try:
        fetch = defusedxml.ElementTree.fromstring(fetchxml)
    except (ET.ParseError, DefusedXmlException, ValueError) as error:
        raise InvalidQuery(f"The saved query is not XML that may be read ({error})") from error
    if fetch.tag != "fetch":
        raise InvalidQuery(f"The saved query is <{fetch.tag}>, not <fetch>")
    return fetch


def _remove(node: ET.Element, *tags: str) -> None:
    for child in [child for child in node if child.tag in tags]:
        node.remove(child)
