"""What a consent sync does to one row, as plain values."""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from syncline.people.store.choices import Told


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
    CHOOSE = "choose"
    """What was chosen in Dynamics about a preference is set in Dotdigital."""
    KEEP = "keep"
    """What a person chose about a preference is kept against a contact or lead."""


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
    """Of RAISE: the opt-in type that Dynamics holds, a value of its column; 0 for a blank. Of CHOOSE and
    KEEP: the choice there, see `people.store.choices`.
    """
    after: int = 0
    """What it is to hold."""
    version: str = ""
    """The version of the row that `before` was read from; of KEEP empty where there is no row yet."""
    preference: int = 0
    """Of CHOOSE and KEEP: Dotdigital's id of the preference."""
    label: str = ""
    """Its name."""
    row_id: str = ""
    """Of KEEP: the row that holds the choice, which may be new."""
    chosen_ms: int = 0
    """Of KEEP: when it was chosen, in milliseconds since 1970, UTC; 0 where nobody knows."""


class Held(NamedTuple):
    """What a row holds, and the version of it that was read."""

    opt_in: int
    """A value of `provisioning.OPT_IN_TYPES`, or one that somebody else gave the column; 0 for a blank."""
    etag: str


class ChoiceHeld(NamedTuple):
    """A row of Dynamics with what it holds of a choice, and the version of it that was read."""

    row_id: str
    record_id: str
    preference: int
    chosen: int
    """See `people.store.choices`."""
    since_ms: int
    """Since when, in milliseconds since 1970, UTC."""
    ours: bool
    """Whether Syncline wrote the row last."""
    etag: str


class About(NamedTuple):
    """What is known of one preference of a person."""

    preference: int
    label: str
    told: Told
    rows: list[ChoiceHeld]
    new_ids: dict[str, str]
    """Contact or lead → the id of the row that it gets where it has none."""


class Stop(msgspec.Struct, frozen=True):
    """Why a choice of a person is left as it is on both sides."""

    label: str
    reason: str


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to happen about one person; nothing where both sides agree."""

    key: str
    changes: tuple[Change, ...] = ()
    agreed: tuple[tuple[int, int], ...] = ()
    """(preference, choice): what both sides say once all of this has happened."""
    stops: tuple[Stop, ...] = ()


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Decision).decode
