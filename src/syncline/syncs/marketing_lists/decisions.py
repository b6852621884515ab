"""Decisions about one person, as data. What is previewed, explained and audited is exactly what is
written.
"""

from typing import Any, Literal

import msgspec

Action = Literal["create", "update", "remove", "none"]


class Line(msgspec.Struct, array_like=True, gc=False):
    """What a decision means for one membership: it becomes one outcome row of the audit."""

    list_id: int
    entity: str
    record_id: str
    name: str
    action: Action
    reason: str = ""
    detail: str = ""


class CrmChange(msgspec.Struct, array_like=True, gc=False):
    """New values for one Dynamics row: column → [old, new], as Dataverse takes them, and the labels they come
    from.
    """

    entity: str
    record_id: str
    name: str
    columns: dict[str, list[Any]]
    labels: dict[str, Any]
    lost: dict[str, list[Any]] = {}
    """Column → ["dynamics", value] for each value here that lost a conflict."""
    list_id: int = 0
    """The list under which it is told; 0 for the first that the person is in."""


class CrmJoin(msgspec.Struct, array_like=True, gc=False):
    """A known record that is to enter a marketing list, or to leave it."""

    list_id: int
    entity: str
    record_id: str
    name: str
    reason: str = ""
    """Why it is to leave, a code of `syncs/reasons.py`."""


class CrmCreate(msgspec.Struct, array_like=True, gc=False):
    """A person whom Dynamics does not know, and the row that they are to become there.

    `columns`: column → [None, new]; `labels`: the values they come from. A join of the same row goes with
    it.
    """

    list_id: int
    entity: str
    record_id: str
    name: str
    columns: dict[str, list[Any]]
    labels: dict[str, Any]


class Decision(msgspec.Struct, array_like=True, gc=False):
    """Everything that is to happen to one person, on both sides."""

    key: str
    contact_id: int | None
    moved_from: str = ""
    """The former address, when the Dotdigital contact is to take the new one along."""
    send: dict[str, Any] = {}
    """Label → value to write to Dotdigital."""
    old: dict[str, Any] = {}
    """Label → value that Dotdigital held before, for the same labels."""
    joins: list[int] = []
    leaves: list[int] = []
    confirmed: list[int] = []
    """Lists where both sides have the person already, without our doing."""
    agreed: dict[str, Any] = {}
    """The shadow once this decision is settled, if Dotdigital takes it."""
    crm_changes: list[CrmChange] = []
    crm_joins: list[CrmJoin] = []
    lines: list[Line] = []
    comes_again: bool = False
    """True: something is left for the next run, so the person stays touched."""
    lost: dict[str, list[Any]] = {}
    """Label → ["dotdigital", value] for each value there that lost a conflict."""
    crm_creates: list[CrmCreate] = []
    """At most one, with the entries into lists that belong to it among `crm_joins`."""
    crm_leaves: list[CrmJoin] = []
    """Marketing lists that a record is to leave again: only an undo takes anybody out of one."""

    @property
    def imports(self) -> bool:
        return bool(self.send or self.joins or self.moved_from)

    @property
    def is_owed(self) -> bool:
        """Dynamics was to get something first, and this still being here says that it did not take it."""
        return bool(self.crm_changes or self.crm_joins or self.crm_leaves)


encode_decision = msgspec.json.Encoder().encode
decode_decision = msgspec.json.Decoder(Decision).decode
encode_decisions = msgspec.json.Encoder().encode
decode_decisions = msgspec.json.Decoder(list[Decision]).decode
