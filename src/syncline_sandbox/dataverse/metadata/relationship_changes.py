"""Relationships: one-to-many with their lookup, many-to-many with their intersect table."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.metadata import column_changes, reading
from syncline_sandbox.dataverse.metadata.change_context import ChangeContext, already_exists
from syncline_sandbox.dataverse.organisation import new_id
from syncline_sandbox.dataverse.schema.catalogue import intersect_table
from syncline_sandbox.dataverse.schema.model import Column, ManyToMany, OneToMany
from syncline_sandbox.dataverse.storage import layout

Json = dict[str, Any]
_DELETES = frozenset({"RemoveLink", "Restrict", "Cascade", "NoCascade"})


def create_relationship(context: ChangeContext, body: Json) -> OneToMany | ManyToMany:
    context.require("prvCreateRelationship")
    name = reading.schema_name(body)
    if name in context.catalogue.one_to_many or name in context.catalogue.many_to_many:
        raise already_exists("relationship", name)
    if reading.type_name(body) == "ManyToManyRelationshipMetadata":
        many = _many_to_many(context, name, body)
        context.shelf.put("Entity Relationship", many.metadata_id)
        return many
    one = _one_to_many(context, name, body)
    context.shelf.put("Entity Relationship", one.metadata_id)
    return one


def _one_to_many(context: ChangeContext, name: str, body: Json) -> OneToMany:
    referenced = context.catalogue.table(str(body.get("ReferencedEntity", "")))
    referencing = context.catalogue.table(str(body.get("ReferencingEntity", "")))
    lookup = body.get("Lookup")
    if not isinstance(lookup, dict):
        raise bad_request("A one-to-many relationship needs its Lookup.", "0x80048403")
    column_name = reading.schema_name(lookup)
    if column_name.lower() in referencing.columns:
        raise already_exists("attribute", column_name)
    column = Column(
        name=column_name.lower(),
        schema_name=column_name,
        type="Lookup",
        targets=[referenced.name],
        custom=True,
        metadata_id=new_id(),
    )
    reading.apply_definition(column, lookup)
    before = set(referencing.columns)
    referencing.columns[column.name] = column
    cascade = body.get("CascadeConfiguration")
    delete = cascade.get("Delete") if isinstance(cascade, dict) else None
    one = OneToMany(
        schema_name=name,
        referenced=referenced.name,
        referencing=referencing.name,
        column=column.name,
        lookup_navigation=body.get("ReferencingEntityNavigationPropertyName") or column_name,
        collection_navigation=body.get("ReferencedEntityNavigationPropertyName") or name,
        delete=delete if delete in _DELETES else "RemoveLink",
        custom=True,
        metadata_id=new_id(),
    )
    context.catalogue.save_one_to_many(one)
    column_changes.add_to_store(context, referencing, before)
    return one


def _many_to_many(context: ChangeContext, name: str, body: Json) -> ManyToMany:
    table1 = context.catalogue.table(str(body.get("Entity1LogicalName", "")))
    table2 = context.catalogue.table(str(body.get("Entity2LogicalName", "")))
    column1, column2 = table1.primary_id, table2.primary_id
    if column1 == column2:
        column1, column2 = f"{column1}one", f"{column2}two"
    many = ManyToMany(
        schema_name=name,
        intersect=str(body.get("IntersectEntityName") or name).lower(),
        table1=table1.name,
        column1=column1,
        navigation1=body.get("Entity1NavigationPropertyName") or name,
        table2=table2.name,
        column2=column2,
        navigation2=body.get("Entity2NavigationPropertyName") or name,
        custom=True,
        metadata_id=new_id(),
    )
    if many.intersect in context.catalogue.tables:
        raise already_exists("entity", many.intersect)
    table = intersect_table(many)
    layout.create_table(context.database, table)
    context.catalogue.save_table(table)
    context.catalogue.save_many_to_many(many)
    context.catalogue.changed()
    return many


def update_relationship(context: ChangeContext, name: str, body: Json) -> None:
    one = context.catalogue.one_to_many.get(name)
    if one is None:
        return
    cascade = body.get("CascadeConfiguration")
    delete = cascade.get("Delete") if isinstance(cascade, dict) else None
    if delete in _DELETES:
        one.delete = delete
    context.catalogue.save_one_to_many(one)


def delete_relationship(context: ChangeContext, name: str) -> None:
    """With a one-to-many relationship its lookup column goes, too."""
    context.require("prvDeleteRelationship")
    one, many = context.catalogue.one_to_many.get(name), context.catalogue.many_to_many.get(name)
    found = one or many
    assert found is not None
    if not found.custom:
        raise DataverseError(400, "0x8004f026", f"The relationship '{name}' cannot be deleted.")
    if one is not None:
        table = context.catalogue.tables[one.referencing]
        column_changes.delete_column(context, table, table.columns[one.column])
    if many is not None:
        table = context.catalogue.tables[many.intersect]
        context.catalogue.forget("many_to_many", name)
        layout.drop_table(context.database, table)
        context.catalogue.forget("table", table.name)
        context.catalogue.changed()
    context.shelf.remove(found.metadata_id)
