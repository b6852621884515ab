"""All metadata of the organisation in memory, looked up by the names that requests use."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from syncline_sandbox.dataverse.errors import DataverseError, unknown_segment
from syncline_sandbox.dataverse.schema import standard
from syncline_sandbox.dataverse.schema.model import Column, ManyToMany, OneToMany, OptionSet, Table
from syncline_sandbox.dataverse.storage import layout
from syncline_sandbox.dataverse.storage.database import Database


@dataclass(frozen=True)
class SingleNavigation:
    """From a row to the one that its lookup points at. ``ownerid`` may lead to several tables."""

    name: str
    column: Column
    targets: tuple[str, ...]


@dataclass(frozen=True)
class CollectionNavigation:
    """From a row to many: by a lookup of theirs, or through an intersect table."""

    name: str
    table: str
    # One-to-many: the lookup column of ``table`` that points here.
    column: Column | None = None
    # Many-to-many: the intersect's columns for this side and for the other.
    intersect: str | None = None
    near: str = ""
    far: str = ""
    schema_name: str = ""


class Catalogue:
    """Tables, relationships and global choices; writes go through to the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.tables: dict[str, Table] = {}
        self.one_to_many: dict[str, OneToMany] = {}
        self.many_to_many: dict[str, ManyToMany] = {}
        self.option_sets: dict[str, OptionSet] = {}
        self.by_set: dict[str, Table] = {}
        self.by_metadata_id: dict[str, Table] = {}
        self._single: dict[str, dict[str, SingleNavigation]] = {}
        self._collection: dict[str, dict[str, CollectionNavigation]] = {}
        # Grows with every change; compiled queries and the CSDL are cached against it.
        self.revision = 0

    def load(self) -> None:
        """Read what the database holds."""
        kinds = {
            "table": Table,
            "one_to_many": OneToMany,
            "many_to_many": ManyToMany,
            "option_set": OptionSet,
        }
        found: dict[str, dict[str, object]] = {kind: {} for kind in kinds}
        for kind, name, value in self._database.rows("SELECT kind, name, value FROM _metadata"):
            found[kind][name] = msgspec.json.decode(value, type=kinds[kind])
        self.tables = found["table"]  # type: ignore[assignment]
        self.one_to_many = found["one_to_many"]  # type: ignore[assignment]
        self.many_to_many = found["many_to_many"]  # type: ignore[assignment]
        self.option_sets = found["option_set"]  # type: ignore[assignment]
        self._index()

    def install_standard(self) -> None:
        """Make the standard tables in an empty database."""
        tables = standard.standard_tables()
        for relation in standard.standard_many_to_many():
            if relation.intersect not in tables:
                tables[relation.intersect] = intersect_table(relation)
            self.many_to_many[relation.schema_name] = relation
        for table in tables.values():
            layout.create_table(self._database, table)
            self.save_table(table)
        for relation in self.many_to_many.values():
            self._save("many_to_many", relation.schema_name, relation)
        for table in tables.values():
            for column in table.columns.values():
                for one in standard.lookup_relationships(table, column, tables):
                    self.save_one_to_many(one)
        for option_set in standard.standard_option_sets(tables).values():
            self.save_option_set(option_set)
        self._index()

    def save_table(self, table: Table) -> None:
        self.tables[table.name] = table
        self._save("table", table.name, table)

    def save_one_to_many(self, relation: OneToMany) -> None:
        self.one_to_many[relation.schema_name] = relation
        self._save("one_to_many", relation.schema_name, relation)

    def save_many_to_many(self, relation: ManyToMany) -> None:
        self.many_to_many[relation.schema_name] = relation
        self._save("many_to_many", relation.schema_name, relation)

    def save_option_set(self, option_set: OptionSet) -> None:
        self.option_sets[option_set.name] = option_set
        self._save("option_set", option_set.name, option_set)

    def forget(self, kind: str, name: str) -> None:
        """Remove a table, relationship or choice from the metadata."""
        {
            "table": self.tables,
            "one_to_many": self.one_to_many,
            "many_to_many": self.many_to_many,
            "option_set": self.option_sets,
        }[kind].pop(name, None)  # type: ignore[attr-defined]
        self._database.execute("DELETE FROM _metadata WHERE kind = ? AND name = ?", (kind, name))

    def changed(self) -> None:
        """Rebuild the indexes after saving."""
        self._index()

    def _save(self, kind: str, name: str, value: object) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO _metadata VALUES (?, ?, ?)", (kind, name, msgspec.json.encode(value))
        )

    # Look-ups

    def has_pending_keys(self) -> bool:
        """Whether the index of some alternate key is still to be built."""
        return any(
            not key.built and not key.failed for table in self.tables.values() for key in table.keys.values()
        )

    def table_of_set(self, set_name: str) -> Table:
        """Raises 404 for an unknown entity set; set names are case-sensitive."""
        table = self.by_set.get(set_name)
        if table is None:
            raise unknown_segment(set_name)
        return table

    def table(self, name: str) -> Table:
        """By logical name; raises the metadata error for an unknown one."""
        table = self.tables.get(name)
        if table is None:
            raise DataverseError(
                404,
                "0x80060888",
                f"The entity with a name = '{name}' with namemapping = 'Logical' was not found in the "
                "MetadataCache.",
            )
        return table

    def single(self, table: Table, name: str) -> SingleNavigation | None:
        return self._single.get(table.name, {}).get(name)

    def collection(self, table: Table, name: str) -> CollectionNavigation | None:
        return self._collection.get(table.name, {}).get(name)

    def singles(self, table: Table) -> dict[str, SingleNavigation]:
        return self._single.get(table.name, {})

    def collections(self, table: Table) -> dict[str, CollectionNavigation]:
        return self._collection.get(table.name, {})

    def navigation_of(self, table: Table, column: Column, target: str | None) -> str | None:
        """Name of the navigation property for a lookup that points at ``target``."""
        for navigation in self._single.get(table.name, {}).values():
            if navigation.column.name == column.name and (target is None or target in navigation.targets):
                return navigation.name
        return None

    def _index(self) -> None:
        self.revision += 1
        self.by_set = {table.set_name: table for table in self.tables.values()}
        self.by_metadata_id = {table.metadata_id: table for table in self.tables.values()}
        self._single = {name: {} for name in self.tables}
        self._collection = {name: {} for name in self.tables}
        for one in self.one_to_many.values():
            self._index_one_to_many(one)
        for many in self.many_to_many.values():
            self._index_many_to_many(many)

    def _index_one_to_many(self, one: OneToMany) -> None:
        column = self.tables[one.referencing].columns[one.column]
        singles = self._single[one.referencing]
        earlier = singles.get(one.lookup_navigation)
        targets = (*earlier.targets, one.referenced) if earlier is not None else (one.referenced,)
        singles[one.lookup_navigation] = SingleNavigation(one.lookup_navigation, column, targets)
        self._collection[one.referenced][one.collection_navigation] = CollectionNavigation(
            one.collection_navigation, one.referencing, column=column, schema_name=one.schema_name
        )

    def _index_many_to_many(self, many: ManyToMany) -> None:
        self._collection[many.table1][many.navigation1] = CollectionNavigation(
            many.navigation1,
            many.table2,
            intersect=many.intersect,
            near=many.column1,
            far=many.column2,
            schema_name=many.schema_name,
        )
        self._collection[many.table2][many.navigation2] = CollectionNavigation(
            many.navigation2,
            many.table1,
            intersect=many.intersect,
            near=many.column2,
            far=many.column1,
            schema_name=many.schema_name,
        )


def intersect_table(relation: ManyToMany) -> Table:
    """The table that holds the pairs of a many-to-many relationship."""
    name = relation.intersect
    columns = {
        column.name: column
        for column in (
            Column(name=f"{name}id", schema_name=f"{name}id", type="Uniqueidentifier", can_update=False),
            Column(name="versionnumber", schema_name="VersionNumber", type="BigInt", can_update=False),
            Column(name=relation.column1, schema_name=relation.column1, type="Uniqueidentifier"),
            Column(name=relation.column2, schema_name=relation.column2, type="Uniqueidentifier"),
        )
    }
    for column in columns.values():
        column.metadata_id = standard.metadata_id("column", name, column.name)
    return Table(
        name=name,
        set_name=f"{name}collection" if name.endswith("s") else f"{name}set",
        schema_name=name,
        label=name,
        plural=name,
        primary_id=f"{name}id",
        primary_name=None,
        type_code=0,
        ownership="None",
        columns=columns,
        can_change_tracking=False,
        is_intersect=True,
        messages=["Retrieve", "RetrieveMultiple"],
        custom=relation.custom,
        metadata_id=standard.metadata_id("table", name),
    )
