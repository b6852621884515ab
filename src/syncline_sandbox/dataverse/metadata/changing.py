"""Changes to metadata: tables, columns, keys, relationships, choices."""

from __future__ import annotations

import sqlite3
from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.http import Request
from syncline_sandbox.dataverse.metadata import reading
from syncline_sandbox.dataverse.metadata.labels import text_of
from syncline_sandbox.dataverse.metadata.solutions import SolutionShelf
from syncline_sandbox.dataverse.organisation import APPLICATION_USER_ID, Organisation, new_id
from syncline_sandbox.dataverse.schema import standard
from syncline_sandbox.dataverse.schema.catalogue import intersect_table
from syncline_sandbox.dataverse.schema.model import (
    Column,
    Key,
    ManyToMany,
    OneToMany,
    Option,
    OptionSet,
    OwnershipType,
    Table,
)
from syncline_sandbox.dataverse.schema.owned import common_columns, money_companions
from syncline_sandbox.dataverse.storage import layout

Json = dict[str, Any]
MAX_KEYS = 10
MAX_KEY_COLUMNS = 16
_KEY_TYPES = frozenset(
    {"Decimal", "Integer", "BigInt", "String", "DateTime", "Lookup", "Customer", "Picklist"}
)
_DELETES = frozenset({"RemoveLink", "Restrict", "Cascade", "NoCascade"})
_FIRST_CUSTOM_CODE = 10_000


def settle_keys(organisation: Organisation) -> None:
    """Build the indexes of keys whose time has come; a key whose rows collide fails."""
    now = organisation.clock.epoch_ms()
    for table in list(organisation.catalogue.tables.values()):
        for key in table.keys.values():
            if not key.built and not key.failed and key.active_from_ms <= now:
                _build(organisation, table, key)


def _build(organisation: Organisation, table: Table, key: Key) -> None:
    with organisation.database.transaction():
        try:
            layout.build_key_index(organisation.database, table, key)
            key.built = True
        except sqlite3.IntegrityError:
            key.failed = True
        organisation.catalogue.save_table(table)


