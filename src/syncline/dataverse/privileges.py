"""What the application user may do, as its security roles say. Asking changes nothing."""

from __future__ import annotations

from typing import Any

import msgspec

from syncline.dataverse import addresses
from syncline.dataverse.session import OnSession

DEPTHS = ("Basic", "Local", "Deep", "Global")


class Privilege(msgspec.Struct, frozen=True):
    """One right on a table. `access`: Create, Read, Write, Delete, Append, AppendTo, Assign or Share."""

    id: str
    name: str
    access: str


class _Held(msgspec.Struct):
    privilege_id: str = msgspec.field(name="PrivilegeId")
    depth: str | int = msgspec.field(name="Depth", default="Basic")


class _HeldPrivileges(msgspec.Struct):
    role_privileges: list[_Held] = msgspec.field(name="RolePrivileges", default_factory=list)


class Privileges(OnSession):
    def table_privileges(self, table: str) -> list[Privilege]:
        """The rights that exist on a table."""
        definition = f"EntityDefinitions(LogicalName='{addresses.name(table)}')"
        path = addresses.query(definition, select=["LogicalName", "Privileges"])
        found: dict[str, Any] = self._session.get(path, dict[str, Any])
        return [
            Privilege(entry["PrivilegeId"].lower(), entry["Name"], str(entry["PrivilegeType"]))
            for entry in found.get("Privileges") or []
        ]

    def held_privileges(self, user_id: str) -> dict[str, str]:
        """How far each right of a user reaches, teams included: id of the right → the widest depth.

        Depths: Basic (own rows), Local (own business unit), Deep (those below as well), Global (everything).
        """
        path = f"{addresses.row('systemusers', user_id)}/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
        held: dict[str, str] = {}
        for entry in self._session.get(path, _HeldPrivileges).role_privileges:
            id_, depth = entry.privilege_id.lower(), _depth(entry.depth)
            held[id_] = max(held.get(id_, DEPTHS[0]), depth, key=DEPTHS.index)
        return held


def _depth(given: str | int) -> str:
    """By its name or by its number; anything newer counts as the narrowest."""
    if isinstance(given, int):
        return DEPTHS[given] if 0 <= given < len(DEPTHS) else DEPTHS[0]
    return given if given in DEPTHS else DEPTHS[0]
