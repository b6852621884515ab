"""Members of marketing lists. Membership is written by actions, never as rows (contract §6.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from syncline.dataverse import addresses
from syncline.dataverse.batches import Operation
from syncline.dataverse.errors import CANNOT_REMOVE_NON_MEMBER, DUPLICATE_ID, NotFound
from syncline.dataverse.isolation import (
    NO_ROUTE,
    ROWS_A_BATCH,
    Isolation,
    RowOutcome,
    chunks,
    deferred,
    outcome,
)
from syncline.dataverse.reading import Page, Reading
from syncline.dataverse.session import Call
from syncline.remote import Permanent, Rejected, Retryable

# Not documented; larger calls are not known to work.
MEMBERS_A_CALL = 1000
# Refusals that are about the list and so about every member: locked, inactive, dynamic.
ABOUT_THE_LIST = frozenset({"0x80040302", "0x8004033a", "0x8004f701"})

_ACTION = re.compile(rb'<Action [^>]*Name="RemoveMemberList"[^>]*>(.*?)</Action>', re.DOTALL)
_PARAMETER = re.compile(rb'<Parameter [^>]*Name="(\w+)"[^>]*')


class Lists(Isolation, Reading):
    """A list that is locked, inactive or dynamic is `Rejected`; one that is gone is `NotFound`."""

    _remove_parameters: frozenset[str] | None

    def list_members(self, list_id: str, *, page_size: int = 5000) -> Iterator[Page]:
        """Members of a static list: `_entityid_value`, `entitytype`, `listmemberid`.

        A dynamic list stores none: run its query.
        """
        return self.pages(
            "listmembers",
            select=["listmemberid", "_entityid_value", "entitytype"],
            filter=f"_listid_value eq {addresses.guid(list_id)}",
            orderby=["listmemberid"],
            page_size=page_size,
        )

    def add_list_members(self, list_id: str, table: str, ids: Sequence[str]) -> list[RowOutcome]:
        """Put rows of `table` into a static list; who is in it already stays. One outcome per id."""
        outcomes: list[RowOutcome] = []
        for chunk in chunks(ids, MEMBERS_A_CALL):
            try:
                outcomes += self._add_chunk(addresses.guid(list_id), table, chunk)
            except Retryable as error:
                return outcomes + [deferred(id_, error) for id_ in ids[len(outcomes) :]]
        return outcomes

    def _add_chunk(self, list_id: str, table: str, ids: Sequence[str]) -> list[RowOutcome]:
        kind, key = f"Microsoft.Dynamics.CRM.{addresses.name(table)}", f"{table}id"
        body = {
            "List": {"@odata.type": "Microsoft.Dynamics.CRM.list", "listid": list_id},
            "Members": [{"@odata.type": kind, key: addresses.guid(id_)} for id_ in ids],
        }
        record = f"lists({list_id})"
        try:
            self._session.send(
                Call(method="POST", path="AddListMembersList", body=body, record=record, repeatable=True)
            )
        except (Rejected, Permanent) as error:
            self._raise_if_about_the_list(list_id, error)
            return self._add_one_by_one(list_id, ids)
        return [RowOutcome(id_, "done") for id_ in ids]

    def _add_one_by_one(self, list_id: str, ids: Sequence[str]) -> list[RowOutcome]:
        path = f"lists({list_id})/Microsoft.Dynamics.CRM.AddMemberList"
        outcomes: list[RowOutcome] = []
        for part in chunks(ids, ROWS_A_BATCH):
            operations = [Operation("POST", path, {"EntityId": id_}, record=id_) for id_ in part]
            results = self.batch(operations, repeatable=True)
            for id_, result in zip(part, results, strict=True):
                # Some organisations refuse who is in the list already; that is what was wanted.
                present = result.error is not None and result.error.code == DUPLICATE_ID
                outcomes.append(RowOutcome(id_, "done") if present else outcome(id_, result))
        return outcomes

    def _raise_if_about_the_list(self, list_id: str, error: Rejected | Permanent) -> None:
        if error.code in ABOUT_THE_LIST:
            reason = error.reason if isinstance(error, Rejected) else error.message
            raise Rejected(f"lists({list_id})", error.code, reason, status=error.status) from error
        # Raises NotFound where the list is gone; else the fault lies with a member.
        self.get("lists", list_id, select=["listid"])

    def remove_list_member(self, list_id: str, id_: str) -> RowOutcome:
        """Take one row out of a static list; done as well where it was not in it."""
        return self.remove_list_members(list_id, [id_])[0]

    def remove_list_members(self, list_id: str, ids: Sequence[str]) -> list[RowOutcome]:
        """Take rows out of a static list. One outcome per id, in order."""
        outcomes: list[RowOutcome] = []
        for part in chunks(ids, ROWS_A_BATCH):
            try:
                outcomes += self._remove_part(addresses.guid(list_id), part)
            except Retryable as error:
                return outcomes + [deferred(id_, error) for id_ in ids[len(outcomes) :]]
        return outcomes

    def _remove_part(self, list_id: str, ids: Sequence[str]) -> list[RowOutcome]:
        parameters = self._parameters_of_remove()
        if not parameters:
            return self._delete_memberships(list_id, ids)
        path = f"lists({list_id})/Microsoft.Dynamics.CRM.RemoveMemberList"
        operations = [Operation("POST", path, _removal(id_, parameters), record=id_) for id_ in ids]
        results = self.batch(operations, repeatable=True)
        found: dict[str, RowOutcome] = {}
        unclear: list[str] = []
        for id_, result in zip(ids, results, strict=True):
            error = result.error
            if error is not None and error.code in ABOUT_THE_LIST:
                raise Rejected(f"lists({list_id})", error.code, error.message, status=error.status)
            hidden = isinstance(error, NotFound) and error.code in NO_ROUTE
            if isinstance(error, NotFound) and not hidden:
                self._raise_if_about_the_list(list_id, error)
            # "Not a member" may also mean that this organisation wants the membership's own id.
            if hidden or (error is not None and error.code == CANNOT_REMOVE_NON_MEMBER):
                unclear.append(id_)
            else:
                found[id_] = outcome(id_, result)
        if unclear:
            found |= {settled.id: settled for settled in self._delete_memberships(list_id, unclear)}
        return [found[id_] for id_ in ids]

    def _delete_memberships(self, list_id: str, ids: Sequence[str]) -> list[RowOutcome]:
        given = {addresses.guid(id_): id_ for id_ in ids}
        members = " or ".join(f"_entityid_value eq {member}" for member in given)
        wanted = f"_listid_value eq {list_id} and ({members})"
        pages = self.pages("listmembers", select=["listmemberid", "_entityid_value"], filter=wanted)
        rows = [
            (given[row["_entityid_value"].lower()], addresses.row("listmembers", row["listmemberid"]))
            for page in pages
            for row in page.rows
        ]
        operations = [Operation("DELETE", membership, record=id_) for id_, membership in rows]
        settled = {id_: RowOutcome(id_, "done") for id_ in ids}
        for (id_, _), result in zip(rows, self.batch(operations), strict=True):
            if not isinstance(result.error, NotFound):
                settled[id_] = outcome(id_, result)
        return [settled[id_] for id_ in ids]

    def _parameters_of_remove(self) -> frozenset[str]:
        """Names of what `RemoveMemberList` takes here; empty where it is not declared.

        Its body is the least documented of all, so the organisation's own description decides.
        """
        if self._remove_parameters is None:
            call = Call(method="GET", path="$metadata", headers={"Accept": "application/xml"})
            found = _ACTION.search(self._session.send(call).content)
            names = _PARAMETER.findall(found.group(1)) if found else []
            self._remove_parameters = frozenset(name.decode() for name in names) & {"ListMember", "EntityId"}
        return self._remove_parameters


def _removal(id_: str, parameters: frozenset[str]) -> dict[str, Any]:
    if "EntityId" in parameters:
        return {"EntityId": addresses.guid(id_)}
    # The id here is the member's own (contact, lead, account), as in the one use seen in production.
    kind = "Microsoft.Dynamics.CRM.listmember"
    return {"ListMember": {"@odata.type": kind, "listmemberid": addresses.guid(id_)}}
