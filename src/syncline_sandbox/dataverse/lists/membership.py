"""Members of static lists, and the rules that Dataverse enforces about them."""

from __future__ import annotations

from collections.abc import Iterable

from syncline_sandbox.dataverse.errors import DataverseError, row_missing
from syncline_sandbox.dataverse.fetch import running
from syncline_sandbox.dataverse.organisation import new_id
from syncline_sandbox.dataverse.rows import deleting
from syncline_sandbox.dataverse.rows.writing import RowWriter
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.storage.database import quoted

MEMBER_TABLES = {1: "account", 2: "contact", 4: "lead"}
_CHUNK = 500


class MarketingList:
    """One list, as its row says."""

    def __init__(self, writer: RowWriter, list_id: str) -> None:
        self._writer = writer
        self._database = writer.database
        self.table = writer.catalogue.tables["list"]
        self.membership = writer.catalogue.tables["listmember"]
        self.row = writer.stored(self.table, list_id)
        if not self.row:
            raise row_missing("list", list_id)
        self.id = list_id

    @property
    def is_dynamic(self) -> bool:
        return bool(self.row["type"])

    @property
    def member_table(self) -> Table:
        return self._writer.catalogue.tables[MEMBER_TABLES[self.row["createdfromcode"]]]

    # Rules

    def require_changeable(self) -> None:
        """Raises the error of the first rule that forbids changing this list's members."""
        self._writer.guard.require(self.table, "Write")
        if self.is_dynamic:
            raise DataverseError(
                400,
                "0x8004f701",
                "The operation is not valid for a dynamic list. List members are query-based.",
            )
        if self.row["lockstatus"]:
            raise DataverseError(
                400, "0x80040302", "The list is locked. The operation cannot be performed on a locked list."
            )
        if self.row["statecode"]:
            raise DataverseError(
                400,
                "0x8004033a",
                "The list is not active. The operation cannot be performed on an inactive list.",
            )

    def require_member_type(self, table: Table) -> None:
        if table.name != self.member_table.name:
            raise DataverseError(
                400,
                "0x80040301",
                f"Unsupported list member type '{table.name}': the members of this list are "
                f"'{self.member_table.name}'.",
            )

    def require_members_exist(self, ids: Iterable[str]) -> None:
        table = self.member_table
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            key = quoted(table.primary_id)
            found = {
                row[0]
                for row in self._database.rows(
                    f"SELECT {key} FROM {quoted(table.name)} WHERE {key} IN ({', '.join('?' * len(part))})",
                    part,
                )
            }
            missing = next((row_id for row_id in part if row_id not in found), None)
            if missing is not None:
                raise row_missing(table.name, missing)

    # Changes

    def add(self, ids: list[str]) -> list[str]:
        """Make them members; who is one already stays the same. Returns the listmember ids in the order
        given.
        """
        self.require_members_exist(ids)
        known = self._known(ids)
        if known and self._writer.organisation.settings.readd_member_fails:
            raise DataverseError(
                412, "0x80040237", "The member is already in the list. Cannot insert duplicate key."
            )
        fresh = [row_id for row_id in dict.fromkeys(ids) if row_id not in known]
        known |= self._insert(fresh)
        self._count(len(fresh))
        return [known[row_id] for row_id in ids]

    def _known(self, ids: list[str]) -> dict[str, str]:
        known: dict[str, str] = {}
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            marks = ", ".join("?" * len(part))
            sql = f"SELECT entityid, listmemberid FROM listmember WHERE listid = ? AND entityid IN ({marks})"
            known |= dict(self._database.rows(sql, [self.id, *part]))
        return known

    def _insert(self, ids: list[str]) -> dict[str, str]:
        context, now = self._writer.context, self._writer.organisation.stamp()
        kind = self.member_table.name
        made = {row_id: new_id() for row_id in ids}
        self._database.connection.executemany(
            "INSERT INTO listmember (listmemberid, versionnumber, listid, entityid, entityid__table, "
            "entitytype, createdon, modifiedon, createdby, modifiedby) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?)",
            [
                (
                    member_id,
                    self._database.next_version(),
                    self.id,
                    row_id,
                    kind,
                    kind,
                    now,
                    now,
                    context.user_id,
                    context.user_id,
                )
                for row_id, member_id in made.items()
            ],
        )
        return made

    def remove(self, row_id: str) -> None:
        """Take one member out; 0x80048458 for someone who is none."""
        member_id = self._known([row_id]).get(row_id)
        if member_id is None:
            raise DataverseError(
                400, "0x80048458", "Cannot remove a record from the list that is not a member of the list."
            )
        deleting.remove(self._writer, self.membership, member_id)
        self._count(-1)

    def remove_membership(self, member_id: str) -> None:
        """``DELETE /listmembers(id)``."""
        deleting.remove(self._writer, self.membership, member_id)
        self._count(-1)

    def _count(self, difference: int) -> None:
        """The list's own row changes with its number of members, and counts as changed."""
        if difference:
            count = max(0, (self.row["membercount"] or 0) + difference)
            self.row["membercount"] = count
            self._writer.write(self.table, self.id, {"membercount": count})

    # Copies

    def member_ids(self) -> list[str]:
        """Who is in the list: stored members, or what the query of a dynamic list finds now."""
        if self.is_dynamic:
            query = self.row["query"]
            if not query:
                return []
            return running.member_ids(
                self._writer.organisation, self._writer.context.user_id, query, self.member_table
            )
        return [
            found
            for (found,) in self._database.rows(
                "SELECT entityid FROM listmember WHERE listid = ? ORDER BY entityid", (self.id,)
            )
        ]
