"""Columns: made, changed, deleted."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.metadata import choice_changes, reading
from syncline_sandbox.dataverse.metadata.change_context import ChangeContext, already_exists
from syncline_sandbox.dataverse.organisation import new_id
from syncline_sandbox.dataverse.schema.model import Column, Table
from syncline_sandbox.dataverse.schema.owned import money_companions
from syncline_sandbox.dataverse.storage import layout

Json = dict[str, Any]


def create_column(context: ChangeContext, table: Table, body: Json) -> Column:
    context.require("prvCreateAttribute")
    column = read_new(context, body)
    if column.name in table.columns:
        raise already_exists("attribute", column.schema_name)
    before = set(table.columns)
    put(context, table, column)
    add_to_store(context, table, before)
    context.shelf.put("Attribute", column.metadata_id)
    return column


def add_to_store(context: ChangeContext, table: Table, before: set[str]) -> None:
    for name, column in table.columns.items():
        if name not in before:
            layout.add_column(context.database, table, column)
    context.catalogue.save_table(table)
    context.catalogue.changed()


def read_new(context: ChangeContext, body: Json) -> Column:
    shared = {found.name: found.options for found in context.catalogue.option_sets.values()}
    names = {found.metadata_id: found.name for found in context.catalogue.option_sets.values()}
    bound = body.get("GlobalOptionSet@odata.bind")
    if isinstance(bound, str):
        key = bound.rpartition("(")[2].rstrip(")").lower()
        if key in names:
            body = body | {"GlobalOptionSet@odata.bind": f"(Name='{names[key]}')"}
    given = body.get("OptionSet")
    if isinstance(given, dict) and given.get("IsGlobal") and given.get("Options") and given.get("Name"):
        made = choice_changes.create_option_set(
            context, given | {"DisplayName": given.get("DisplayName") or body.get("DisplayName")}
        )
        shared[made.name] = made.options
        body = body | {"OptionSet": {"IsGlobal": True, "Name": made.name}}
    return reading.read_column(body, shared)


def put(context: ChangeContext, table: Table, column: Column) -> None:
    column.metadata_id = new_id()
    table.columns[column.name] = column
    for companion in money_companions(table, column):
        companion.metadata_id = new_id()
        table.columns[companion.name] = companion


def update_column(context: ChangeContext, table: Table, column: Column, body: Json) -> None:
    context.require("prvWriteAttribute")
    reading.apply_definition(column, body)
    shared = {found.name: found.options for found in context.catalogue.option_sets.values()}
    if column.option_set is None:
        reading.read_options(column, body, shared)
    context.catalogue.save_table(table)
    context.catalogue.changed()


def insert_option(context: ChangeContext, body: Json) -> int:
    """One more option of a column's own choice. Global choices are not changed by this here."""
    context.require("prvWriteAttribute")
    table = context.catalogue.table(str(body.get("EntityLogicalName", "")))
    column = table.columns.get(str(body.get("AttributeLogicalName", "")))
    if column is None or column.type not in {"Picklist", "MultiSelectPicklist"} or column.option_set:
        raise bad_request("The attribute to add an option to is not a local choice.", "0x80048403")
    option = reading.read_option(body)
    if any(known.value == option.value for known in column.options):
        raise bad_request(f"An option with the value {option.value} already exists.", "0x80048403")
    column.options = [*column.options, option]
    context.catalogue.save_table(table)
    context.catalogue.changed()
    return option.value


def delete_column(context: ChangeContext, table: Table, column: Column) -> None:
    context.require("prvDeleteAttribute")
    if not column.custom or column.name in (table.primary_id, table.primary_name):
        raise DataverseError(400, "0x8004f026", f"The attribute '{column.name}' cannot be deleted.")
    if any(column.name in key.columns for key in table.keys.values()):
        raise DataverseError(
            400, "0x8004f01f", f"The attribute '{column.name}' cannot be deleted: a key refers to it."
        )
    for one in list(context.catalogue.one_to_many.values()):
        if one.referencing == table.name and one.column == column.name:
            context.catalogue.forget("one_to_many", one.schema_name)
    companions = [found for found in table.columns.values() if found.base_of == column.name]
    for found in (column, *companions):
        layout.drop_column(context.database, table, found)
        del table.columns[found.name]
    context.catalogue.save_table(table)
    context.catalogue.changed()
    context.shelf.remove(column.metadata_id)
