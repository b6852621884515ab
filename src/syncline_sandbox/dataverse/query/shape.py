"""Which members a row has in JSON, and the SQL that gives them.

Rows are made column by column: SQLite hands over tuples, only columns that need it (booleans, annotations)
are converted as a whole, and the tuples become dictionaries at the end. A page without annotations therefore
costs next to nothing a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from syncline_sandbox.dataverse.errors import unknown_property
from syncline_sandbox.dataverse.http import Preferences
from syncline_sandbox.dataverse.query import formatted
from syncline_sandbox.dataverse.schema.catalogue import Catalogue
from syncline_sandbox.dataverse.schema.model import Column, Table
from syncline_sandbox.dataverse.storage.database import quoted

FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOOKUP_TABLE = "Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"
ETAG = "@odata.etag"

_TRUTH = {1: True, 0: False}
_ADDRESS_PART = re.compile(r"(address\d)_(?:line\d|city|stateorprovince|postalcode|country)")


@dataclass(frozen=True)
class Member:
    """One member of the JSON row. ``optional`` ones are left out where they are null."""

    name: str
    sql: str
    convert: Callable[[Any], Any] | None = None
    optional: bool = False


class Shape:
    """The members of a row of one table."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = tuple(members)
        self.names = [member.name for member in members]
        self.select_list = ", ".join(member.sql for member in members)
        self._converters = [
            (index, member.convert) for index, member in enumerate(members) if member.convert is not None
        ]
        self._optional = frozenset(member.name for member in members if member.optional)

    def rows(self, found: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """Dictionaries from the tuples that the select list gave; further columns behind it are ignored."""
        if not found:
            return []
        tuples: Iterable[Sequence[Any]] = found
        if self._converters:
            columns: list[Iterable[Any]] = list(zip(*found, strict=True))
            for index, convert in self._converters:
                columns[index] = map(convert, columns[index])
            tuples = zip(*columns, strict=True)
        names = self.names
        rows = [dict(zip(names, values, strict=False)) for values in tuples]
        if self._optional:
            optional = self._optional
            rows = [
                {name: value for name, value in row.items() if value is not None or name not in optional}
                for row in rows
            ]
        return rows


def selected_columns(catalogue: Catalogue, table: Table, select: tuple[str, ...] | None) -> list[Column]:
    """The columns that a ``$select`` brings, with those that Dataverse adds of itself; the key comes last."""
    if select is None or "*" in select:
        return [column for column in table.columns.values() if column.attribute_of is None]
    chosen: dict[str, Column] = {}
    for name in select:
        column = table.column_of_property(name)
        if column is None:
            navigation = catalogue.single(table, name)
            if navigation is not None:
                column = navigation.column
            elif catalogue.collection(table, name) is not None:
                continue
            else:
                raise unknown_property(name, table.type_name)
        chosen[column.name] = column
        for extra in _companions(table, column):
            chosen.setdefault(extra.name, extra)
    key = table.columns[table.primary_id]
    chosen.setdefault(key.name, key)
    return list(chosen.values())


def _companions(table: Table, column: Column) -> list[Column]:
    names = []
    if column.type == "Money":
        names.append("transactioncurrencyid")
    match = _ADDRESS_PART.fullmatch(column.name)
    if match is not None:
        names.append(f"{match[1]}_composite")
    return [table.columns[name] for name in names if name in table.columns]


def shape_of(
    catalogue: Catalogue,
    table: Table,
    columns: list[Column],
    prefer: Preferences,
    alias: str = "t",
    extra: Sequence[Member] = (),
) -> Shape:
    """Members for these columns with the annotations that were asked for."""
    members = []
    if "versionnumber" in table.columns:
        members.append(etag_member(alias))
    for column in columns:
        members += column_members(catalogue, table, column, prefer, alias)
    return Shape([*members, *extra])


def etag_member(alias: str) -> Member:
    return Member(ETAG, f"'W/\"' || {alias}.versionnumber || '\"'")


def column_members(
    catalogue: Catalogue, table: Table, column: Column, prefer: Preferences, alias: str
) -> list[Member]:
    """The member with the value, behind its annotations."""
    name, sql = column.property_name, f"{alias}.{quoted(column.name)}"
    convert = _TRUTH.get if column.type == "Boolean" else None
    value = Member(name, sql, convert)
    if prefer.annotations is None:
        return [value]
    return [*annotation_members(catalogue, table, column, prefer, alias, name), value]


def annotation_members(
    catalogue: Catalogue, table: Table, column: Column, prefer: Preferences, alias: str, name: str
) -> list[Member]:
    """Annotation members for a column that goes under ``name``."""
    found: list[Member] = []
    sql = f"{alias}.{quoted(column.name)}"
    if prefer.wants(FORMATTED):
        found += _formatted(catalogue, table, column, alias, f"{name}@{FORMATTED}")
    if not column.is_lookup:
        return found
    if prefer.wants(NAVIGATION):
        found.append(
            Member(
                f"{name}@{NAVIGATION}",
                target_sql(column, alias),
                _navigation_names(catalogue, table, column),
                optional=True,
            )
        )
    if prefer.wants(LOOKUP_TABLE):
        table_sql = f"CASE WHEN {sql} IS NOT NULL THEN {target_sql(column, alias)} END"
        found.append(Member(f"{name}@{LOOKUP_TABLE}", table_sql, optional=True))
    return found


def _formatted(catalogue: Catalogue, table: Table, column: Column, alias: str, name: str) -> list[Member]:
    sql = f"{alias}.{quoted(column.name)}"
    if column.is_lookup:
        return [Member(name, lookup_name_sql(catalogue, column, alias), optional=True)]
    if column.type == "Money":
        return [_money(table, column, alias, name)]
    labels = {known.name: known.label for known in catalogue.tables.values()}
    convert = formatted.formatter(column, labels)
    return [] if convert is None else [Member(name, sql, convert, optional=True)]


def _money(table: Table, column: Column, alias: str, name: str) -> Member:
    """The symbol travels before the amount, with a separator that no symbol has."""
    symbol = "'$'"
    if "transactioncurrencyid" in table.columns:
        symbol = (
            "(SELECT currencysymbol FROM transactioncurrency WHERE transactioncurrencyid = "
            f"{alias}.transactioncurrencyid)"
        )
    amount = f"{alias}.{quoted(column.name)}"
    sql = f"CASE WHEN {amount} IS NOT NULL THEN coalesce({symbol}, '$') || char(31) || {amount} END"
    precision = column.precision

    def convert(value: str | None) -> str | None:
        if value is None:
            return None
        found, _, amount = value.partition("\x1f")
        return formatted.money(float(amount), found, min(precision or 2, 2))

    return Member(name, sql, convert, optional=True)


def target_sql(column: Column, alias: str) -> str:
    """Logical name of the table that the lookup points at."""
    if column.keeps_target:
        return f"{alias}.{quoted(column.target_column)}"
    target = column.targets[0] if column.targets else ""
    return f"CASE WHEN {alias}.{quoted(column.name)} IS NOT NULL THEN '{target}' END"


def _navigation_names(
    catalogue: Catalogue, table: Table, column: Column
) -> Callable[[str | None], str | None]:
    names = {target: catalogue.navigation_of(table, column, target) for target in column.targets}
    return lambda target: None if target is None else names.get(target)


def lookup_name_sql(catalogue: Catalogue, column: Column, alias: str) -> str:
    """The primary name of the row that a lookup points at."""
    here = f"{alias}.{quoted(column.name)}"
    parts = []
    for name in column.targets:
        target = catalogue.tables.get(name)
        if target is not None and target.primary_name is not None:
            parts.append(
                f"(SELECT {quoted(target.primary_name)} FROM {quoted(target.name)}"
                f" WHERE {quoted(target.primary_id)} = {here})"
            )
    if not parts:
        return "NULL"
    return parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"
