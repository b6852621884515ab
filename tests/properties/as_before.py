"""Both sides after a run was undone, person by person, against what they were before that run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from syncline.dotdigital import Contact
from tests.properties.two_sides import COLUMNS, LABELS, Record, Truth

FIELDS = (*LABELS, "FULLNAME")


@dataclass(frozen=True)
class Moments:
    """Both sides, from before the run that is undone to after its undo."""

    before: Truth
    after: Truth
    """The run has ended."""
    since: Truth
    """Somebody has edited on; the undo begins."""
    back: Truth
    """The undo has ended."""

    def edited(self) -> set[str]:
        """People of whom anything was changed between the run and its undo."""
        keys = {one.key for id_, one in self.since.records.items() if one != self.after.records.get(id_)} | {
            email for email, one in self.since.contacts.items() if one != self.after.contacts.get(email)
        }
        moved = {
            record_id
            for list_id, members in self.since.members.items()
            for record_id in members ^ self.after.members.get(list_id, set())
        }
        return keys | {self.since.records[record_id].key for record_id in moved}


class AsBefore:
    """What the run wrote is as it was before it, and what was changed since stays as it is; but for people
    of whom the undo tells that something is left (`told`).
    """

    def __init__(self, moments: Moments, told: set[str], tally: Counter[str]) -> None:
        self._moments = moments
        self._told = told
        self._tally = tally

    def check(self) -> None:
        edited = self._moments.edited()
        self._what_was_changed_since_stays()
        for record_id, after in self._moments.after.records.items():
            if after.key not in self._told | edited:
                self._check_record(record_id, after)
        then = {contact.contact_id: contact for contact in self._moments.before.contacts.values()}
        for email, contact in self._moments.back.contacts.items():
            if email not in self._told | edited:
                self._check_contact(email, contact, then.get(contact.contact_id))

    def _what_was_changed_since_stays(self) -> None:
        after, since, back = self._moments.after, self._moments.since, self._moments.back
        for record_id, record in since.records.items():
            known = after.records[record_id].values
            for column in COLUMNS:
                if record.values[column] != known[column]:
                    assert back.records[record_id].values[column] == record.values[column], record.key
                    self._tally["values changed since"] += 1
        for email, contact in since.contacts.items():
            fields = values_of(after.contacts[email]) if email in after.contacts else {}
            for label, value in values_of(contact).items():
                if value != fields.get(label):
                    assert values_of(back.contacts[email])[label] == value, email
                    self._tally["values changed since"] += 1

    def _check_record(self, record_id: str, after: Record) -> None:
        before, back = self._moments.before.records.get(record_id), self._moments.back.records.get(record_id)
        assert back is not None, f"{after.key} was deleted"
        if before is None:
            assert back.values == after.values, f"{after.key} was made, and is {back.values}"
        else:
            values = {column: before.values[column] for column in COLUMNS}
            assert values == {column: back.values[column] for column in COLUMNS}, after.key
            self._tally["values in Dynamics"] += before.values != after.values
        for list_id, members in self._moments.before.members.items():
            was, is_now = record_id in members, record_id in self._moments.back.members.get(list_id, ())
            assert was == is_now, f"{after.key} in marketing list {list_id}: {was}, then {is_now}"
            between = record_id in self._moments.after.members.get(list_id, ())
            self._tally["marketing lists"] += was != between

    def _check_contact(self, email: str, back: Contact, before: Contact | None) -> None:
        after = self._moments.after.contacts[email]
        if before is None:
            assert values_of(back) == values_of(after), f"{email} was made, and is {values_of(back)}"
            assert not lists_of(back), f"{email} was made, and is in {lists_of(back)}"
            self._tally["contacts made"] += 1
            return
        assert values_of(back) == values_of(before), email
        assert lists_of(back) == lists_of(before), email
        self._tally["values in Dotdigital"] += values_of(after) != values_of(before)
        self._tally["Dotdigital lists"] += lists_of(after) != lists_of(before)


def values_of(contact: Contact) -> dict[str, Any]:
    return {label: contact.data_fields.get(label) for label in FIELDS}


def lists_of(contact: Contact) -> set[int]:
    return {entry.id for entry in contact.lists if entry.status == "subscribed"}
