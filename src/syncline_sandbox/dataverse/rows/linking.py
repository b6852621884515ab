"""Associating and disassociating rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.organisation import new_id
from syncline_sandbox.dataverse.resource_path import RowAddress
from syncline_sandbox.dataverse.rows import addressing
from syncline_sandbox.dataverse.rows.deleting import emptied
from syncline_sandbox.dataverse.schema.catalogue import CollectionNavigation, SingleNavigation
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.storage.database import quoted

if TYPE_CHECKING:
    from syncline_sandbox.dataverse.rows.writing import RowWriter


def link_address(
    writer: RowWriter,
    table: Table,
    row_id: str,
    navigation: CollectionNavigation | SingleNavigation,
    address: RowAddress,
) -> None:
    """Associate with the row at this address; 404 when it is missing, 400 when it is of another table."""
    wanted = (navigation.table,) if isinstance(navigation, CollectionNavigation) else navigation.targets
    if address.table.name not in wanted:
        raise bad_request(
            f"The URI names a row of '{address.table.name}', which '{navigation.name}' cannot hold.",
            "0x80048d19",
        )
    other_id = addressing.require(writer.organisation, address)
    if isinstance(navigation, SingleNavigation):
        set_lookup(writer, table, row_id, navigation, address.table.name, other_id)
    else:
        link(writer, table, row_id, navigation, other_id)


def link(
    writer: RowWriter, table: Table, row_id: str, navigation: CollectionNavigation, other_id: str
) -> None:
    """Put the other row into this row's collection; doing it twice changes nothing."""
    child = writer.catalogue.tables[navigation.table]
    writer.guard.require(table, "Append")
    writer.guard.require(child, "AppendTo")
    if navigation.column is not None:
        values = {navigation.column.name: row_id}
        if navigation.column.keeps_target:
            values[navigation.column.target_column] = table.name
        writer.write(child, other_id, values)
        return
    if navigation.intersect == "listmember":
        raise _no_list_association()
    assert navigation.intersect is not None
    middle = writer.catalogue.tables[navigation.intersect]
    known = writer.database.value(
        f"SELECT 1 FROM {quoted(middle.name)} WHERE {quoted(navigation.near)} = ? AND "
        f"{quoted(navigation.far)} = ?",
        (row_id, other_id),
    )
    if known is not None:
        return
    columns = [middle.primary_id, "versionnumber", navigation.near, navigation.far]
    writer.database.execute(
        f"INSERT INTO {quoted(middle.name)} ({', '.join(quoted(name) for name in columns)}) VALUES (?, ?, "
        "?, ?)",
        (new_id(), writer.database.next_version(), row_id, other_id),
    )


def unlink(
    writer: RowWriter, table: Table, row_id: str, navigation: CollectionNavigation, other_id: str
) -> None:
    """Take the other row out of this row's collection."""
    child = writer.catalogue.tables[navigation.table]
    writer.guard.require(table, "Append")
    if navigation.column is not None:
        writer.write(child, other_id, dict(emptied(navigation.column)))
        return
    if navigation.intersect == "listmember":
        raise _no_list_association()
    assert navigation.intersect is not None
    writer.database.execute(
        f"DELETE FROM {quoted(navigation.intersect)} WHERE {quoted(navigation.near)} = ?"
        f" AND {quoted(navigation.far)} = ?",
        (row_id, other_id),
    )


def set_lookup(
    writer: RowWriter,
    table: Table,
    row_id: str,
    navigation: SingleNavigation,
    target: str | None,
    other_id: str | None,
) -> None:
    """Point a lookup at a row, or nowhere."""
    column = navigation.column
    writer.guard.require(table, "Write")
    if not column.can_update:
        raise bad_request(f"The property '{navigation.name}' cannot be changed.", "0x80048d19")
    values: dict[str, str | None] = {column.name: other_id}
    if column.keeps_target:
        values[column.target_column] = target
    writer.write(table, row_id, dict(values))


def _no_list_association() -> DataverseError:
    return DataverseError(400, "0x80040800", "Associate is not supported for ListMember.")
