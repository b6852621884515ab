"""What a reading tells about consent: the difference between what we knew and what we see, for the ledger.

Pure. Somebody seen for the first time who may be mailed has changed nothing; somebody seen for the first time
who has opted out has, if only for us.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from syncline.consent.gate import RECEIVES_MAIL
from syncline.consent.ledger import Change, Source, What
from syncline.dotdigital import Contact
from syncline.people.facts import NO_ADDRESS, CrmFlag

FLAGS: Final = (
    (int(CrmFlag.DO_NOT_BULK_EMAIL), What.DO_NOT_BULK_EMAIL),
    (int(CrmFlag.DO_NOT_EMAIL), What.DO_NOT_EMAIL),
)
OF_CONSENT: Final = int(CrmFlag.DO_NOT_BULK_EMAIL | CrmFlag.DO_NOT_EMAIL)

LEFT: Final = "suppressed"
"""The status of a place in a list that its owner gave up by themselves."""


class Seen(NamedTuple):
    """Where and when something was seen."""

    account_id: int
    run_id: int
    now: datetime
    source: Source = Source.DOTDIGITAL

    def change(
        self, key: str, at: datetime | None, what: What, before: str, after: str, evidence: dict[str, Any]
    ) -> Change:
        """`at` None: the source does not tell when, so it is when we saw it."""
        return Change(
            self.account_id,
            key,
            at or self.now,
            what,
            before,
            after,
            self.source,
            evidence=evidence,
            run_id=self.run_id,
        )


def status_changed(before: str, now: str) -> bool:
    """Whether a change of Dotdigital's e-mail status is one of consent."""
    return before != now and not (before in RECEIVES_MAIL and now in RECEIVES_MAIL)


def of_contact(
    seen: Seen, key: str, contact: Contact, status: str, opt_in: str, known: tuple[Any, ...] | None
) -> Iterator[Change]:
    """A contact's e-mail status and opt-in type. `known`: its row in the store, as it was."""
    before, was = (known[2], known[5]) if known else ("", "")
    if before == status and was == opt_in:
        return
    evidence = {"contact_id": contact.contact_id}
    if status_changed(before, status):
        yield seen.change(key, contact.updated_on, What.EMAIL_STATUS, before, status, evidence)
    if was and was != opt_in:
        yield seen.change(key, contact.updated_on, What.OPT_IN, was, opt_in, evidence)


def of_mark(seen: Seen, key: str, before: str, mark: str, contact_id: int | None) -> Change:
    """A contact that is gone from this address: `mark` is the gate's word for how."""
    return seen.change(key, None, What.EMAIL_STATUS, before, mark, {"contact_id": contact_id})


def of_place(
    seen: Seen, key: str, list_id: int, before: str, now: str, at: datetime | None, contact_id: int
) -> Iterator[Change]:
    """A place in one list. Being taken in or out by somebody else is no change of consent."""
    if before != now and (LEFT in {before, now} or before == "pending"):
        change = seen.change(key, at, What.LIST, before, now, {"contact_id": contact_id})
        yield msgspec.structs.replace(change, list_id=list_id)


def of_record(seen: Seen, key: str, entity: str, record_id: str, before: int, now: int) -> Iterator[Change]:
    """The marks of a Dynamics row. Nobody can be mailed at a row without an address."""
    if (before ^ now) & OF_CONSENT and not key.startswith(NO_ADDRESS):
        for flag, what in FLAGS:
            if (before ^ now) & flag:
                words = ("yes", "no") if before & flag else ("no", "yes")
                evidence = {"entity": entity, "record_id": record_id}
                yield seen.change(key, None, what, *words, evidence)
