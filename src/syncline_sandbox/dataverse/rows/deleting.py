"""Deleting rows, and what becomes of the rows that point at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncline_sandbox.dataverse.errors import blocked_by_child
from syncline_sandbox.dataverse.schema.model import Column, OneToMany, Table
from syncline_sandbox.dataverse.storage.database import quoted

if TYPE_CHECKING:
    from syncline_sandbox.dataverse.rows.writing import RowWriter


def delete(writer: RowWriter, table: Table, row_id: str) -> None:
    """Restrictions first, then links, then the row; a tombstone tells change tracking."""
    relations = [one for one in writer.catalogue.one_to_many.values() if one.referenced == table.name]
    for one in relations:
        if one.delete == "Restrict" and _children(writer, one, row_id, limit=1):
            raise blocked_by_child(one.referencing)
    for one in relations:
        _release(writer, one, row_id)
    _leave_lists(writer, table, row_id)
    for many in writer.catalogue.many_to_many.values():
        if many.intersect == "listmember":
            continue
        for side, column in ((many.table1, many.column1), (many.table2, many.column2)):
            if side == table.name:
                writer.database.execute(
                    f"DELETE FROM {quoted(many.intersect)} WHERE {quoted(column)} = ?", (row_id,)
                )
    remove(writer, table, row_id)


def remove(writer: RowWriter, table: Table, row_id: str) -> None:
    """Take one row out and leave its tombstone."""
    writer.database.execute(
        f"DELETE FROM {quoted(table.name)} WHERE {quoted(table.primary_id)} = ?", (row_id,)
    )
    writer.database.execute(
        "INSERT INTO _deleted VALUES (?, ?, ?, ?)",
        (table.name, writer.database.next_version(), row_id, writer.organisation.clock.epoch_ms()),
    )


def _release(writer: RowWriter, one: OneToMany, row_id: str) -> None:
    if one.delete not in ("RemoveLink", "Cascade"):
        return
    child = writer.catalogue.tables[one.referencing]
    column = child.columns[one.column]
    for child_id in _children(writer, one, row_id):
        if one.delete == "Cascade":
            delete(writer, child, child_id)
        else:
            writer.write(child, child_id, emptied(column))


def emptied(column: Column) -> dict[str, None]:
    """The stored values of a lookup that points nowhere."""
    return {column.name: None, column.target_column: None} if column.keeps_target else {column.name: None}


def _children(writer: RowWriter, one: OneToMany, row_id: str, limit: int = -1) -> list[str]:
    child = writer.catalogue.tables[one.referencing]
    column = child.columns[one.column]
    sql = f"SELECT {quoted(child.primary_id)} FROM {quoted(child.name)} WHERE {quoted(column.name)} = ?"
    values = [row_id]
    if column.keeps_target:
        sql += f" AND {quoted(column.target_column)} = ?"
        values.append(one.referenced)
    return [found for (found,) in writer.database.rows(f"{sql} LIMIT {limit}", values)]


def _leave_lists(writer: RowWriter, table: Table, row_id: str) -> None:
    """Memberships go with the member and with the list."""
    if table.name not in ("account", "contact", "lead", "list"):
        return
    column = "listid" if table.name == "list" else "entityid"
    membership = writer.catalogue.tables["listmember"]
    found = writer.database.rows(f"SELECT listmemberid, listid FROM listmember WHERE {column} = ?", (row_id,))
    for member_id, list_id in found:
        remove(writer, membership, member_id)
        if table.name != "list":
            writer.database.execute(
                "UPDATE list SET membercount = max(0, coalesce(membercount, 0) - 1) WHERE listid = ?",
                (list_id,),
            )
