"""Who opted out and has not come back, by what people did: never by what Syncline believes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.properties.two_sides import Truth


@dataclass
class OptedOut:
    everything: set[str] = field(default_factory=set)
    """Addresses whose owner is not to be mailed at all, by Dotdigital."""
    listed: dict[str, bool] = field(default_factory=dict)
    """Addresses that somebody put on the CRM suppression list → whether a consent sync has read it since."""
    hand_marks: set[str] = field(default_factory=set)
    """Records whose Do Not Bulk Email a person set where no mark of Syncline's stood."""
    synced_marks: set[str] = field(default_factory=set)
    """Records whose Do Not Bulk Email a sync set; once cleared by hand, until a run has read that."""

    def protected(self) -> set[str]:
        """Who is to be left alone. Of an entry by hand the list syncs know once a consent sync has read
        it.
        """
        return self.everything | {key for key, read in self.listed.items() if read}

    # What people do.

    def leave(self, email: str) -> None:
        self.everything.add(email)

    def come_back(self, email: str) -> None:
        """By a form, which is their own word."""
        self.everything.discard(email)
        self.listed.pop(email, None)

    def move(self, email: str, to: str) -> None:
        """The contact at `email` has another address, with all that holds for it."""
        if email in self.everything:
            self.everything.add(to)

    def put_on_list(self, email: str) -> None:
        self.listed.setdefault(email, False)

    def taken_off_list(self, email: str) -> None:
        """No resubscribe: where Dotdigital suppresses the address already, it goes on to."""
        self.listed.pop(email, None)

    def marked(self, record_id: str, *, before: bool, now: bool) -> None:
        if now and not before and record_id not in self.synced_marks:
            self.hand_marks.add(record_id)
        if not now:
            self.hand_marks.discard(record_id)

    # What is seen of a sync.

    def take_in(self, before: Truth, after: Truth) -> None:
        """What a sync did, which was checked already."""
        for email, contact in after.contacts.items():
            if contact.email_status == "suppressed":
                self.everything.add(email)
        for record_id, was, now in marks_changed(before, after):
            if now and not was:
                self.synced_marks.add(record_id)
            else:
                self.synced_marks.discard(record_id)

    def run_ended(self, marks_at_beginning: Mapping[str, bool], after: Truth, *, of_consent: bool) -> None:
        """A run that nobody disturbed has read everything that had been there when it began."""
        if of_consent:
            self.listed = dict.fromkeys(self.listed, True)
        for record_id, was in marks_at_beginning.items():
            if not was and record_id in after.records and not after.records[record_id].marked:
                self.synced_marks.discard(record_id)


def marks_changed(before: Truth, after: Truth) -> list[tuple[str, bool, bool]]:
    """(record, whether Do Not Bulk Email was set, whether it is)."""
    return [
        (record_id, record.marked, after.records[record_id].marked)
        for record_id, record in before.records.items()
        if record_id in after.records and record.marked != after.records[record_id].marked
    ]
