"""An explanation as data: what is asked of somebody, how it stands, and what decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from syncline.ledger.models import Outcome

TargetKind = Literal["record", "list", "account", "mapping", "address", "run"]


@dataclass(frozen=True)
class Target:
    """What decides a question, so that a page can lead there and a program can look it up."""

    kind: TargetKind
    name: str
    """What it is called."""
    reference: str = ""
    """A record's id in Dynamics, a list's or account's key here, a run's key, or an address."""
    entity: str = ""
    """Table of a record, or of a mapping's columns."""


@dataclass(frozen=True)
class Asked:
    """One question of the way, and how it stands for this person."""

    code: str
    question: str
    is_open: bool
    words: str = ""
    """Why it is shut; empty where it is open."""
    remedy: str = ""
    targets: Sequence[Target] = ()


@dataclass(frozen=True)
class ListVerdict:
    """What a sync would do about one place in a list, and why."""

    list_name: str
    record_name: str
    entity: str
    verdict: str
    passes: bool
    """False where the person is left out."""
    code: str
    reason: str
    remedy: str
    targets: Sequence[Target] = ()


@dataclass(frozen=True)
class ValueTold:
    """A value that would be written to one side."""

    field: str
    old: object
    new: object
    where: str
    """The record, or Dotdigital."""


@dataclass(frozen=True)
class LastTold:
    """The last thing that a sync did or decided about the person, of those that are kept."""

    at: datetime
    result: str
    detail: str
    run: Target


@dataclass(frozen=True)
class SyncTold:
    """One sync type's view of the person."""

    key: str
    conclusion: str
    gates: Sequence[Asked]
    lists: Sequence[ListVerdict]
    values: Sequence[ValueTold] = ()
    last: LastTold | None = None

    @property
    def passes(self) -> bool:
        return all(gate.is_open for gate in self.gates)


@dataclass(frozen=True)
class RecordTold:
    """One Dynamics row with the address."""

    entity: str
    record_id: str
    name: str
    marks: Sequence[str]
    lists: Sequence[str]
    was_read: bool
    """False where no sync has read it yet and Dynamics was asked now."""

    @property
    def sentence(self) -> str:
        marks = f" [{', '.join(self.marks)}]" if self.marks else ""
        lists = ", ".join(self.lists) or "no activated list"
        read = "" if self.was_read else ", not read by a sync yet"
        return f"{self.entity} {self.name or self.record_id}{marks}, member of: {lists}{read}"


@dataclass(frozen=True)
class HeldTold:
    """Something that one side refused of this person."""

    sync_type: str
    reason: str
    remedy: str
    detail: str
    since: datetime
    run: Target | None


@dataclass(frozen=True)
class Explanation:
    address: str
    records: Sequence[RecordTold]
    dotdigital: str
    """One sentence about the contact there."""
    consent: Sequence[Asked]
    """The gates that every write to the person passes."""
    syncs: Sequence[SyncTold]
    waits: bool
    """Something changed since the last sync, so the next one looks at the person."""
    held: Sequence[HeldTold] = ()
    recent: Sequence[Outcome] = ()
    becomes: str = ""
    """`contact` or `lead`, where the next sync makes a record of somebody whom Dynamics does not know."""
    unasked: Sequence[str] = ()
    """What could not be asked of a vendor, in words; the rest is as Syncline knew it."""

    @property
    def conclusion(self) -> str:
        """The first thing to know: how the way out to Dotdigital ends."""
        if self.becomes:
            return f"Not known to Dynamics yet: becomes a {self.becomes} there with the next sync."
        return self.syncs[0].conclusion

    @property
    def passes(self) -> bool:
        return self.syncs[0].passes and any(one.passes for one in self.syncs[0].lists)
