"""Pages: the cookie in ``$skiptoken``, and the SQL that goes on behind it.

Paging is by key, not by offset: the cookie names the last row of the page before by the values that it was
ordered by. It has the shape of the service's own, so that clients which look inside find what they expect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import quoteattr

import defusedxml.ElementTree as ElementTree
from defusedxml import DefusedXmlException

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.query.conditions import Parameters
from syncline_sandbox.dataverse.query.values import text_value
from syncline_sandbox.dataverse.schema.model import Column

MAX_PAGE = 5000


@dataclass(frozen=True)
class OrderColumn:
    """One column that rows are ordered by; ``name`` is what the cookie calls it."""

    name: str
    sql: str
    column: Column
    descending: bool = False

    @property
    def text(self) -> str:
        return f"{self.sql} {'DESC' if self.descending else 'ASC'}"


@dataclass(frozen=True)
class Cookie:
    """Where the next page begins. Values are as stored."""

    page: int
    last: tuple[Any, ...]


def order_by(order: Sequence[OrderColumn]) -> str:
    return ", ".join(column.text for column in order)


def after(order: Sequence[OrderColumn], last: Sequence[Any], parameters: Parameters) -> str:
    """The rows behind ``last`` in this order. Nulls come first ascending and last descending, as in SQL
    Server.
    """
    column, value = order[0], last[0]
    beyond = _beyond(column, value, parameters)
    if len(order) == 1:
        return beyond
    same = f"{column.sql} IS NULL" if value is None else f"{column.sql} = {parameters.bind(value)}"
    found = f"({beyond} OR ({same} AND {after(order[1:], last[1:], parameters)}))"
    if value is None or column.descending:
        return found
    # Says nothing new, but lets SQLite begin in the middle of an index.
    return f"({column.sql} >= {parameters.bind(value)} AND {found})"


def _beyond(column: OrderColumn, value: Any, parameters: Parameters) -> str:
    if value is None:
        return "0" if column.descending else f"{column.sql} IS NOT NULL"
    sign = "<" if column.descending else ">"
    behind = f"{column.sql} {sign} {parameters.bind(value)}"
    return f"({behind} OR {column.sql} IS NULL)" if column.descending else behind


def paging_xml(page: int, order: Sequence[OrderColumn], first: Sequence[Any], last: Sequence[Any]) -> str:
    """The inner cookie, ``<cookie page="1">…</cookie>``."""
    inner = "".join(
        f"<{_tag(column.name)}{_bound('last', column, end)}{_bound('first', column, start)} />"
        for column, start, end in zip(order, first, last, strict=True)
    )
    return f'<cookie page="{page}">{inner}</cookie>'


def _bound(name: str, column: OrderColumn, value: Any) -> str:
    if value is None:
        return f' {name}null="1"'
    text = str(value)
    if column.column.type == "Uniqueidentifier" or column.column.is_lookup:
        text = "{" + text.upper() + "}"
    return f" {name}={quoteattr(text)}"


def _tag(name: str) -> str:
    return name.replace("/", ".")


def skip_token(page: int, inner: str, *, tracking: bool = False) -> str:
    """The outer cookie; its ``pagingcookie`` is URL-encoded twice, with small hexadecimal digits."""
    return f'<cookie pagenumber="{page}" pagingcookie="{_encode(_encode(inner))}" istracking="{tracking}" />'


def _encode(text: str) -> str:
    out = quote(text, safe="")
    return "".join(
        piece if index == 0 else "%" + piece[:2].lower() + piece[2:]
        for index, piece in enumerate(out.split("%"))
    )


def read_skip_token(token: str) -> tuple[int, str]:
    """Page number and inner cookie; 400 for anything else."""
    try:
        outer = ElementTree.fromstring(token)
        return int(outer.attrib["pagenumber"]), unquote(unquote(outer.attrib["pagingcookie"]))
    except (ElementTree.ParseError, KeyError, ValueError, DefusedXmlException) as error:
        raise malformed() from error


def read_inner(page: int, inner: str, order: Sequence[OrderColumn]) -> Cookie:
    """The values of the inner cookie, by the columns of the present order."""
    try:
        root = ElementTree.fromstring(inner)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise malformed() from error
    values: list[Any] = []
    for column in order:
        element = root.find(_tag(column.name))
        if element is None or not ("last" in element.attrib or "lastnull" in element.attrib):
            raise malformed()
        text = element.get("last")
        values.append(None if text is None else text_value(column.column, text))
    return Cookie(page, tuple(values))


def malformed() -> DataverseError:
    return bad_request("Malformed XML in the Paging Cookie", "0x80041129")
