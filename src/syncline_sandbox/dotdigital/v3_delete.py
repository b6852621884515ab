"""The v3 bulk delete: from the account, not from a list."""

from __future__ import annotations

from typing import Any

import msgspec

from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.errors import V3Error
from syncline_sandbox.dotdigital.identifiers import find_by_identifier
from syncline_sandbox.dotdigital.jobs import FINISHED, Job, Outcome


def carry_out(account: Account, job: Job, payload: bytes) -> Outcome:
    """Delete whom the identifiers name; those that name nobody are told."""
    entries = msgspec.json.decode(payload)
    deleted: list[Any] = []
    failures: list[dict[str, Any]] = []
    unknown = 0
    for entry in entries:
        try:
            contact = _find(account, entry)
        except V3Error as error:
            failures.append(_failure(entry, "invalidIdentifier", error.body["description"]))
            continue
        if contact is None:
            unknown += 1
            failures.append(_failure(entry, "contactNotFound", "The contact could not be found"))
            continue
        store.delete(account.connection, [contact.id])
        deleted.append(entry)
    summary = {
        "requestedContacts": len(entries),
        "deletedContacts": len(deleted),
        "unknownContacts": unknown,
        "invalidEntries": len(failures) - unknown,
    }
    report = {"summary": summary, "deleted": deleted, "failures": failures}
    return Outcome(FINISHED, msgspec.json.encode(report))


def _find(account: Account, entry: Any) -> Contact | None:
    if not isinstance(entry, dict) or len(entry) != 1:
        raise V3Error("contacts:badRequest", "An entry holds exactly one identifier")
    name, value = next(iter(entry.items()))
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise V3Error("contacts:badRequest", f"Invalid value for '{name}'")
    return find_by_identifier(account, name, str(value))


def _failure(entry: Any, code: str, description: str) -> dict[str, Any]:
    return {"identifier": entry, "failures": [{"failureCode": code, "description": description}]}
