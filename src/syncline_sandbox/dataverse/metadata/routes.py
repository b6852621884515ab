"""Routes of metadata: what is asked for, and by whom it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from syncline_sandbox.dataverse import errors
from syncline_sandbox.dataverse.errors import DataverseError
from syncline_sandbox.dataverse.http import Reply, Request, json_reply, no_content
from syncline_sandbox.dataverse.metadata import (
    attributes,
    building,
    choice_changes,
    column_changes,
    key_changes,
    relationship_changes,
    table_changes,
)
from syncline_sandbox.dataverse.metadata.change_context import change_context
from syncline_sandbox.dataverse.metadata.querying import Entity, collection, render
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query.expressions import Literal
from syncline_sandbox.dataverse.query.options import read_options, split_outside
from syncline_sandbox.dataverse.query.parser import parse_value
from syncline_sandbox.dataverse.resource_path import Segment
from syncline_sandbox.dataverse.schema.model import Column, Key, OptionSet, Table

_NAMESPACE = "Microsoft.Dynamics.CRM."
_SUFFIX = "Metadata"


def handle(organisation: Organisation, request: Request, segments: list[Segment]) -> Reply:
    route = _Route(organisation, request)
    match segments[0].name:
        case "EntityDefinitions":
            return route.tables(segments)
        case "RelationshipDefinitions":
            return route.relationships(segments)
        case _:
            return route.option_sets(segments)


def create_entities(organisation: Organisation, request: Request) -> Reply:
    """``CreateEntities``: tables with their columns in one action."""
    entities = request.json().get("Entities")
    if not isinstance(entities, list) or not entities or not all(isinstance(e, dict) for e in entities):
        raise errors.bad_request("Required field 'Entities' is missing for unbound action.", "0x80040203")
    solution = request.query.get("SolutionUniqueName") or request.headers.get("MSCRM.SolutionUniqueName")
    context = change_context(organisation, request, solution)
    made = [table_changes.create_table(context, body) for body in entities]
    name = f"{request.base_url}/$metadata#Microsoft.Dynamics.CRM.CreateEntitiesResponse"
    return json_reply({"@odata.context": name, "EntityIds": [table.metadata_id for table in made]})


def insert_option_value(organisation: Organisation, request: Request) -> Reply:
    """``InsertOptionValue``: one more option of a column's own choice."""
    body = request.json()
    context = change_context(organisation, request, body.get("SolutionUniqueName"))
    value = column_changes.insert_option(context, body)
    name = f"{request.base_url}/$metadata#Microsoft.Dynamics.CRM.InsertOptionValueResponse"
    return json_reply({"@odata.context": name, "NewOptionValue": value})


