"""What a consent sync does to one row, as plain values."""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec


class Kind(StrEnum):
    MARK = "mark"
    """Do Not Bulk Email is set on a contact or lead."""
    UNMARK = "unmark"
    """Do Not Bulk Email is cleared where Syncline had set it, of someone who came back by themselves."""
    RECORD = "record"
    """A suppression record is kept against a contact or lead, and a marketing list where there is one."""
    STRIKE = "strike"
    """Such a record is taken away, of someone who came back by themselves."""
    LEAVE = "leave"
    """A contact or lead is taken out of a static marketing list."""
    ENTER = "enter"
    """An address is put on the CRM suppression list."""
    RELEASE = "release"
    """An entry of that list is taken away, of someone who came back by themselves."""
    SUPPRESS = "suppress"
    """An address that was put on that list by hand is suppressed in Dotdigital."""
    RAISE = "raise"
    """The opt-in type of a contact or lead is raised."""


BY_THEMSELVES: Final = frozenset({Kind.UNMARK, Kind.STRIKE, Kind.RELEASE})
"""What follows where a person has come back. Everything else only ever restricts."""


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: Kind
    entity: str = ""
    """`contact` or `lead`; empty where the change is about the address alone."""
    record_id: str = ""
    """The contact or lead; of RELEASE the entry."""
    name: str = ""
    list_id: int = 0
    reason: str = ""
    """Dotdigital's reason for the suppression."""
    since: str = ""
    """When it began, ISO 8601, UTC."""
    before: int = 0
    """Of RAISE: the opt-in type that Dynamics holds, a value of its column; 0 for a blank."""
    after: int = 0
    """Of RAISE: the opt-in type that it is to hold."""
    version: str = ""
    """Of RAISE: the version of the row that `before` was read from."""


class Held(NamedTuple):
    """What a row holds, and the version of it that was read."""

    opt_in: int
    """A value of `provisioning.OPT_IN_TYPES`, or one that somebody else gave the column; 0 for a blank."""
    etag: str


class Decision(msgspec.Struct, frozen=True):
    """What is to happen about one person; nothing where both sides agree."""

    key: str
    changes: tuple[Change, ...] = ()


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Decision).decode
