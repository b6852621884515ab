"""What a payload says: values for columns, links to rows, rows to be made with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from syncline_sandbox.dataverse.errors import (
    bad_payload,
    row_by_key_missing,
    row_missing,
    undeclared_annotation,
    unknown_body_property,
)
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.resource_path import RowAddress
from syncline_sandbox.dataverse.rows import addressing
from syncline_sandbox.dataverse.rows.checking import stored_value
from syncline_sandbox.dataverse.schema.catalogue import CollectionNavigation, SingleNavigation
from syncline_sandbox.dataverse.schema.model import Column, Table

BIND = "@odata.bind"
_NO_DIRECT_LOOKUP = (
    "Microsoft.OData.ODataException: CRM do not support direct update of Entity Reference properties, Use "
    "Navigation properties instead."
)


@dataclass
class Payload:
    """A row's payload, read. ``values`` are stored values by physical column."""

    values: dict[str, Any] = field(default_factory=dict)
    row_id: str | None = None
    new_parents: list[tuple[SingleNavigation, dict[str, Any]]] = field(default_factory=list)
    new_children: list[tuple[CollectionNavigation, list[dict[str, Any]]]] = field(default_factory=list)
    links: list[tuple[CollectionNavigation, list[RowAddress]]] = field(default_factory=list)


class PayloadReader:
    """Reads payloads of one request."""

    def __init__(self, organisation: Organisation, base_url: str, content_ids: Mapping[str, str]) -> None:
        self._organisation = organisation
        self._catalogue = organisation.catalogue
        self._base_url = base_url
        self._content_ids = content_ids

    def read(self, table: Table, body: Mapping[str, Any], *, creating: bool) -> Payload:
        """Raises the error for the first member that is wrong; columns that may not be written are passed
        over.
        """
        payload = Payload()
        for name, value in body.items():
            if name in table.columns:
                self._column(table, table.columns[name], name, value, payload, creating)
            elif name.endswith(BIND):
                self._bind(table, name.removesuffix(BIND), value, payload)
            elif "@" not in name:
                self._navigation(table, name, value, payload)
        return payload

    def _column(
        self, table: Table, column: Column, name: str, value: Any, payload: Payload, creating: bool
    ) -> None:
        if column.name == table.primary_id:
            payload.row_id = stored_value(table, column, value)
        elif column.is_lookup:
            # A lookup's own name is also that of its navigation property on most tables.
            self._navigation(table, name, value, payload)
        elif column.can_create if creating else column.can_update:
            payload.values[column.name] = stored_value(table, column, value)

    def _navigation(self, table: Table, name: str, value: Any, payload: Payload) -> None:
        single = self._catalogue.single(table, name)
        if single is not None:
            self._single(table, single, value, payload)
            return
        collection = self._catalogue.collection(table, name)
        if collection is not None:
            if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
                raise bad_payload(
                    table.set_name, f"Microsoft.OData.ODataException: '{name}' has to be an array."
                )
            payload.new_children.append((collection, value))
            return
        column = table.column_of_property(name)
        if column is not None and column.is_lookup:
            raise bad_payload(table.set_name, _NO_DIRECT_LOOKUP)
        raise unknown_body_property(name, table.type_name)

    def _single(self, table: Table, navigation: SingleNavigation, value: Any, payload: Payload) -> None:
        if value is None:
            self._point(payload, navigation.column, None, None)
        elif isinstance(value, dict):
            payload.new_parents.append((navigation, value))
        else:
            raise bad_payload(
                table.set_name,
                "Microsoft.OData.ODataException: A 'PrimitiveValue' node with non-null value was found "
                f"when trying to read the value of the navigation property '{navigation.name}'; however, a "
                "'StartArray' node, a 'StartObject' node, or a 'PrimitiveValue' node with null value was "
                "expected.",
            )

    def _bind(self, table: Table, name: str, value: Any, payload: Payload) -> None:
        single = self._catalogue.single(table, name)
        if single is not None:
            if value is None:
                self._point(payload, single.column, None, None)
                return
            address = self._address(table, value)
            if address.table.name not in single.targets:
                raise bad_payload(
                    table.set_name,
                    f"Microsoft.OData.ODataException: The entity set '{address.table.set_name}' cannot be "
                    f"bound to the navigation property '{name}'.",
                )
            self._point(payload, single.column, address.table.name, self._existing(address))
            return
        collection = self._catalogue.collection(table, name)
        if collection is None:
            raise undeclared_annotation(name, table.set_name)
        urls = value if isinstance(value, list) else [value]
        payload.links.append((collection, [self._address(table, url) for url in urls]))

    def _address(self, table: Table, url: Any) -> RowAddress:
        return addressing.read_reference(
            self._organisation, url, self._base_url, self._content_ids, table.set_name
        )

    def _existing(self, address: RowAddress) -> str:
        found = addressing.find(self._organisation, address)
        if found is None:
            if address.row_id is None:
                raise row_by_key_missing(address.table.name)
            raise row_missing(address.table.name, address.row_id)
        return found

    @staticmethod
    def _point(payload: Payload, column: Column, target: str | None, row_id: str | None) -> None:
        """A lookup may be written only where its column may; others, as owningteam, are passed over."""
        if column.can_create or column.can_update:
            payload.values[column.name] = row_id
            if column.keeps_target:
                payload.values[column.target_column] = target
