"""FetchXML as a tree of plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from xml.etree.ElementTree import Element

import defusedxml.ElementTree as ElementTree
from defusedxml import DefusedXmlException

from syncline_sandbox.dataverse.errors import DataverseError


@dataclass(frozen=True)
class Attribute:
    name: str
    alias: str | None = None
    aggregate: str | None = None
    groupby: bool = False
    distinct: bool = False
    date_grouping: str | None = None


@dataclass(frozen=True)
class Condition:
    attribute: str
    operator: str
    values: tuple[str, ...]
    # Alias of the link-entity that the attribute belongs to.
    entity_name: str | None = None
    # Compare with another column instead of a value.
    value_of: str | None = None


@dataclass(frozen=True)
class Filter:
    any: bool
    conditions: tuple[Condition, ...]
    filters: tuple[Filter, ...]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Order:
    attribute: str | None
    alias: str | None
    descending: bool
    entity_name: str | None = None


@dataclass(frozen=True)
class Entity:
    name: str
    attributes: tuple[Attribute, ...]
    all_attributes: bool
    filters: tuple[Filter, ...]
    orders: tuple[Order, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Link:
    entity: Entity
    from_: str
    to: str
    # As the query names it, or the table's name with a number.
    alias: str
    kind: str


@dataclass(frozen=True)
class Fetch:
    entity: Entity
    count: int | None = None
    page: int = 1
    cookie: str | None = None
    top: int | None = None
    distinct: bool = False
    aggregate: bool = False
    total: bool = False


def invalid(message: str) -> DataverseError:
    return DataverseError(400, "0x80041102", f"Invalid Xml. {message}")


def parse_fetch(text: str) -> Fetch:
    """Raises 400 for text that is no FetchXML, or combines what cannot be combined."""
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise invalid(str(error)) from error
    entity = root.find("entity")
    if root.tag != "fetch" or entity is None:
        raise invalid("A <fetch> with an <entity> was expected.")
    fetch = Fetch(
        entity=_entity(entity, count(1)),
        count=_number(root, "count"),
        page=_number(root, "page") or 1,
        cookie=root.get("paging-cookie"),
        top=_number(root, "top"),
        distinct=_flag(root, "distinct"),
        aggregate=_flag(root, "aggregate"),
        total=_flag(root, "returntotalrecordcount"),
    )
    if fetch.top is not None and (root.get("page") or root.get("count")):
        raise DataverseError(
            400,
            "0x8004b0a6",
            "The top attribute can't be specified with paging attributes page and count.",
        )
    return fetch


def _number(element: Element, name: str) -> int | None:
    text = element.get(name)
    if text is None or not text.strip():
        return None
    if not text.strip().isdecimal():
        raise invalid(f"'{text}' is not a number ({name}).")
    return int(text)


def _flag(element: Element, name: str) -> bool:
    return element.get(name, "false").lower() in ("true", "1")


def _required(element: Element, name: str) -> str:
    text = element.get(name)
    if not text:
        raise invalid(f"<{element.tag}> needs the attribute '{name}'.")
    return text


def _entity(element: Element, numbers: Iterator[int]) -> Entity:
    return Entity(
        name=_required(element, "name"),
        attributes=tuple(_attribute(item) for item in element.findall("attribute")),
        all_attributes=element.find("all-attributes") is not None,
        filters=tuple(_filter(item, numbers) for item in element.findall("filter")),
        orders=tuple(_order(item) for item in element.findall("order")),
        links=tuple(_link(item, numbers) for item in element.findall("link-entity")),
    )


def _attribute(element: Element) -> Attribute:
    return Attribute(
        name=_required(element, "name"),
        alias=element.get("alias"),
        aggregate=element.get("aggregate"),
        groupby=_flag(element, "groupby"),
        distinct=_flag(element, "distinct"),
        date_grouping=element.get("dategrouping"),
    )


def _filter(element: Element, numbers: Iterator[int]) -> Filter:
    return Filter(
        any=element.get("type", "and").lower() == "or",
        conditions=tuple(_condition(item) for item in element.findall("condition")),
        filters=tuple(_filter(item, numbers) for item in element.findall("filter")),
        links=tuple(_link(item, numbers) for item in element.findall("link-entity")),
    )


def _condition(element: Element) -> Condition:
    values = [item.text or "" for item in element.findall("value")]
    if not values and element.get("value") is not None:
        values = [element.attrib["value"]]
    return Condition(
        attribute=_required(element, "attribute"),
        operator=_required(element, "operator").lower(),
        values=tuple(values),
        entity_name=element.get("entityname"),
        value_of=element.get("valueof"),
    )


def _order(element: Element) -> Order:
    return Order(
        attribute=element.get("attribute"),
        alias=element.get("alias"),
        descending=_flag(element, "descending"),
        entity_name=element.get("entityname"),
    )


def _link(element: Element, numbers: Iterator[int]) -> Link:
    return Link(
        entity=_entity(element, numbers),
        from_=_required(element, "from"),
        to=_required(element, "to"),
        alias=element.get("alias") or f"{element.get('name')}{next(numbers)}",
        kind=element.get("link-type", "inner").lower(),
    )
