"""What is known about one person when a decision is made: plain values, read in pages, never written
through.
"""

from enum import IntEnum
from typing import Any, Final, NamedTuple

import msgspec


class CrmFlag(IntEnum):
    """Bits for the marks of a Dynamics row that bear on whether it is synced.

    Not an IntFlag: its arithmetic costs more than the rest of a decision.
    """

    DO_NOT_BULK_EMAIL = 1
    DO_NOT_EMAIL = 2
    INACTIVE = 4
    """Contact or account with state Inactive; lead that is not Open."""
    REOPENED = 8
    """Lead that was disqualified while in a list and is open again, with nothing else changed since."""
    ENTERED = 16
    """Lead that is not synced for its state, and has entered a list in the run that is under way."""


MAILED: Final = ("contact", "lead")
"""Tables whose rows are people. What is known of a person is kept on these; an account's row has only its
mark, which people set.
"""


class Place(NamedTuple):
    """A person's place in one Dotdigital list."""

    status: str
    """`subscribed`, `suppressed` (left this list), `pending`, or `removed`."""
    agreed: bool


class CrmFacts(msgspec.Struct, gc=False):
    """One Dynamics row with this person's address."""

    entity: str
    record_id: str
    name: str
    flags: int
    columns: dict[str, Any]
    former_keys: str
    lists: list[int] = []
    """Keys of the activated marketing lists that the row is a member of."""
    modified_ms: int = 0
    """When the row was last changed in Dynamics, in milliseconds since 1970, UTC; 0 where no mapping asks."""


class PersonFacts(msgspec.Struct):
    """Everything about one address. `agreed` is the shadow: what both sides last agreed on."""

    key: str
    records: list[CrmFacts] = []
    contact_id: int | None = None
    known_as: str = ""
    """The address that Dotdigital still has for this contact, where it differs from the key."""
    status: str = ""
    remote: dict[str, Any] = {}
    agreed: dict[str, Any] = {}
    places: dict[int, Place] = {}
    suppressed_for: str = ""
    on_crm_list: bool = False
    """The address is on the CRM suppression list of Dynamics."""
    opted_out_as: str = ""
    erased: bool = False
    """The person was erased here, under this address or a former one, and had opted out before."""
    left_behind: str = ""
    """A former address whose Dotdigital contact is still there and nobody else's, though this address has a
    contact of its own: two contacts of one person.
    """
    was_anothers: bool = False
    """No Dynamics row has this address, and one had it before."""
    opt_in: str = ""
    """Dotdigital's opt-in type in lower case; empty where it was not told."""
    updated_ms: int = 0
    """When the contact was last changed in Dotdigital, in milliseconds since 1970, UTC; 0 where no mapping
    asks.
    """


NO_ADDRESS: Final = "@"
"""First character of the key of a row without an address, so that each such row still has a key of its
own.
"""

ERASED: Final = NO_ADDRESS + "erased:"
"""Before the digest that stands, among the former addresses of a row, for one whose owner was erased."""


def former_addresses(former_keys: str) -> list[str]:
    """The addresses that a row had before, newest first, out of `CrmRecord.former_keys`."""
    return [key for key in former_keys.split("\n") if key and not key.startswith(NO_ADDRESS)]


def person_key(address: object, record_id: str) -> str:
    """The key of whoever owns an address: trimmed and lower-cased."""
    # No table holds a NUL; the character that stands for one keeps the address as bad as it is.
    key = address.strip().lower().replace("\0", "\x1a") if isinstance(address, str) else ""
    return key[:320] if key else NO_ADDRESS + record_id
