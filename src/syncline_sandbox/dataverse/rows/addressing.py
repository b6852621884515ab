"""From addresses of rows, in URLs and in payloads, to rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncline_sandbox.dataverse.errors import bad_payload, bad_request, row_by_key_missing, row_missing
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query.values import guid
from syncline_sandbox.dataverse.resource_path import RowAddress, parse_path, read_key, relative_to_service
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.storage.database import quoted


def find(organisation: Organisation, address: RowAddress) -> str | None:
    """The id of the row at this address, or None when there is none."""
    table = address.table
    key = quoted(table.primary_id)
    if address.row_id is not None:
        found = organisation.database.value(
            f"SELECT {key} FROM {quoted(table.name)} WHERE {key} = ?", (address.row_id,)
        )
    else:
        values = address.key_values or {}
        tests = " AND ".join(f"{quoted(name)} = ?" for name in values)
        found = organisation.database.value(
            f"SELECT {key} FROM {quoted(table.name)} WHERE {tests}", list(values.values())
        )
    return None if found is None else str(found)


def require(organisation: Organisation, address: RowAddress) -> str:
    """The id of the row; 404 with the code that fits the address."""
    found = find(organisation, address)
    if found is None:
        if address.row_id is None:
            raise row_by_key_missing(address.table.name)
        raise row_missing(address.table.name, address.row_id)
    return found


def read_reference(
    organisation: Organisation, url: Any, base_url: str, content_ids: Mapping[str, str], set_name: str
) -> RowAddress:
    """The row that an ``@odata.bind`` or ``@odata.id`` names."""
    if not isinstance(url, str) or not url:
        raise bad_payload(set_name, "Microsoft.OData.ODataException: A URI value was expected.")
    url = resolve_content_id(url, content_ids)
    relative = relative_to_service(url, base_url)
    segments = parse_path(relative, from_url=False)
    if len(segments) != 1 or not segments[0].key:
        raise bad_request(f"The URI '{url}' is not valid for $ref operation.", "0x80048d19")
    table = organisation.catalogue.table_of_set(segments[0].name)
    return read_key(table, segments[0].key, {})


def resolve_content_id(url: str, content_ids: Mapping[str, str]) -> str:
    """``$1`` stands for what the request with that Content-ID made."""
    if not url.startswith("$"):
        return url
    name, slash, rest = url[1:].partition("/")
    if name not in content_ids:
        raise bad_request(f"Content-ID Reference: '${name}' does not exist in the batch context.")
    return content_ids[name] + slash + rest


def entity_reference(table: Table, value: Any) -> str:
    """The id in an entity given as a parameter of an action: ``{"@odata.type":…,"contactid":"…"}``."""
    if not isinstance(value, dict) or not isinstance(value.get(table.primary_id), str):
        raise bad_request(f"The parameter needs the property '{table.primary_id}'.", "0x80048d19")
    return guid(value[table.primary_id])
