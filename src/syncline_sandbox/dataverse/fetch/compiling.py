"""FetchXML as SQL."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from syncline_sandbox.dataverse.errors import DataverseError
from syncline_sandbox.dataverse.fetch.parsing import (
    Attribute,
    Condition,
    Entity,
    Fetch,
    Filter,
    Link,
    Order,
    invalid,
)
from syncline_sandbox.dataverse.http import Preferences
from syncline_sandbox.dataverse.query.conditions import Caller, Conditions, Parameters, Subject
from syncline_sandbox.dataverse.query.paging import OrderColumn
from syncline_sandbox.dataverse.query.shape import (
    Member,
    Shape,
    annotation_members,
    column_members,
    etag_member,
    lookup_name_sql,
)
from syncline_sandbox.dataverse.schema.catalogue import Catalogue
from syncline_sandbox.dataverse.schema.model import CHOICE_TYPES, Column, Table
from syncline_sandbox.dataverse.storage.database import quoted

_EXISTS = frozenset({"exists", "in", "any", "matchfirstrowusingcrossapply"})
_NOT_EXISTS = frozenset({"not any", "not exists"})
_SIGNS = {"eq": "=", "ne": "IS NOT", "neq": "IS NOT", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_TRUTH = {1: True, 0: False}
_DATE_PARTS = {
    "year": "CAST(substr({}, 1, 4) AS INTEGER)",
    "month": "CAST(substr({}, 6, 2) AS INTEGER)",
    "day": "CAST(substr({}, 9, 2) AS INTEGER)",
}


@dataclass
class CompiledFetch:
    """The pieces of a SELECT."""

    table: Table
    shape: Shape
    source: str
    where: list[str]
    order: list[OrderColumn]
    group_by: list[str]
    # Whether each row of the root table can appear only once, so that paging by its key is exact.
    one_row_each: bool


class FetchCompiler:
    def __init__(
        self, catalogue: Catalogue, caller: Caller, parameters: Parameters, prefer: Preferences
    ) -> None:
        self._catalogue = catalogue
        self._prefer = prefer
        self._conditions = Conditions(caller, parameters)
        self._numbers = count(1)
        # Aliases of link-entities as the query calls them.
        self._aliases: dict[str, tuple[Table, str]] = {}
        self._members: list[Member] = []
        self._where: list[str] = []
        self._repeats = False

    def compile(self, fetch: Fetch) -> CompiledFetch:
        table = self._catalogue.table(fetch.entity.name)
        source = f"{quoted(table.name)} t" + "".join(
            self._join(link, table, "t") for link in fetch.entity.links
        )
        groups: list[str] = []
        if fetch.aggregate:
            groups = self._aggregates(fetch.entity, table, "t")
        else:
            self._root_members(fetch, table)
            for link in fetch.entity.links:
                self._link_members(link)
        for item in fetch.entity.filters:
            self._where.append(self._filter(item, table, "t"))
        order = self._orders(fetch, table)
        return CompiledFetch(
            table=table,
            shape=Shape(self._members),
            source=source,
            where=self._where,
            order=order,
            group_by=groups,
            one_row_each=not self._repeats or fetch.distinct,
        )

    # Columns

    def _column(self, table: Table, name: str) -> Column:
        column = table.columns.get(name.lower())
        if column is None:
            raise DataverseError(
                400,
                "0x80041103",
                f"'{table.schema_name}' entity doesn't contain attribute with Name = '{name}' and "
                "NameMapping = 'Logical'.",
            )
        return column

    def _root_members(self, fetch: Fetch, table: Table) -> None:
        if not fetch.distinct and "versionnumber" in table.columns:
            self._members.append(etag_member("t"))
        seen: set[str] = set()
        for attribute in self._attributes(fetch.entity, table):
            column = self._column(table, attribute.name)
            seen.add(column.name)
            self._members += self._named(table, column, "t", attribute.alias)
        if not fetch.distinct and table.primary_id not in seen:
            key = table.columns[table.primary_id]
            self._members += column_members(self._catalogue, table, key, self._prefer, "t")

    def _attributes(self, entity: Entity, table: Table) -> list[Attribute]:
        if entity.all_attributes:
            return [Attribute(name) for name, column in table.columns.items() if not column.attribute_of]
        return list(entity.attributes)

    def _named(self, table: Table, column: Column, alias: str, name: str | None) -> list[Member]:
        if name is None:
            return column_members(self._catalogue, table, column, self._prefer, alias)
        convert = _TRUTH.get if column.type == "Boolean" else None
        value = Member(name, f"{alias}.{quoted(column.name)}", convert)
        return [*annotation_members(self._catalogue, table, column, self._prefer, alias, name), value]

    def _link_members(self, link: Link) -> None:
        if link.kind in _EXISTS or link.kind in _NOT_EXISTS:
            return
        table, alias = self._aliases[link.alias]
        for attribute in self._attributes(link.entity, table):
            column = self._column(table, attribute.name)
            self._members += self._named(
                table, column, alias, attribute.alias or f"{link.alias}.{column.name}"
            )
        for inner in link.entity.links:
            self._link_members(inner)

    def _aggregates(self, entity: Entity, table: Table, alias: str) -> list[str]:
        """Members of an aggregate query; returns what it is grouped by."""
        groups: list[str] = []
        for attribute in entity.attributes:
            column = self._column(table, attribute.name)
            sql = f"{alias}.{quoted(column.name)}"
            name = attribute.alias
            if not name:
                raise invalid("An alias is needed for every attribute of an aggregate query.")
            if attribute.groupby:
                if attribute.date_grouping:
                    sql = _date_part(attribute.date_grouping, sql)
                groups.append(sql)
                self._members.append(Member(name, sql, _TRUTH.get if column.type == "Boolean" else None))
            else:
                self._members.append(Member(name, _aggregate(attribute, sql)))
        for link in entity.links:
            linked, linked_alias = self._aliases[link.alias]
            groups += self._aggregates(link.entity, linked, linked_alias)
        return groups

    # Joins

    def _join(self, link: Link, parent: Table, parent_alias: str) -> str:
        table = self._catalogue.table(link.entity.name)
        near, far = self._column(parent, link.to), self._column(table, link.from_)
        alias = f"l{next(self._numbers)}"
        on = f"{alias}.{quoted(far.name)} = {parent_alias}.{quoted(near.name)}"
        if link.kind in _EXISTS or link.kind in _NOT_EXISTS:
            self._where.append(self._existence(link, table, alias, on))
            return ""
        if link.kind not in ("inner", "natural", "outer"):
            raise invalid(f"link-type '{link.kind}' is not supported.")
        if far.name != table.primary_id:
            self._repeats = True
        self._aliases[link.alias] = (table, alias)
        inner = "".join(self._join(child, table, alias) for child in link.entity.links)
        on = " AND ".join([on, *(self._filter(item, table, alias) for item in link.entity.filters)])
        kind = "LEFT JOIN" if link.kind == "outer" else "JOIN"
        return f" {kind} {quoted(table.name)} {alias} ON {on}{inner}"

    def _existence(self, link: Link, table: Table, alias: str, on: str) -> str:
        inner = "".join(self._join(child, table, alias) for child in link.entity.links)
        tests = " AND ".join([on, *(self._filter(item, table, alias) for item in link.entity.filters)])
        negation = "NOT " if link.kind in _NOT_EXISTS else ""
        return f"{negation}EXISTS (SELECT 1 FROM {quoted(table.name)} {alias}{inner} WHERE {tests})"

    # Conditions

    def _filter(self, item: Filter, table: Table, alias: str) -> str:
        parts = [self._condition(condition, table, alias) for condition in item.conditions]
        parts += [self._filter(inner, table, alias) for inner in item.filters]
        for link in item.links:
            other = self._catalogue.table(link.entity.name)
            name = f"l{next(self._numbers)}"
            near, far = self._column(table, link.to), self._column(other, link.from_)
            on = f"{name}.{quoted(far.name)} = {alias}.{quoted(near.name)}"
            parts.append(self._existence(link, other, name, on))
        if not parts:
            return "1"
        return f"({(' OR ' if item.any else ' AND ').join(parts)})"

    def _condition(self, condition: Condition, table: Table, alias: str) -> str:
        if condition.entity_name is not None:
            if condition.entity_name not in self._aliases:
                raise invalid(f"There is no link-entity with the alias '{condition.entity_name}'.")
            table, alias = self._aliases[condition.entity_name]
        column = self._column(table, condition.attribute)
        subject = Subject(f"{alias}.{quoted(column.name)}", column, table)
        if condition.value_of is not None:
            other = self._column(table, condition.value_of.rpartition(".")[2])
            if condition.operator not in _SIGNS:
                raise invalid(f"valueof cannot be used with the operator '{condition.operator}'.")
            return f"{subject.sql} {_SIGNS[condition.operator]} {alias}.{quoted(other.name)}"
        return self._conditions.write(condition.operator, subject, list(condition.values))

    # Order

    def _orders(self, fetch: Fetch, table: Table) -> list[OrderColumn]:
        orders = [self._order(order, table, "t") for order in fetch.entity.orders]
        orders += [found for link in fetch.entity.links for found in self._link_orders(link)]
        selects_key = any(member.name == table.primary_id for member in self._members)
        if not fetch.aggregate and selects_key:
            key = table.columns[table.primary_id]
            if not any(order.name == key.name for order in orders):
                orders.append(OrderColumn(key.name, f"t.{quoted(key.name)}", key))
        return orders

    def _link_orders(self, link: Link) -> list[OrderColumn]:
        if not link.entity.orders or link.alias not in self._aliases:
            return []
        table, alias = self._aliases[link.alias]
        return [self._order(order, table, alias) for order in link.entity.orders]

    def _order(self, order: Order, table: Table, alias: str) -> OrderColumn:
        if order.alias is not None:
            member = next((item for item in self._members if item.name == order.alias), None)
            if member is None:
                raise invalid(f"There is no attribute with the alias '{order.alias}'.")
            plain = Column(name=order.alias, schema_name=order.alias, type="String")
            return OrderColumn(order.alias, member.sql, plain, order.descending)
        if order.entity_name is not None and order.entity_name in self._aliases:
            table, alias = self._aliases[order.entity_name]
        column = self._column(table, order.attribute or "")
        sql = f"{alias}.{quoted(column.name)}"
        if column.type in CHOICE_TYPES or column.is_lookup:
            # FetchXML sorts choices by their labels, and lookups by the name of the row they point at.
            labelled = Column(name=column.name, schema_name=column.name, type="String")
            text = (
                lookup_name_sql(self._catalogue, column, alias) if column.is_lookup else _label(column, sql)
            )
            return OrderColumn(column.name, f"{text} COLLATE NOCASE", labelled, order.descending)
        return OrderColumn(column.name, sql, column, order.descending)


def _label(column: Column, sql: str) -> str:
    cases = " ".join(
        f"WHEN {option.value} THEN '{option.label.replace(chr(39), chr(39) * 2)}'"
        for option in column.options
    )
    return f"CASE {sql} {cases} END" if cases else sql


def _aggregate(attribute: Attribute, sql: str) -> str:
    distinct = "DISTINCT " if attribute.distinct else ""
    match attribute.aggregate:
        case "count":
            return "count(*)"
        case "countcolumn":
            return f"count({distinct}{sql})"
        case "sum" | "avg" | "min" | "max":
            return f"{attribute.aggregate}({distinct}{sql})"
    raise invalid(f"The aggregate '{attribute.aggregate}' is not known.")


def _date_part(grouping: str, sql: str) -> str:
    if grouping not in _DATE_PARTS:
        raise invalid(f"The dategrouping '{grouping}' is not supported.")
    return _DATE_PARTS[grouping].format(sql)
