"""CreateMultiple, UpdateMultiple, UpsertMultiple: many rows, all or nothing."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse import errors
from syncline_sandbox.dataverse.http import Reply, Request, json_reply, no_content
from syncline_sandbox.dataverse.operations import rows
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query.values import guid
from syncline_sandbox.dataverse.resource_path import RowAddress
from syncline_sandbox.dataverse.rows import addressing
from syncline_sandbox.dataverse.rows.writing import RowWriter
from syncline_sandbox.dataverse.schema.model import Table

MESSAGES = frozenset({"CreateMultiple", "UpdateMultiple", "UpsertMultiple", "DeleteMultiple"})
_ID = "@odata.id"


def has_bulk_messages(organisation: Organisation, table: Table) -> bool:
    return table.bulk_messages and table.name not in organisation.settings.no_bulk_messages


def handle(organisation: Organisation, request: Request, table: Table, message: str) -> Reply:
    if message == "DeleteMultiple":
        raise errors.bad_request("DeleteMultiple has not yet been implemented.", "0x80040800")
    if not has_bulk_messages(organisation, table):
        raise errors.unsupported_message(message, table.name)
    targets = _targets(request, table)
    request.rows = len(targets)
    writer = rows.writer_for(organisation, request)
    match message:
        case "CreateMultiple":
            ids = [writer.create(table, target) for target in targets]
            context = f"{request.base_url}/$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse"
            return json_reply({"@odata.context": context, "Ids": ids})
        case "UpdateMultiple":
            for target in targets:
                _update(organisation, request, writer, table, target)
        case _:
            for target in targets:
                _upsert(organisation, request, writer, table, target)
    return no_content()


def _targets(request: Request, table: Table) -> list[dict[str, Any]]:
    targets = request.json().get("Targets")
    if not isinstance(targets, list) or not all(isinstance(target, dict) for target in targets):
        raise errors.bad_request("Required field 'Targets' is missing for bound action.", "0x80040203")
    if not targets:
        raise errors.bad_request("The Targets collection must not be empty.", "0x80040203")
    for target in targets:
        kind = str(target.get("@odata.type", "")).lstrip("#")
        if kind != table.type_name:
            raise errors.bad_payload(
                table.set_name,
                "Microsoft.OData.ODataException: An item of Targets needs the annotation '@odata.type' "
                f"with the value '{table.type_name}'.",
            )
    return targets


def _address(
    organisation: Organisation, request: Request, table: Table, target: dict[str, Any]
) -> RowAddress | None:
    """Where the target says it belongs: ``@odata.id``, or its primary key, or nowhere."""
    if _ID in target:
        address = addressing.read_reference(
            organisation, target[_ID], request.base_url, request.content_ids, table.set_name
        )
        if address.table.name != table.name:
            raise errors.bad_payload(table.set_name, "The '@odata.id' is that of another table.")
        return address
    row_id = target.get(table.primary_id)
    return RowAddress(table, guid(row_id)) if isinstance(row_id, str) else None


def _update(
    organisation: Organisation,
    request: Request,
    writer: RowWriter,
    table: Table,
    target: dict[str, Any],
) -> None:
    address = _address(organisation, request, table, target)
    if address is None:
        raise errors.bad_request("Entity Id must be specified for Update operation.", "0x80040203")
    row_id = addressing.require(organisation, address)
    writer.update(table, row_id, target, frozenset(address.key_values or ()))


def _upsert(
    organisation: Organisation,
    request: Request,
    writer: RowWriter,
    table: Table,
    target: dict[str, Any],
) -> None:
    address = _address(organisation, request, table, target)
    if address is None:
        writer.create(table, target)
        return
    row_id = addressing.find(organisation, address)
    if row_id is not None:
        writer.update(table, row_id, target, frozenset(address.key_values or ()))
        return
    doubled = [name for name in address.key_values or () if name in target]
    if doubled:
        raise errors.bad_request(
            f"The key attribute '{doubled[0]}' is given both in '@odata.id' and in the target.", "0x80040203"
        )
    writer.create(table, target, address.row_id, address.key_values)
