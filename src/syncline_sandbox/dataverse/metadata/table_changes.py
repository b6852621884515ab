"""Tables: made, changed, deleted."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.metadata import column_changes, reading, relationship_changes
from syncline_sandbox.dataverse.metadata.change_context import ChangeContext, already_exists
from syncline_sandbox.dataverse.metadata.labels import text_of
from syncline_sandbox.dataverse.organisation import new_id
from syncline_sandbox.dataverse.schema import standard
from syncline_sandbox.dataverse.schema.model import OwnershipType, Table
from syncline_sandbox.dataverse.schema.owned import common_columns
from syncline_sandbox.dataverse.seeding.platform import refresh_messages
from syncline_sandbox.dataverse.storage import layout

Json = dict[str, Any]
_FIRST_CUSTOM_CODE = 10_000


def create_table(context: ChangeContext, body: Json) -> Table:
    context.require("prvCreateEntity")
    name = reading.schema_name(body)
    logical = name.lower()
    if logical in context.catalogue.tables:
        raise already_exists("entity", name)
    bodies = [item for item in body.get("Attributes") or [] if isinstance(item, dict)]
    primary = next((item for item in bodies if item.get("IsPrimaryName")), None)
    if primary is None:
        raise bad_request("A primary name attribute has to be given with IsPrimaryName.", "0x80048403")
    ownership: OwnershipType = (
        "OrganizationOwned" if body.get("OwnershipType") == "OrganizationOwned" else "UserOwned"
    )
    table = Table(
        name=logical,
        set_name=_set_name(logical),
        schema_name=name,
        label=text_of(body.get("DisplayName")) or name,
        plural=text_of(body.get("DisplayCollectionName")) or name,
        description=text_of(body.get("Description")),
        primary_id=f"{logical}id",
        primary_name=str(primary["SchemaName"]).lower(),
        type_code=_next_type_code(context),
        ownership=ownership,
        columns=common_columns(name, ownership),
        change_tracking=body.get("ChangeTrackingEnabled") is True,
        optimistic_concurrency=True,
        bulk_messages=True,
        has_notes=bool(body.get("HasNotes")),
        has_activities=bool(body.get("HasActivities")),
        custom=True,
        metadata_id=new_id(),
    )
    for item in bodies:
        column_changes.put(context, table, column_changes.read_new(context, item))
    for column in table.columns.values():
        column.metadata_id = column.metadata_id or standard.metadata_id("column", logical, column.name)
    layout.create_table(context.database, table)
    context.catalogue.save_table(table)
    for column in table.columns.values():
        for one in standard.lookup_relationships(table, column, context.catalogue.tables):
            context.catalogue.save_one_to_many(one)
    context.catalogue.changed()
    context.shelf.put("Entity", table.metadata_id)
    refresh_messages(context.organisation)
    return table


def _next_type_code(context: ChangeContext) -> int:
    codes = [table.type_code for table in context.catalogue.tables.values()]
    return max(_FIRST_CUSTOM_CODE, max(codes) + 1)


def update_table(context: ChangeContext, table: Table, body: Json) -> None:
    """PUT of a definition: what may be changed is taken over, the rest is ignored."""
    context.require("prvWriteEntity")
    table.label = text_of(body.get("DisplayName")) or table.label
    table.plural = text_of(body.get("DisplayCollectionName")) or table.plural
    if "Description" in body:
        table.description = text_of(body["Description"])
    tracking = body.get("ChangeTrackingEnabled")
    if isinstance(tracking, bool):
        if tracking and not table.can_change_tracking:
            raise DataverseError(
                400, "0x80072492", f"Change tracking cannot be enabled for the entity '{table.name}'."
            )
        table.change_tracking = tracking
    for member, attribute in (("HasNotes", "has_notes"), ("HasActivities", "has_activities")):
        if isinstance(body.get(member), bool):
            setattr(table, attribute, body[member])
    context.catalogue.save_table(table)
    context.catalogue.changed()


def delete_table(context: ChangeContext, table: Table) -> None:
    context.require("prvDeleteEntity")
    if not table.custom:
        raise DataverseError(400, "0x8004f026", f"The entity '{table.name}' cannot be deleted.")
    for one in list(context.catalogue.one_to_many.values()):
        if one.referenced == table.name and one.referencing != table.name:
            raise DataverseError(
                400,
                "0x8004f01f",
                f"The Entity({table.metadata_id}) component cannot be deleted because it is referenced "
                f"by 1 other components: {one.schema_name}.",
            )
    for many in list(context.catalogue.many_to_many.values()):
        if table.name in (many.table1, many.table2):
            relationship_changes.delete_relationship(context, many.schema_name)
    for one in list(context.catalogue.one_to_many.values()):
        if table.name in (one.referencing, one.referenced):
            context.catalogue.forget("one_to_many", one.schema_name)
    layout.drop_table(context.database, table)
    context.catalogue.forget("table", table.name)
    context.catalogue.changed()
    context.shelf.remove(table.metadata_id)
    refresh_messages(context.organisation)


def _set_name(logical: str) -> str:
    """The plural as Dataverse forms it."""
    if logical.endswith(("s", "x", "z", "ch", "sh")):
        return logical + "es"
    if logical.endswith("y") and logical[-2:-1] not in "aeiou":
        return logical[:-1] + "ies"
    return logical + "s"
