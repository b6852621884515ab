"""Reading rows: one page of a collection, one row, counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from syncline_sandbox.dataverse.errors import unknown_property
from syncline_sandbox.dataverse.http import Preferences
from syncline_sandbox.dataverse.query import paging
from syncline_sandbox.dataverse.query.conditions import Caller, Parameters
from syncline_sandbox.dataverse.query.expressions import OrderItem
from syncline_sandbox.dataverse.query.filters import FilterWriter
from syncline_sandbox.dataverse.query.options import Options
from syncline_sandbox.dataverse.query.paging import OrderColumn
from syncline_sandbox.dataverse.query.shape import (
    Member,
    Shape,
    lookup_name_sql,
    selected_columns,
    shape_of,
)
from syncline_sandbox.dataverse.schema.catalogue import Catalogue
from syncline_sandbox.dataverse.schema.model import Column, Table
from syncline_sandbox.dataverse.storage.database import Database, quoted

COUNT_LIMIT = 5000


@dataclass(frozen=True)
class Source:
    """What is read: a table under the alias ``t``, perhaps joined and restricted."""

    table: Table
    sql: str
    where: tuple[str, ...] = ()
    parameters: Parameters = field(default_factory=Parameters)


def whole_table(table: Table) -> Source:
    return Source(table, f"{quoted(table.name)} t")


@dataclass
class Page:
    """Rows of one page; ``cookie`` is the inner paging cookie when there are more."""

    rows: list[dict[str, Any]]
    number: int = 1
    cookie: str | None = None
    count: int | None = None


class Reader:
    """Runs queries for one caller."""

    def __init__(self, database: Database, catalogue: Catalogue, caller: Caller) -> None:
        self.database = database
        self.catalogue = catalogue
        self.caller = caller

    def page(
        self,
        source: Source,
        options: Options,
        prefer: Preferences,
        hidden: Sequence[Member] = (),
        limit: int | None = None,
    ) -> Page:
        """One page. ``$top`` and paging do not combine: with a page size, ``$top`` is ignored."""
        table, parameters = source.table, source.parameters
        writer = FilterWriter(self.catalogue, self.caller, parameters)
        where = list(source.where)
        if options.filter is not None:
            where.append(writer.write(options.filter, table))
        count = self._count(source.sql, where, parameters) if options.count else None
        order = self.order(table, options.orderby, writer)
        size, pages = _page_size(options, prefer, limit)
        number = 1
        if options.skip_token is not None:
            number, inner = paging.read_skip_token(options.skip_token)
            where.append(paging.after(order, paging.read_inner(number, inner, order).last, parameters))
        shape = self.shape(table, options, prefer, hidden)
        found = self._run(shape, order, source.sql, where, size + 1 if pages else size, parameters)
        more, found = len(found) > size, found[:size]
        cookie = None
        if more:
            width = len(shape.members)
            cookie = paging.paging_xml(number, order, found[0][width:], found[-1][width:])
        return Page(shape.rows(found), number, cookie, count)

    def shape(
        self, table: Table, options: Options, prefer: Preferences, hidden: Sequence[Member] = ()
    ) -> Shape:
        columns = selected_columns(self.catalogue, table, options.select)
        return shape_of(self.catalogue, table, columns, prefer, extra=hidden)

    def one(
        self,
        table: Table,
        row_id: str,
        options: Options,
        prefer: Preferences,
        hidden: Sequence[Member] = (),
    ) -> dict[str, Any] | None:
        """The row with this id, or None."""
        shape = self.shape(table, options, prefer, hidden)
        sql = f"SELECT {shape.select_list} FROM {quoted(table.name)} t WHERE t.{quoted(table.primary_id)} = ?"
        rows = shape.rows(self.database.rows(sql, (row_id,)))
        return rows[0] if rows else None

    def count(self, source: Source, options: Options) -> int:
        """How many rows there are, capped as the service caps it."""
        where = list(source.where)
        if options.filter is not None:
            writer = FilterWriter(self.catalogue, self.caller, source.parameters)
            where.append(writer.write(options.filter, source.table))
        return self._count(source.sql, where, source.parameters)

    def order(self, table: Table, items: Sequence[OrderItem], writer: FilterWriter) -> list[OrderColumn]:
        """The order that was asked for, made unambiguous by the primary key."""
        order = [self._order_column(table, item, writer) for item in items]
        key = table.columns[table.primary_id]
        if not any(column.name == key.name for column in order):
            order.append(OrderColumn(key.name, f"t.{quoted(key.name)}", key))
        return order

    def _order_column(self, table: Table, item: OrderItem, writer: FilterWriter) -> OrderColumn:
        column = table.columns.get(str(item.path))
        if column is not None and column.is_lookup:
            raise unknown_property(str(item.path), table.type_name)
        subject = writer.path(item.path, table)
        name = str(item.path)
        if subject.column.is_lookup and len(item.path.segments) == 1:
            # Lookups are sorted by the name of the row that they point at.
            by_name = Column(name=name, schema_name=name, type="String")
            sql = lookup_name_sql(self.catalogue, subject.column, "t")
            return OrderColumn(name, f"{sql} COLLATE NOCASE", by_name, item.descending)
        return OrderColumn(name, subject.sql, subject.column, item.descending)

    def _run(
        self,
        shape: Shape,
        order: list[OrderColumn],
        source: str,
        where: list[str],
        limit: int,
        parameters: Parameters,
    ) -> list[tuple[Any, ...]]:
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        keys = ", ".join(column.sql for column in order)
        sql = (
            f"SELECT {shape.select_list}, {keys} FROM {source}{condition}"
            f" ORDER BY {paging.order_by(order)} LIMIT {limit}"
        )
        found: list[tuple[Any, ...]] = self.database.connection.execute(sql, parameters.values).fetchall()
        return found

    def _count(self, source: str, where: list[str], parameters: Parameters) -> int:
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        sql = f"SELECT count(*) FROM (SELECT 1 FROM {source}{condition} LIMIT {COUNT_LIMIT})"
        return int(self.database.connection.execute(sql, parameters.values).fetchone()[0])


def _page_size(options: Options, prefer: Preferences, limit: int | None) -> tuple[int, bool]:
    """Rows to give, and whether a further page may follow."""
    if limit is not None:
        return limit, False
    if prefer.max_page_size is not None:
        return min(prefer.max_page_size, paging.MAX_PAGE), True
    if options.top is not None:
        return min(options.top, paging.MAX_PAGE), False
    return paging.MAX_PAGE, True


def link(base_url: str, path: str, texts: dict[str, str], *, strict: bool = False) -> str:
    """A link to go on with: the same path and options, encoded anew; ``strict`` encodes all that may be."""
    safe = "$@,()';" if strict else "$@,()';:=/!*"
    query = "&".join(f"{quote(name, safe='$@')}={quote(value, safe=safe)}" for name, value in texts.items())
    return f"{base_url}/{path}?{query}" if query else f"{base_url}/{path}"
