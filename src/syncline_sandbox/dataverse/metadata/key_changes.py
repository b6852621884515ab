"""Alternate keys: made at once, usable when their index is built."""

from __future__ import annotations

import sqlite3
from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.metadata import reading
from syncline_sandbox.dataverse.metadata.change_context import ChangeContext
from syncline_sandbox.dataverse.metadata.labels import text_of
from syncline_sandbox.dataverse.organisation import Organisation, new_id
from syncline_sandbox.dataverse.schema.model import Key, Table
from syncline_sandbox.dataverse.storage import layout

Json = dict[str, Any]
MAX_KEYS = 10
MAX_KEY_COLUMNS = 16
_KEY_TYPES = frozenset(
    {"Decimal", "Integer", "BigInt", "String", "DateTime", "Lookup", "Customer", "Picklist"}
)


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


def create_key(context: ChangeContext, table: Table, body: Json) -> Key:
    context.require("prvWriteEntity")
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
    delay_ms = int(context.organisation.settings.key_index_delay_s * 1000)
    key = Key(
        name=name.lower(),
        schema_name=name,
        columns=[str(column_name) for column_name in columns],
        label=text_of(body.get("DisplayName")) or name,
        active_from_ms=context.organisation.clock.epoch_ms() + delay_ms,
        metadata_id=new_id(),
    )
    table.keys[key.name] = key
    context.catalogue.save_table(table)
    context.catalogue.changed()
    if delay_ms == 0:
        _build(context.organisation, table, key)
    context.shelf.put("Entity Key", key.metadata_id)
    return key


def reactivate_key(context: ChangeContext, table: Table, key: Key) -> None:
    key.failed = False
    _build(context.organisation, table, key)


def delete_key(context: ChangeContext, table: Table, key: Key) -> None:
    context.require("prvWriteEntity")
    layout.drop_key_index(context.database, table, key)
    del table.keys[key.name]
    context.catalogue.save_table(table)
    context.catalogue.changed()
    context.shelf.remove(key.metadata_id)
