"""Requests about one row: read, create, change, delete."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from syncline_sandbox.dataverse import errors
from syncline_sandbox.dataverse.http import Reply, Request, json_reply, no_content
from syncline_sandbox.dataverse.operations.context import entity_context, preference_applied
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query.expanding import Expander
from syncline_sandbox.dataverse.query.options import Options, read_options
from syncline_sandbox.dataverse.query.shape import ETAG
from syncline_sandbox.dataverse.resource_path import RowAddress
from syncline_sandbox.dataverse.rows import addressing
from syncline_sandbox.dataverse.rows.writing import RowWriter, WriteContext
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.security import Guard

_ETAG = re.compile(r'(?:W/)?\\?"?(\d+)\\?"?')
_REPRESENTATION = {"Preference-Applied": "return=representation"}


def writer_for(organisation: Organisation, request: Request) -> RowWriter:
    """A writer with what the request's headers ask for."""
    suppress = request.headers.get("MSCRM.SuppressDuplicateDetection", "true").strip().lower()
    return RowWriter(
        organisation,
        WriteContext(
            user_id=request.user_id,
            delegate_id=request.delegate_id,
            base_url=request.base_url,
            label=request.label,
            method=request.method,
            content_ids=request.content_ids,
            detect_duplicates=suppress == "false",
        ),
    )


def entity_url(request: Request, table: Table, row_id: str) -> str:
    return f"{request.base_url}/{table.set_name}({row_id})"


# Read


def read(organisation: Organisation, request: Request, address: RowAddress) -> Reply:
    table = address.table
    Guard(organisation, request.user_id).require(table, "Read")
    if not table.supports("Retrieve"):
        raise errors.unsupported_message("Retrieve", table.name)
    row_id = addressing.require(organisation, address)
    options = read_options(request.query, request.aliases)
    return read_by_id(organisation, request, table, row_id, options)


def read_by_id(
    organisation: Organisation, request: Request, table: Table, row_id: str, options: Options
) -> Reply:
    row = load(organisation, request, table, row_id, options)
    if row is None:
        raise errors.row_missing(table.name, row_id)
    if not options.expand and _not_modified(request, row):
        return Reply(304, b"", {"ETag": row[ETAG]})
    request.rows = 1
    body = {"@odata.context": entity_context(request.base_url, table, options), **row}
    headers = preference_applied(request)
    if ETAG in row:
        headers["ETag"] = row[ETAG]
    return json_reply(body, headers)


def load(
    organisation: Organisation, request: Request, table: Table, row_id: str, options: Options
) -> dict[str, Any] | None:
    reader = organisation.reader(request.user_id)
    expander = Expander(reader, request.prefer, request.base_url)
    row = reader.one(table, row_id, options, request.prefer, expander.hidden_members(table, options))
    if row is not None:
        expander.expand(table, [row], options)
    return row


def _not_modified(request: Request, row: Mapping[str, Any]) -> bool:
    """Some clients send the literal ``null`` to defeat caches; that matches no row."""
    wanted = request.headers.get("If-None-Match", "").strip()
    version = _version_of(wanted)
    return version is not None and version == _version_of(row.get(ETAG, ""))


def _version_of(etag: str) -> int | None:
    match = _ETAG.fullmatch(etag.strip())
    return int(match[1]) if match else None


# Create


def create(organisation: Organisation, request: Request, table: Table) -> Reply:
    options = read_options(request.query, request.aliases)
    writer = writer_for(organisation, request)
    row_id = writer.create(table, request.json())
    request.rows = 1
    if request.prefer.representation:
        return _representation(organisation, request, table, row_id, options, 201)
    return no_content({"OData-EntityId": entity_url(request, table, row_id)})


def _representation(
    organisation: Organisation,
    request: Request,
    table: Table,
    row_id: str,
    options: Options,
    status: int,
) -> Reply:
    row = load(organisation, request, table, row_id, options)
    assert row is not None
    body = {"@odata.context": entity_context(request.base_url, table, options), **row}
    headers = dict(_REPRESENTATION)
    if ETAG in row:
        headers["ETag"] = row[ETAG]
    return json_reply(body, headers, status)


# Change


def upsert(organisation: Organisation, request: Request, address: RowAddress) -> Reply:
    """PATCH: change the row, or make it where the conditions of the request allow that."""
    table = address.table
    options = read_options(request.query, request.aliases)
    writer = writer_for(organisation, request)
    row_id = addressing.find(organisation, address)
    created = row_id is None
    if row_id is None:
        if request.headers.get("If-Match", "").strip():
            addressing.require(organisation, address)
        row_id = writer.create(table, request.json(), address.row_id, address.key_values)
    else:
        if request.headers.get("If-None-Match", "").strip() == "*":
            raise errors.duplicate_id()
        require_version(writer, request, table, row_id)
        ignored = frozenset(address.key_values or ())
        writer.update(table, row_id, request.json(), ignored)
    request.rows = 1
    if request.prefer.representation:
        return _representation(organisation, request, table, row_id, options, 201 if created else 200)
    return no_content({"OData-EntityId": addressed_url(request, address, row_id)})


def addressed_url(request: Request, address: RowAddress, row_id: str) -> str:
    """The URL of the row as it was addressed: by key if by key."""
    if address.row_id is not None:
        return entity_url(request, address.table, row_id)
    return f"{request.base_url}/{request.path}"


def require_version(writer: RowWriter, request: Request, table: Table, row_id: str) -> None:
    """If-Match: the row must still have this version."""
    wanted = request.headers.get("If-Match", "").strip()
    if wanted in ("", "*", "null"):
        return
    if not table.optimistic_concurrency:
        raise errors.concurrency_not_enabled(table.name)
    if _version_of(wanted) != writer.version(table, row_id):
        raise errors.version_mismatch()


def delete(organisation: Organisation, request: Request, address: RowAddress) -> Reply:
    writer = writer_for(organisation, request)
    row_id = addressing.require(organisation, address)
    require_version(writer, request, address.table, row_id)
    writer.delete(address.table, row_id)
    request.rows = 1
    return no_content()