class _Route:
    def __init__(self, organisation: Organisation, request: Request) -> None:
        self._organisation = organisation
        self._catalogue = organisation.catalogue
        self._request = request
        self._change = change_context(organisation, request, request.headers.get("MSCRM.SolutionUniqueName"))

    # Tables

    def tables(self, segments: list[Segment]) -> Reply:
        first, rest = segments[0], segments[1:]
        if first.key is None:
            if self._request.method == "POST":
                return self._made(
                    "EntityDefinitions", table_changes.create_table(self._change, self._request.json())
                )
            hidden = self._organisation.settings.hidden_tables
            shown = [table for table in self._catalogue.tables.values() if table.name not in hidden]
            return self._list([building.table_entity(self._organisation, table) for table in shown], segments)
        table = self._table(first.key)
        if rest:
            return self._of_table(table, rest)
        match self._request.method:
            case "GET":
                return self._one(building.table_entity(self._organisation, table), segments)
            case "PUT" | "PATCH":
                self._require_put()
                table_changes.update_table(self._change, table, self._request.json())
                return no_content()
            case "DELETE":
                table_changes.delete_table(self._change, table)
                return no_content()
        raise errors.method_not_allowed(self._request.method)

    def _table(self, key: str) -> Table:
        name, value = self._key(key)
        if name == "LogicalName":
            table = self._catalogue.table(value)
            if table.name in self._organisation.settings.hidden_tables:
                raise self._missing(value)
            return table
        found = self._catalogue.by_metadata_id.get(value)
        if found is None:
            raise self._missing(value)
        return found

    def _of_table(self, table: Table, rest: list[Segment]) -> Reply:
        match rest[0].name:
            case "Attributes":
                return self._attributes(table, rest)
            case "Keys":
                return self._keys(table, rest)
        entity = building.table_entity(self._organisation, table)
        follow = entity.navigation.get(rest[0].name)
        if follow is not None and rest[0].key is None:
            related = follow()
            assert isinstance(related, list)
            return self._list(related, rest)
        if rest[0].name in entity.members and len(rest) == 1:
            return self._property(entity, rest[0].name)
        raise errors.unknown_segment(rest[0].name)

    # Columns

    def _attributes(self, table: Table, rest: list[Segment]) -> Reply:
        columns = list(table.columns.values())
        if rest[0].key is None:
            if self._request.method == "POST" and len(rest) == 1:
                column = column_changes.create_column(self._change, table, self._request.json())
                return self._made(self._request.path, column)
            cast = self._cast(rest[1:])
            if cast is not None:
                columns = [column for column in columns if attributes.cast_name(column) == cast]
            return self._list([self._column_entity(table, column, cast) for column in columns], rest)
        column = self._column(table, rest[0].key)
        behind = rest[1:]
        match self._request.method:
            case "PUT" | "PATCH":
                self._require_put()
                column_changes.update_column(self._change, table, column, self._request.json())
                return no_content()
            case "DELETE":
                column_changes.delete_column(self._change, table, column)
                return no_content()
        cast = self._cast(behind[:1])
        if cast is not None:
            if attributes.cast_name(column) != cast:
                raise self._missing(column.name)
            behind = behind[1:]
        entity = self._column_entity(table, column, attributes.cast_name(column))
        if not behind:
            return self._one(entity, rest)
        return self._behind(entity, behind)

    def _column_entity(self, table: Table, column: Column, cast: str | None) -> Entity:
        return building.column_entity(self._organisation, table, column, cast=cast is not None)

    def _column(self, table: Table, key: str) -> Column:
        name, value = self._key(key)
        for column in table.columns.values():
            if value in ((column.name,) if name == "LogicalName" else (column.metadata_id,)):
                return column
        raise DataverseError(
            404,
            "0x80060888",
            f"Could not find an attribute with specified name: {value} for entity with id: "
            f"{table.metadata_id}",
        )

    # Keys

    def _keys(self, table: Table, rest: list[Segment]) -> Reply:
        if rest[0].key is None:
            if self._request.method == "POST":
                key = key_changes.create_key(self._change, table, self._request.json())
                return self._made(self._request.path, key)
            keys = [building.key_entity(self._organisation, table, key) for key in table.keys.values()]
            return self._list(keys, rest)
        name, value = self._key(rest[0].key)
        found = next(
            (k for k in table.keys.values() if value == (k.name if name == "LogicalName" else k.metadata_id)),
            None,
        )
        if found is None:
            raise self._missing(value)
        if self._request.method == "DELETE":
            key_changes.delete_key(self._change, table, found)
            return no_content()
        if [segment.name for segment in rest[1:]] == [_NAMESPACE + "ReactivateEntityKey"]:
            key_changes.reactivate_key(self._change, table, found)
            return no_content()
        return self._one(building.key_entity(self._organisation, table, found), rest)

    # Relationships

    def relationships(self, segments: list[Segment]) -> Reply:
        first = segments[0]
        if first.key is None:
            if self._request.method == "POST":
                made = relationship_changes.create_relationship(self._change, self._request.json())
                return self._made("RelationshipDefinitions", made)
            entities = building.relationship_entities(self._organisation)
            cast = self._cast(segments[1:])
            if cast is not None:
                entities = [e for e in entities if e.members["@odata.type"] == f"#{_NAMESPACE}{cast}"]
            return self._list(entities, segments)
        name, value = self._key(first.key)
        # Clients that other people wrote address a relationship by LogicalName too.
        member = "SchemaName" if name in ("SchemaName", "LogicalName") else "MetadataId"
        entities = building.relationship_entities(self._organisation)
        entity = next((e for e in entities if str(e.members[member]).lower() == value.lower()), None)
        if entity is None:
            raise self._missing(value)
        match self._request.method:
            case "GET":
                return self._one(entity, segments)
            case "PUT" | "PATCH":
                self._require_put()
                relationship_changes.update_relationship(
                    self._change, str(entity.members["SchemaName"]), self._request.json()
                )
                return no_content()
            case "DELETE":
                relationship_changes.delete_relationship(self._change, str(entity.members["SchemaName"]))
                return no_content()
        raise errors.method_not_allowed(self._request.method)

    # Choices

    def option_sets(self, segments: list[Segment]) -> Reply:
        first = segments[0]
        if first.key is None:
            if self._request.method == "POST":
                made = choice_changes.create_option_set(self._change, self._request.json())
                return self._made("GlobalOptionSetDefinitions", made)
            entities = [building.option_set_entity(found) for found in self._catalogue.option_sets.values()]
            return self._list(entities, segments)
        option_set = self._option_set(first.key)
        match self._request.method:
            case "GET":
                return self._one(building.option_set_entity(option_set), segments)
            case "PUT" | "PATCH":
                self._require_put()
                choice_changes.update_option_set(self._change, option_set, self._request.json())
                return no_content()
            case "DELETE":
                choice_changes.delete_option_set(self._change, option_set)
                return no_content()
        raise errors.method_not_allowed(self._request.method)

    def _option_set(self, key: str) -> OptionSet:
        name, value = self._key(key)
        for found in self._catalogue.option_sets.values():
            if value == (found.name if name == "Name" else found.metadata_id):
                return found
        raise self._missing(value)

    # Parts

    def _key(self, text: str) -> tuple[str | None, str]:
        """``LogicalName='contact'`` or a metadata id."""
        pairs = split_outside(text, ",")
        if not pairs:
            raise errors.bad_request("The key in the request URI is not valid.")
        name, equals, value = pairs[0].partition("=")
        if not equals:
            return None, text.strip().strip("'").lower()
        literal = parse_value(value.strip(), self._request.aliases)
        if not isinstance(literal, Literal):
            raise errors.bad_request("The key in the request URI is not valid.")
        key = str(literal.value)
        return (None, key.lower()) if name.strip() == "MetadataId" else (name.strip(), key)

    def _cast(self, rest: list[Segment]) -> str | None:
        if not rest or not rest[0].is_operation or not rest[0].name.endswith(_SUFFIX):
            return None
        return rest[0].name.removeprefix(_NAMESPACE)

    def _missing(self, what: str) -> DataverseError:
        return DataverseError(404, "0x80060888", f"Could not find metadata with specified name or id: {what}")

    def _require_put(self) -> None:
        if self._request.method == "PATCH":
            raise errors.DataverseError(
                405, "0x80060888", "Metadata definitions are updated with PUT; PATCH is not supported."
            )

    def _made(self, path: str, thing: Table | Column | Key | OptionSet | object) -> Reply:
        made_id = getattr(thing, "metadata_id", "")
        return no_content({"OData-EntityId": f"{self._request.base_url}/{path}({made_id})"})

    def _list(self, entities: list[Entity], segments: list[Segment]) -> Reply:
        if self._request.method != "GET":
            raise errors.method_not_allowed(self._request.method)
        options = read_options(self._request.query, self._request.aliases)
        value = collection(entities, options)
        self._request.rows = len(value)
        body: dict[str, Any] = {"@odata.context": self._context(segments), "value": value}
        if options.count:
            body["@odata.count"] = len(value)
        return json_reply(body)

    def _one(self, entity: Entity, segments: list[Segment]) -> Reply:
        if self._request.method != "GET":
            raise errors.method_not_allowed(self._request.method)
        options = read_options(self._request.query, self._request.aliases)
        self._request.rows = 1
        return json_reply({"@odata.context": self._context(segments) + "/$entity", **render(entity, options)})

    def _behind(self, entity: Entity, rest: list[Segment]) -> Reply:
        """``…/OptionSet`` and plain members."""
        follow: Callable[[], Entity | list[Entity] | None] | None = entity.navigation.get(rest[0].name)
        if follow is not None and len(rest) == 1:
            related = follow()
            if related is None:
                return no_content()
            assert isinstance(related, Entity)
            return self._one(related, rest)
        if rest[0].name in entity.members and len(rest) == 1:
            return self._property(entity, rest[0].name)
        raise errors.unknown_segment(rest[0].name)

    def _property(self, entity: Entity, name: str) -> Reply:
        value = entity.members[name]
        context = f"{self._request.base_url}/$metadata#{entity.type_name}/{name}"
        if isinstance(value, dict):
            return json_reply({"@odata.context": context, **value})
        return json_reply({"@odata.context": context, "value": value})

    def _context(self, segments: list[Segment]) -> str:
        names = [
            segment.name if segment.key is None else f"{segment.name}({segment.key})" for segment in segments
        ]
        select = self._request.query.get("$select")
        last = names[-1].split("(")[0] if segments[-1].key is not None else names[-1]
        path = "/".join([*names[:-1], last])
        return f"{self._request.base_url}/$metadata#{path}" + (f"({select})" if select else "")