class MetadataChanger:
    """Changes asked for by one request, put into the solution that it names."""

    def __init__(self, organisation: Organisation, request: Request, solution: str | None) -> None:
        self._organisation = organisation
        self._database = organisation.database
        self._catalogue = organisation.catalogue
        self._request = request
        self._shelf = SolutionShelf(organisation, solution)

    def _require(self, privilege: str) -> None:
        denied = self._organisation.settings.denied
        if privilege in denied and self._request.user_id == APPLICATION_USER_ID:
            raise DataverseError(
                403,
                "0x80040220",
                f"Principal user (Id={self._request.user_id}, type=8) is missing {privilege} privilege.",
            )

    # Tables

    def create_table(self, body: Json) -> Table:
        self._require("prvCreateEntity")
        name = reading.schema_name(body)
        logical = name.lower()
        if logical in self._catalogue.tables:
            raise _exists("entity", name)
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
            type_code=self._next_type_code(),
            ownership=ownership,
            columns=common_columns(name, ownership),
            change_tracking=body.get("ChangeTrackingEnabled", True) is not False,
            optimistic_concurrency=True,
            bulk_messages=True,
            has_notes=bool(body.get("HasNotes")),
            has_activities=bool(body.get("HasActivities")),
            custom=True,
            metadata_id=new_id(),
        )
        for item in bodies:
            self._put_column(table, self._read_column(item))
        for column in table.columns.values():
            column.metadata_id = column.metadata_id or standard.metadata_id("column", logical, column.name)
        layout.create_table(self._database, table)
        self._catalogue.save_table(table)
        for column in table.columns.values():
            for one in standard.lookup_relationships(table, column, self._catalogue.tables):
                self._catalogue.save_one_to_many(one)
        self._catalogue.changed()
        self._shelf.put("Entity", table.metadata_id)
        return table

    def _next_type_code(self) -> int:
        codes = [table.type_code for table in self._catalogue.tables.values()]
        return max(_FIRST_CUSTOM_CODE, max(codes) + 1)

    def update_table(self, table: Table, body: Json) -> None:
        """PUT of a definition: what may be changed is taken over, the rest is ignored."""
        self._require("prvWriteEntity")
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
        self._catalogue.save_table(table)
        self._catalogue.changed()

    def delete_table(self, table: Table) -> None:
        self._require("prvDeleteEntity")
        if not table.custom:
            raise DataverseError(400, "0x8004f026", f"The entity '{table.name}' cannot be deleted.")
        for one in list(self._catalogue.one_to_many.values()):
            if one.referenced == table.name and one.referencing != table.name:
                raise DataverseError(
                    400,
                    "0x8004f01f",
                    f"The Entity({table.metadata_id}) component cannot be deleted because it is referenced "
                    f"by 1 other components: {one.schema_name}.",
                )
        for many in list(self._catalogue.many_to_many.values()):
            if table.name in (many.table1, many.table2):
                self.delete_relationship(many.schema_name)
        for one in list(self._catalogue.one_to_many.values()):
            if table.name in (one.referencing, one.referenced):
                self._catalogue.forget("one_to_many", one.schema_name)
        layout.drop_table(self._database, table)
        self._catalogue.forget("table", table.name)
        self._catalogue.changed()
        self._shelf.remove(table.metadata_id)

    # Columns

    def create_column(self, table: Table, body: Json) -> Column:
        self._require("prvCreateAttribute")
        column = self._read_column(body)
        if column.name in table.columns:
            raise _exists("attribute", column.schema_name)
        before = set(table.columns)
        self._put_column(table, column)
        self._add_to_store(table, before)
        self._shelf.put("Attribute", column.metadata_id)
        return column

    def _add_to_store(self, table: Table, before: set[str]) -> None:
        for name, column in table.columns.items():
            if name not in before:
                layout.add_column(self._database, table, column)
        self._catalogue.save_table(table)
        self._catalogue.changed()

    def _read_column(self, body: Json) -> Column:
        shared = {found.name: found.options for found in self._catalogue.option_sets.values()}
        names = {found.metadata_id: found.name for found in self._catalogue.option_sets.values()}
        bound = body.get("GlobalOptionSet@odata.bind")
        if isinstance(bound, str):
            key = bound.rpartition("(")[2].rstrip(")").lower()
            if key in names:
                body = body | {"GlobalOptionSet@odata.bind": f"(Name='{names[key]}')"}
        given = body.get("OptionSet")
        if isinstance(given, dict) and given.get("IsGlobal") and given.get("Options") and given.get("Name"):
            made = self.create_option_set(
                given | {"DisplayName": given.get("DisplayName") or body.get("DisplayName")}
            )
            shared[made.name] = made.options
            body = body | {"OptionSet": {"IsGlobal": True, "Name": made.name}}
        return reading.read_column(body, shared)

    def _put_column(self, table: Table, column: Column) -> None:
        column.metadata_id = new_id()
        table.columns[column.name] = column
        for companion in money_companions(table, column):
            companion.metadata_id = new_id()
            table.columns[companion.name] = companion

    def update_column(self, table: Table, column: Column, body: Json) -> None:
        self._require("prvWriteAttribute")
        reading.apply_definition(column, body)
        shared = {found.name: found.options for found in self._catalogue.option_sets.values()}
        if column.option_set is None:
            reading.read_options(column, body, shared)
        self._catalogue.save_table(table)
        self._catalogue.changed()

    def delete_column(self, table: Table, column: Column) -> None:
        self._require("prvDeleteAttribute")
        if not column.custom or column.name in (table.primary_id, table.primary_name):
            raise DataverseError(400, "0x8004f026", f"The attribute '{column.name}' cannot be deleted.")
        if any(column.name in key.columns for key in table.keys.values()):
            raise DataverseError(
                400, "0x8004f01f", f"The attribute '{column.name}' cannot be deleted: a key refers to it."
            )
        for one in list(self._catalogue.one_to_many.values()):
            if one.referencing == table.name and one.column == column.name:
                self._catalogue.forget("one_to_many", one.schema_name)
        companions = [found for found in table.columns.values() if found.base_of == column.name]
        for found in (column, *companions):
            layout.drop_column(self._database, table, found)
            del table.columns[found.name]
        self._catalogue.save_table(table)
        self._catalogue.changed()
        self._shelf.remove(column.metadata_id)

    # Keys

    def create_key(self, table: Table, body: Json) -> Key:
        self._require("prvWriteEntity")
        name = reading.schema_name(body)
        columns = body.get("KeyAttributes")
        if not isinstance(columns, list) or not 1 <= len(columns) <= MAX_KEY_COLUMNS:
            raise bad_request(f"A key needs between 1 and {MAX_KEY_COLUMNS} KeyAttributes.", "0x80060889")
        if len(table.keys) >= MAX_KEYS:
            raise DataverseError(400, "0x80060894", f"An entity can have at most {MAX_KEYS} keys.")
        if name.lower() in table.keys:
            raise DataverseError(400, "0x80060895", f"A key with the name '{name}' exists already.")
        for column_name in columns:
            column = table.columns.get(str(column_name))
            if column is None or column.type not in _KEY_TYPES:
                raise bad_request(f"The attribute '{column_name}' cannot be part of a key.", "0x80060893")
        delay_ms = int(self._organisation.settings.key_index_delay_s * 1000)
        key = Key(
            name=name.lower(),
            schema_name=name,
            columns=[str(column_name) for column_name in columns],
            label=text_of(body.get("DisplayName")) or name,
            active_from_ms=self._organisation.clock.epoch_ms() + delay_ms,
            metadata_id=new_id(),
        )
        table.keys[key.name] = key
        self._catalogue.save_table(table)
        self._catalogue.changed()
        if delay_ms == 0:
            _build(self._organisation, table, key)
        self._shelf.put("Entity Key", key.metadata_id)
        return key

    def reactivate_key(self, table: Table, key: Key) -> None:
        key.failed = False
        _build(self._organisation, table, key)

    def delete_key(self, table: Table, key: Key) -> None:
        self._require("prvWriteEntity")
        layout.drop_key_index(self._database, table, key)
        del table.keys[key.name]
        self._catalogue.save_table(table)
        self._catalogue.changed()
        self._shelf.remove(key.metadata_id)

    # Relationships

    def create_relationship(self, body: Json) -> OneToMany | ManyToMany:
        self._require("prvCreateRelationship")
        name = reading.schema_name(body)
        if name in self._catalogue.one_to_many or name in self._catalogue.many_to_many:
            raise _exists("relationship", name)
        if reading.type_name(body) == "ManyToManyRelationshipMetadata":
            many = self._many_to_many(name, body)
            self._shelf.put("Entity Relationship", many.metadata_id)
            return many
        one = self._one_to_many(name, body)
        self._shelf.put("Entity Relationship", one.metadata_id)
        return one

    def _one_to_many(self, name: str, body: Json) -> OneToMany:
        referenced = self._catalogue.table(str(body.get("ReferencedEntity", "")))
        referencing = self._catalogue.table(str(body.get("ReferencingEntity", "")))
        lookup = body.get("Lookup")
        if not isinstance(lookup, dict):
            raise bad_request("A one-to-many relationship needs its Lookup.", "0x80048403")
        column_name = reading.schema_name(lookup)
        if column_name.lower() in referencing.columns:
            raise _exists("attribute", column_name)
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
        self._catalogue.save_one_to_many(one)
        self._add_to_store(referencing, before)
        return one

    def _many_to_many(self, name: str, body: Json) -> ManyToMany:
        table1 = self._catalogue.table(str(body.get("Entity1LogicalName", "")))
        table2 = self._catalogue.table(str(body.get("Entity2LogicalName", "")))
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
        if many.intersect in self._catalogue.tables:
            raise _exists("entity", many.intersect)
        table = intersect_table(many)
        layout.create_table(self._database, table)
        self._catalogue.save_table(table)
        self._catalogue.save_many_to_many(many)
        self._catalogue.changed()
        return many

    def update_relationship(self, name: str, body: Json) -> None:
        one = self._catalogue.one_to_many.get(name)
        if one is None:
            return
        cascade = body.get("CascadeConfiguration")
        delete = cascade.get("Delete") if isinstance(cascade, dict) else None
        if delete in _DELETES:
            one.delete = delete
        self._catalogue.save_one_to_many(one)

    def delete_relationship(self, name: str) -> None:
        """With a one-to-many relationship its lookup column goes, too."""
        self._require("prvDeleteRelationship")
        one, many = self._catalogue.one_to_many.get(name), self._catalogue.many_to_many.get(name)
        found = one or many
        assert found is not None
        if not found.custom:
            raise DataverseError(400, "0x8004f026", f"The relationship '{name}' cannot be deleted.")
        if one is not None:
            table = self._catalogue.tables[one.referencing]
            self.delete_column(table, table.columns[one.column])
        if many is not None:
            table = self._catalogue.tables[many.intersect]
            self._catalogue.forget("many_to_many", name)
            layout.drop_table(self._database, table)
            self._catalogue.forget("table", table.name)
            self._catalogue.changed()
        self._shelf.remove(found.metadata_id)

    # Choices

    def create_option_set(self, body: Json) -> OptionSet:
        self._require("prvCreateOptionSet")
        name = str(body.get("Name") or "").lower()
        if "_" not in name:
            raise bad_request("The Name of a global option set needs a customization prefix.", "0x80044363")
        if name in self._catalogue.option_sets:
            raise _exists("option set", name)
        made = OptionSet(
            name=name,
            label=text_of(body.get("DisplayName")) or name,
            description=text_of(body.get("Description")),
            options=[reading.read_option(option) for option in body.get("Options") or []],
            custom=True,
            metadata_id=new_id(),
        )
        self._catalogue.save_option_set(made)
        self._shelf.put("Option Set", made.metadata_id)
        return made

    def update_option_set(self, option_set: OptionSet, body: Json) -> None:
        option_set.label = text_of(body.get("DisplayName")) or option_set.label
        if isinstance(body.get("Options"), list):
            self.replace_options(option_set, [reading.read_option(option) for option in body["Options"]])
        self._catalogue.save_option_set(option_set)

    def replace_options(self, option_set: OptionSet, options: list[Option]) -> None:
        """A global choice and every column that uses it."""
        option_set.options = options
        self._catalogue.save_option_set(option_set)
        for table in self._catalogue.tables.values():
            users = [column for column in table.columns.values() if column.option_set == option_set.name]
            for column in users:
                column.options = options
            if users:
                self._catalogue.save_table(table)
        self._catalogue.changed()

    def delete_option_set(self, option_set: OptionSet) -> None:
        for table in self._catalogue.tables.values():
            if any(column.option_set == option_set.name for column in table.columns.values()):
                raise DataverseError(
                    400, "0x8004f01f", f"The option set '{option_set.name}' is used by '{table.name}'."
                )
        self._catalogue.forget("option_set", option_set.name)
        self._shelf.remove(option_set.metadata_id)


def _exists(kind: str, name: str) -> DataverseError:
    codes = {"entity": "0x80044150", "attribute": "0x80044153", "relationship": "0x80047002"}
    return DataverseError(
        400,
        codes.get(kind, "0x80048403"),
        f"An {kind} with the specified name {name} already exists. Specify a unique name.",
    )


def _set_name(logical: str) -> str:
    """The plural as Dataverse forms it."""
    if logical.endswith(("s", "x", "z", "ch", "sh")):
        return logical + "es"
    if logical.endswith("y") and logical[-2:-1] not in "aeiou":
        return logical[:-1] + "ies"
    return logical + "s"
