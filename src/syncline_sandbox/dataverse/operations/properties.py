"""Requests about a part of a row: one property, a navigation property, a reference."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse import errors
from syncline_sandbox.dataverse.http import Reply, Request, json_reply, no_content
from syncline_sandbox.dataverse.operations import collections, rows
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query.expanding import Expander
from syncline_sandbox.dataverse.query.options import Options, read_options
from syncline_sandbox.dataverse.resource_path import RowAddress, Segment, read_key
from syncline_sandbox.dataverse.rows import addressing, linking
from syncline_sandbox.dataverse.schema.catalogue import CollectionNavigation, SingleNavigation
from syncline_sandbox.dataverse.schema.model import Column, Table
from syncline_sandbox.dataverse.security import Guard
from syncline_sandbox.dataverse.storage.database import quoted

REFERENCE = "$ref"


def handle(organisation: Organisation, request: Request, address: RowAddress, rest: list[Segment]) -> Reply:
    """Everything behind ``set(key)/``."""
    table = address.table
    Guard(organisation, request.user_id).require(table, "Read")
    row_id = addressing.require(organisation, address)
    return _step(organisation, request, table, row_id, rest)


def _step(
    organisation: Organisation, request: Request, table: Table, row_id: str, rest: list[Segment]
) -> Reply:
    segment = rest[0]
    column = table.column_of_property(segment.name)
    if column is not None and segment.key is None:
        return _property(organisation, request, table, row_id, column, rest[1:])
    single = organisation.catalogue.single(table, segment.name)
    if single is not None and segment.key is None:
        return _single(organisation, request, table, row_id, single, rest[1:])
    collection = organisation.catalogue.collection(table, segment.name)
    if collection is not None:
        return _collection(organisation, request, table, row_id, collection, rest)
    raise errors.unknown_segment(segment.name)


# Properties


def _property(
    organisation: Organisation,
    request: Request,
    table: Table,
    row_id: str,
    column: Column,
    rest: list[Segment],
) -> Reply:
    raw = [segment.name for segment in rest] == ["$value"]
    if rest and not raw:
        raise errors.unknown_segment(rest[0].name)
    match request.method:
        case "GET":
            return _read_property(organisation, request, table, row_id, column, raw=raw)
        case "PUT" | "PATCH":
            body = request.json()
            if "value" not in body:
                raise errors.bad_payload(table.set_name, "A property named 'value' was expected.")
            return _change_property(organisation, request, table, row_id, column, body["value"])
        case "DELETE":
            return _change_property(organisation, request, table, row_id, column, None)
    raise errors.method_not_allowed(request.method)


def _read_property(
    organisation: Organisation,
    request: Request,
    table: Table,
    row_id: str,
    column: Column,
    *,
    raw: bool,
) -> Reply:
    options = Options(select=(column.property_name,))
    row = organisation.reader(request.user_id).one(table, row_id, options, request.prefer)
    assert row is not None
    value = row[column.property_name]
    if value is None:
        return no_content()
    request.rows = 1
    if raw:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return Reply(200, text.encode(), {}, "text/plain")
    context = f"{request.base_url}/$metadata#{table.set_name}({row_id})/{column.property_name}"
    return json_reply({"@odata.context": context, "value": value})


def _change_property(
    organisation: Organisation,
    request: Request,
    table: Table,
    row_id: str,
    column: Column,
    value: Any,
) -> Reply:
    writer = rows.writer_for(organisation, request)
    if column.is_lookup:
        raise errors.bad_payload(table.set_name, "Use $ref of the navigation property instead.")
    rows.require_version(writer, request, table, row_id)
    writer.update(table, row_id, {column.name: value})
    request.rows = 1
    return no_content()


# Single-valued navigation


def _single(
    organisation: Organisation,
    request: Request,
    table: Table,
    row_id: str,
    navigation: SingleNavigation,
    rest: list[Segment],
) -> Reply:
    target, other_id = _pointed_at(organisation, table, row_id, navigation)
    if [segment.name for segment in rest] == [REFERENCE]:
        return _single_reference(organisation, request, table, row_id, navigation, target, other_id)
    if target is None or other_id is None:
        if request.method == "GET":
            return no_content()
        raise errors.unknown_segment(navigation.name)
    if rest:
        return _step(organisation, request, target, other_id, rest)
    if request.method != "GET":
        raise errors.method_not_allowed(request.method)
    options = read_options(request.query, request.aliases)
    return rows.read_by_id(organisation, request, target, other_id, options)


def _pointed_at(
    organisation: Organisation, table: Table, row_id: str, navigation: SingleNavigation
) -> tuple[Table | None, str | None]:
    column = navigation.column
    kind = quoted(column.target_column) if column.keeps_target else f"'{navigation.targets[0]}'"
    found = organisation.database.row(
        f"SELECT {quoted(column.name)}, {kind} FROM {quoted(table.name)} WHERE {quoted(table.primary_id)} "
        "= ?",
        (row_id,),
    )
    if found is None or found[0] is None or found[1] not in navigation.targets:
        return None, None
    return organisation.catalogue.tables[found[1]], found[0]


def _single_reference(
    organisation: Organisation,
    request: Request,
    table: Table,
    row_id: str,
    navigation: SingleNavigation,
    target: Table | None,
    other_id: str | None,
) -> Reply:
    if request.method == "GET":
        if target is None or other_id is None:
            return no_content()
        return json_reply(
            {
                "@odata.context": f"{request.base_url}/$metadata#$ref",
                "@odata.id": rows.entity_url(request, target, other_id),
            }
        )
    writer = rows.writer_for(organisation, request)
    if request.method == "DELETE":
        linking.set_lookup(writer, table, row_id, navigation, None, None)
        return no_content()
    if request.method in ("PUT", "POST"):
        linking.link_address(writer, table, row_id, navigation, _referenced(organisation, request, table))
        return no_content()
    raise errors.method_not_allowed(request.method)


def _referenced(organisation: Organisation, request: Request, table: Table) -> RowAddress:
    """The row named by a body such as ``{"@odata.id": "…/contacts(…)"}``."""
    return addressing.read_reference(
        organisation,
        request.json().get("@odata.id"),
        request.base_url,
        request.content_ids,
        table.set_name,
    )


# Collections


def _collection(
    organisation: Organisation,
    request: Request,
    table: Table,
    row_id: str,
    navigation: CollectionNavigation,
    rest: list[Segment],
) -> Reply:
    names = [segment.name for segment in rest[1:]]
    if rest[0].key is None and names == [REFERENCE]:
        return _collection_reference(organisation, request, table, row_id, navigation)
    if rest[0].key is not None:
        return _member(organisation, request, table, row_id, navigation, rest)
    expander = Expander(organisation.reader(request.user_id), request.prefer, request.base_url)
    source = expander.related(table, row_id, navigation)
    options = read_options(request.query, request.aliases)
    if request.method == "GET" and names == ["$count"]:
        return collections.count_source(organisation, request, source, options)
    if request.method == "GET" and not names:
        Guard(organisation, request.user_id).require(source.table, "Read")
        path = f"{table.set_name}({row_id})/{navigation.name}"
        return collections.read_source(organisation, request, source, options, path)
    if request.method == "POST" and not names:
        return _create_in(organisation, request, table, row_id, navigation)
    raise errors.method_not_allowed(request.method)


def _create_in(
    organisation: Organisation,
    request: Request,
    table: Table,
    row_id: str,
    navigation: CollectionNavigation,
) -> Reply:
    writer = rows.writer_for(organisation, request)
    child = organisation.catalogue.tables[navigation.table]
    child_id = writer.create(child, request.json())
    linking.link(writer, table, row_id, navigation, child_id)
    return no_content({"OData-EntityId": rows.entity_url(request, child, child_id)})


def _member(
    organisation: Organisation,
    request: Request,
    table: Table,
    row_id: str,
    navigation: CollectionNavigation,
    rest: list[Segment],
) -> Reply:
    """``collection(key)`` and what stands behind it."""
    child = organisation.catalogue.tables[navigation.table]
    child_id = addressing.require(organisation, read_key(child, rest[0].key or "", request.aliases))
    if [segment.name for segment in rest[1:]] == [REFERENCE]:
        if request.method != "DELETE":
            raise errors.method_not_allowed(request.method)
        writer = rows.writer_for(organisation, request)
        linking.unlink(writer, table, row_id, navigation, child_id)
        return no_content()
    if rest[1:]:
        return _step(organisation, request, child, child_id, rest[1:])
    options = read_options(request.query, request.aliases)
    return rows.read_by_id(organisation, request, child, child_id, options)


def _collection_reference(
    organisation: Organisation,
    request: Request,
    table: Table,
    row_id: str,
    navigation: CollectionNavigation,
) -> Reply:
    writer = rows.writer_for(organisation, request)
    match request.method:
        case "POST" | "PUT":
            address = _referenced(organisation, request, table)
            linking.link_address(writer, table, row_id, navigation, address)
        case "DELETE":
            url = request.query.get("$id")
            if url is None:
                raise errors.bad_request("The query parameter $id is needed to remove a reference.")
            address = addressing.read_reference(
                organisation, url, request.base_url, request.content_ids, table.set_name
            )
            linking.unlink(writer, table, row_id, navigation, addressing.require(organisation, address))
        case "GET":
            return _references(organisation, request, table, row_id, navigation)
        case _:
            raise errors.method_not_allowed(request.method)
    return no_content()


def _references(
    organisation: Organisation,
    request: Request,
    table: Table,
    row_id: str,
    navigation: CollectionNavigation,
) -> Reply:
    expander = Expander(organisation.reader(request.user_id), request.prefer, request.base_url)
    source = expander.related(table, row_id, navigation)
    child = source.table
    options = Options(select=(child.primary_id,))
    page = organisation.reader(request.user_id).page(source, options, request.prefer)
    return json_reply(
        {
            "@odata.context": f"{request.base_url}/$metadata#Collection($ref)",
            "value": [
                {"@odata.id": rows.entity_url(request, child, row[child.primary_id])} for row in page.rows
            ],
        }
    )
