"""Things of metadata with the ways from one to another."""

from __future__ import annotations

from syncline_sandbox.dataverse.metadata import attributes, definitions
from syncline_sandbox.dataverse.metadata.querying import Entity
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.schema.model import Column, Key, OptionSet, Table


def table_entity(organisation: Organisation, table: Table) -> Entity:
    catalogue = organisation.catalogue
    return Entity(
        "EntityMetadata",
        definitions.table_json(organisation, table),
        {
            "Attributes": lambda: [
                column_entity(organisation, table, column, cast=False) for column in table.columns.values()
            ],
            "Keys": lambda: [key_entity(organisation, table, key) for key in table.keys.values()],
            "OneToManyRelationships": lambda: [
                Entity("OneToManyRelationshipMetadata", definitions.one_to_many_json(organisation, one), {})
                for one in catalogue.one_to_many.values()
                if one.referenced == table.name
            ],
            "ManyToOneRelationships": lambda: [
                Entity("OneToManyRelationshipMetadata", definitions.one_to_many_json(organisation, one), {})
                for one in catalogue.one_to_many.values()
                if one.referencing == table.name
            ],
            "ManyToManyRelationships": lambda: [
                Entity("ManyToManyRelationshipMetadata", definitions.many_to_many_json(many), {})
                for many in catalogue.many_to_many.values()
                if table.name in (many.table1, many.table2)
            ],
        },
    )


def column_entity(organisation: Organisation, table: Table, column: Column, *, cast: bool) -> Entity:
    """Without a cast only the members that all columns share may be selected."""

    def local() -> Entity | None:
        return _option_entity(attributes.option_sets_of(organisation, table, column)[0])

    def shared() -> Entity | None:
        return _option_entity(attributes.option_sets_of(organisation, table, column)[1])

    members = attributes.column_json(organisation, table, column)
    navigation = (
        {"OptionSet": local, "GlobalOptionSet": shared} if cast and attributes.has_options(column) else {}
    )
    return Entity(
        attributes.cast_name(column) if cast else "AttributeMetadata",
        members,
        dict(navigation),
        None if cast else attributes.BASE_MEMBERS,
    )


def _option_entity(found: definitions.Json | None) -> Entity | None:
    return None if found is None else Entity("OptionSetMetadata", found, {})


def key_entity(organisation: Organisation, table: Table, key: Key) -> Entity:
    return Entity("EntityKeyMetadata", definitions.key_json(organisation, table, key), {})


def relationship_entities(organisation: Organisation) -> list[Entity]:
    catalogue = organisation.catalogue
    found = [
        Entity("OneToManyRelationshipMetadata", definitions.one_to_many_json(organisation, one), {})
        for one in catalogue.one_to_many.values()
    ]
    found += [
        Entity("ManyToManyRelationshipMetadata", definitions.many_to_many_json(many), {})
        for many in catalogue.many_to_many.values()
    ]
    return found


def option_set_entity(option_set: OptionSet) -> Entity:
    return Entity("OptionSetMetadata", definitions.global_option_set_json(option_set), {})
