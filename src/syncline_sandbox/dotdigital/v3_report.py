"""The report of a v3 import: what became of each row."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

# The structs below bear the API's names. They are made ten thousand at a time and hold no cycles, so the
# garbage collector need not look at them.


class Failure(msgspec.Struct, gc=False):
    failureCode: str  # noqa: N815
    description: str


class FailedRow(msgspec.Struct, gc=False):
    failures: list[Failure]
    matchIdentifier: str  # noqa: N815
    identifiers: dict[str, Any]
    contactId: int | UnsetType = UNSET  # noqa: N815


class Reference(msgspec.Struct, gc=False):
    contactId: int  # noqa: N815
    identifiers: dict[str, Any]


class Summary(msgspec.Struct):
    newContacts: int = 0  # noqa: N815
    updatedContacts: int = 0  # noqa: N815
    globallySuppressed: int = 0  # noqa: N815
    invalidEntries: int = 0  # noqa: N815
    duplicateIdentifiers: int = 0  # noqa: N815


class Report(msgspec.Struct):
    """What a finished import answers besides its id and status."""

    summary: Summary = msgspec.field(default_factory=Summary)
    created: list[Reference] = msgspec.field(default_factory=list)
    updated: list[Reference] = msgspec.field(default_factory=list)
    failures: list[FailedRow] = msgspec.field(default_factory=list)

    def fail(self, code: str, description: str, match: str, identifiers: dict[str, Any]) -> None:
        """A row that was not stored."""
        if code == "duplicateIdentifier":
            self.summary.duplicateIdentifiers += 1
        elif code == "globallySuppressed":
            self.summary.globallySuppressed += 1
        else:
            self.summary.invalidEntries += 1
        self.fault([Failure(code, description)], match, identifiers, identifiers.get("contactId"))

    def fault(
        self, failures: list[Failure], match: str, identifiers: dict[str, Any], contact_id: Any
    ) -> None:
        """List failures of a row, stored or not; a contact id stands beside the identifiers."""
        shown = {name: value for name, value in identifiers.items() if name != "contactId"}
        row = FailedRow(failures, match, shown)
        if type(contact_id) is int:
            row.contactId = contact_id
        self.failures.append(row)

    def encoded(self) -> bytes:
        self.summary.newContacts = len(self.created)
        self.summary.updatedContacts = len(self.updated)
        return msgspec.json.encode(self)
