"""The Web API: from a request to what answers it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from syncline_sandbox.dataverse import errors
from syncline_sandbox.dataverse.errors import DataverseError
from syncline_sandbox.dataverse.http import MAX_URL, MAX_URL_IN_BATCH, Reply, Request, error_reply, json_reply
from syncline_sandbox.dataverse.metadata import changes_feed, csdl, key_changes, routes
from syncline_sandbox.dataverse.operations import (
    batch,
    bulk,
    collections,
    functions,
    lead_actions,
    list_actions,
    platform_actions,
    properties,
    rows,
)
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.resource_path import RowAddress, Segment, parse_path, read_key
from syncline_sandbox.dataverse.rows import addressing
from syncline_sandbox.dataverse.schema.model import Table

_LOG = logging.getLogger(__name__)
_NAMESPACE = "Microsoft.Dynamics.CRM."
UnboundAction = Callable[[Organisation, Request], Reply]
BoundAction = Callable[[Organisation, Request, str], Reply]

UNBOUND_ACTIONS: dict[str, UnboundAction] = {
    "AddListMembersList": list_actions.add_list_members,
    "RemoveListMembersList": list_actions.remove_list_members,
    "PublishAllXml": platform_actions.publish,
    "PublishXml": platform_actions.publish,
    "BulkDelete": platform_actions.bulk_delete,
    "CreateEntities": routes.create_entities,
    "InsertOptionValue": routes.insert_option_value,
    "Merge": lead_actions.merge,
}
BOUND_ACTIONS: dict[tuple[str, str], BoundAction] = {
    ("list", "AddMemberList"): list_actions.add_member,
    ("list", "RemoveMemberList"): list_actions.remove_member,
    ("list", "CopyDynamicListToStatic"): list_actions.copy_dynamic_to_static,
    ("list", "CopyMembersList"): list_actions.copy_members,
    ("lead", "QualifyLead"): lead_actions.qualify_lead,
}
BOUND_FUNCTIONS: dict[tuple[str, str], BoundAction] = {
    ("systemuser", "RetrieveUserPrivileges"): functions.user_privileges,
}
_ACTION_TABLES = {"AddListMembersList": "list", "RemoveListMembersList": "list"}


class WebApi:
    """Answers requests that have passed authentication and limits."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation

    def answer(self, request: Request) -> Reply:
        """The reply, whatever happens; changes are complete or undone when it returns."""
        if self._organisation.catalogue.has_pending_keys():
            key_changes.settle_keys(self._organisation)
        try:
            if request.method == "GET" or request.path == "$batch":
                return self._route(request)
            with self._organisation.transaction():
                return self._route(request)
        except DataverseError as error:
            return error_reply(error, request.prefer)
        except Exception:  # noqa: BLE001 - a defect of the sandbox has to look like the service's own failure
            _LOG.exception("%s %s could not be answered", request.method, request.path)
            return error_reply(DataverseError(500, "0x80040216", "An unexpected error occurred."))

    def _route(self, request: Request) -> Reply:
        longest = MAX_URL_IN_BATCH if request.in_batch else MAX_URL
        if len(request.base_url) + len(request.path) + len(request.raw_query) > longest:
            raise DataverseError(414, "0x80060888", "The request URI is too long.")
        segments = parse_path(request.path)
        if not segments:
            return self._service_document(request)
        first = segments[0]
        match first.name:
            case "$metadata":
                return csdl.read(self._organisation, request)
            case "$batch":
                return batch.handle(self._organisation, request, self._route)
            case "EntityDefinitions" | "RelationshipDefinitions" | "GlobalOptionSetDefinitions":
                return routes.handle(self._organisation, request, segments)
        table = self._organisation.catalogue.by_set.get(first.name)
        if table is None or self._hidden(table):
            return self._operation(request, segments)
        return self._entities(request, table, segments)

    def _hidden(self, table: Table) -> bool:
        return table.name in self._organisation.settings.hidden_tables

    def _service_document(self, request: Request) -> Reply:
        if request.method != "GET":
            raise errors.method_not_allowed(request.method)
        names = sorted(
            table.set_name
            for table in self._organisation.catalogue.tables.values()
            if not self._hidden(table)
        )
        return json_reply(
            {
                "@odata.context": f"{request.base_url}/$metadata",
                "value": [{"name": name, "kind": "EntitySet", "url": name} for name in names],
            }
        )

    # Entity sets

    def _entities(self, request: Request, table: Table, segments: list[Segment]) -> Reply:
        first, rest = segments[0], segments[1:]
        if first.key is None:
            return self._set(request, table, rest)
        address = read_key(table, first.key, request.aliases)
        if rest:
            if rest[0].is_operation and len(rest) == 1:
                return self._bound(request, address, rest[0])
            return properties.handle(self._organisation, request, address, rest)
        match request.method:
            case "GET":
                return rows.read(self._organisation, request, address)
            case "PATCH":
                return rows.upsert(self._organisation, request, address)
            case "DELETE":
                if table.name == "listmember":
                    member_id = addressing.require(self._organisation, address)
                    return list_actions.delete_membership(self._organisation, request, member_id)
                return rows.delete(self._organisation, request, address)
        raise errors.method_not_allowed(request.method)

    def _set(self, request: Request, table: Table, rest: list[Segment]) -> Reply:
        if not rest:
            if request.method == "GET":
                return collections.read_set(self._organisation, request, table)
            if request.method == "POST":
                return rows.create(self._organisation, request, table)
            raise errors.method_not_allowed(request.method)
        name = rest[0].name
        if len(rest) == 1 and name == "$count" and request.method == "GET":
            return collections.count_set(self._organisation, request, table)
        message = name.removeprefix(_NAMESPACE)
        if len(rest) == 1 and rest[0].is_operation and message in bulk.MESSAGES:
            if request.method != "POST":
                raise errors.method_not_allowed(request.method)
            return bulk.handle(self._organisation, request, table, message)
        raise errors.unknown_segment(name)

    # Functions and actions

    def _operation(self, request: Request, segments: list[Segment]) -> Reply:
        name, key = segments[0].name, segments[0].key
        if name == "RetrieveMetadataChanges" and request.method == "GET":
            return changes_feed.read(self._organisation, request)
        function = functions.FUNCTIONS.get(name)
        if function is not None and len(segments) == 1:
            if request.method != "GET":
                raise errors.method_not_allowed(request.method)
            arguments = functions.read_arguments(key, request.aliases) if key else {}
            return function(self._organisation, request, arguments)
        action = UNBOUND_ACTIONS.get(name)
        if action is not None and len(segments) == 1 and self.has_action(request, name):
            if request.method != "POST":
                raise errors.method_not_allowed(request.method)
            return action(self._organisation, request)
        raise errors.unknown_segment(name)

    def _bound(self, request: Request, address: RowAddress, segment: Segment) -> Reply:
        name = segment.name.removeprefix(_NAMESPACE)
        where = (address.table.name, name)
        call = BOUND_FUNCTIONS.get(where) if request.method == "GET" else BOUND_ACTIONS.get(where)
        if call is None or not self.has_action(request, name):
            raise errors.unknown_segment(segment.name)
        row_id = addressing.require(self._organisation, address)
        return call(self._organisation, request, row_id)

    def has_action(self, request: Request, name: str) -> bool:
        """Whether this organisation has the action: its app may be missing, or a fault may hide it."""
        settings = self._organisation.settings
        if name in settings.hidden_actions or _ACTION_TABLES.get(name) in settings.hidden_tables:
            return False
        faults = self._organisation.faults.active("hide_action", method=request.method, label=request.label)
        return not any(fault.spec.match in (None, name) and fault.strike() for fault in faults)
