"""Solutions: which one a new component goes into."""

from __future__ import annotations

from syncline_sandbox.dataverse.errors import DataverseError
from syncline_sandbox.dataverse.organisation import APPLICATION_USER_ID, Organisation, new_id

_COMPONENT_TYPES = {
    "Entity": 1,
    "Attribute": 2,
    "Option Set": 9,
    "Entity Relationship": 10,
    "Entity Key": 14,
}


class SolutionShelf:
    """Where components of one request go: the solution named by its header, or none in particular."""

    def __init__(self, organisation: Organisation, unique_name: str | None) -> None:
        self._organisation = organisation
        self._solution_id: str | None = None
        if unique_name:
            self._solution_id = organisation.database.value(
                "SELECT solutionid FROM solution WHERE uniquename = ?", (unique_name,)
            )
            if self._solution_id is None:
                raise DataverseError(
                    400, "0x80048403", f"The solution with the unique name '{unique_name}' does not exist."
                )

    def put(self, kind: str, object_id: str) -> None:
        if self._solution_id is None:
            return
        now = self._organisation.stamp()
        self._organisation.database.execute(
            "INSERT INTO solutioncomponent (solutioncomponentid, versionnumber, componenttype, objectid, "
            "solutionid, rootcomponentbehavior, ismetadata, createdon, modifiedon, createdby, modifiedby) "
            "VALUES (?, ?, ?, ?, ?, 0, 1, ?, ?, ?, ?)",
            (
                new_id(),
                self._organisation.database.next_version(),
                _COMPONENT_TYPES[kind],
                object_id,
                self._solution_id,
                now,
                now,
                APPLICATION_USER_ID,
                APPLICATION_USER_ID,
            ),
        )

    def remove(self, object_id: str) -> None:
        """Forget a component that was deleted, in every solution."""
        self._organisation.database.execute("DELETE FROM solutioncomponent WHERE objectid = ?", (object_id,))
