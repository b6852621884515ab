"""Global choices."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.metadata import reading
from syncline_sandbox.dataverse.metadata.change_context import ChangeContext, already_exists
from syncline_sandbox.dataverse.metadata.labels import text_of
from syncline_sandbox.dataverse.organisation import new_id
from syncline_sandbox.dataverse.schema.model import Option, OptionSet

Json = dict[str, Any]


def create_option_set(context: ChangeContext, body: Json) -> OptionSet:
    context.require("prvCreateOptionSet")
    name = str(body.get("Name") or "").lower()
    if "_" not in name:
        raise bad_request("The Name of a global option set needs a customization prefix.", "0x80044363")
    if name in context.catalogue.option_sets:
        raise already_exists("option set", name)
    made = OptionSet(
        name=name,
        label=text_of(body.get("DisplayName")) or name,
        description=text_of(body.get("Description")),
        options=[reading.read_option(option) for option in body.get("Options") or []],
        custom=True,
        metadata_id=new_id(),
    )
    context.catalogue.save_option_set(made)
    context.shelf.put("Option Set", made.metadata_id)
    return made


def update_option_set(context: ChangeContext, option_set: OptionSet, body: Json) -> None:
    option_set.label = text_of(body.get("DisplayName")) or option_set.label
    if isinstance(body.get("Options"), list):
        replace_options(context, option_set, [reading.read_option(option) for option in body["Options"]])
    context.catalogue.save_option_set(option_set)


def replace_options(context: ChangeContext, option_set: OptionSet, options: list[Option]) -> None:
    """A global choice and every column that uses it."""
    option_set.options = options
    context.catalogue.save_option_set(option_set)
    for table in context.catalogue.tables.values():
        users = [column for column in table.columns.values() if column.option_set == option_set.name]
        for column in users:
            column.options = options
        if users:
            context.catalogue.save_table(table)
    context.catalogue.changed()


def delete_option_set(context: ChangeContext, option_set: OptionSet) -> None:
    for table in context.catalogue.tables.values():
        if any(column.option_set == option_set.name for column in table.columns.values()):
            raise DataverseError(
                400, "0x8004f01f", f"The option set '{option_set.name}' is used by '{table.name}'."
            )
    context.catalogue.forget("option_set", option_set.name)
    context.shelf.remove(option_set.metadata_id)
