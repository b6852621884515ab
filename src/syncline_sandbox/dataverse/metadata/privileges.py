"""The privileges that exist for a table."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.schema.standard import metadata_id
from syncline_sandbox.dataverse.security import privilege_name

_ACCESS = ("Create", "Read", "Write", "Delete", "Assign", "Share", "Append", "AppendTo")


def privileges_of(table: Table) -> list[dict[str, Any]]:
    """SecurityPrivilegeMetadata of the table."""
    if table.is_intersect:
        return []
    owned = table.ownership == "UserOwned"
    return [
        {
            "CanBeBasic": owned,
            "CanBeDeep": owned,
            "CanBeEntityReference": False,
            "CanBeGlobal": True,
            "CanBeLocal": owned,
            "CanBeParentEntityReference": False,
            "CanBeRecordFilter": False,
            "Name": privilege_name(table, access),
            "PrivilegeId": metadata_id("privilege", table.name, access),
            "PrivilegeType": access,
        }
        for access in _ACCESS
    ]
