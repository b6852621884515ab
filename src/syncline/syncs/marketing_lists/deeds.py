"""What one run did to one person, as its outcomes tell it: what an undo starts from."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from syncline.ledger import written
from syncline.ledger.models import Run
from syncline.ledger.written import Written


class ValueDeed(NamedTuple):
    """One value that the run wrote."""

    side: str
    """`dotdigital` or `dynamics`."""
    list_id: int
    """The list under which the run told of it."""
    entity: str
    record_id: str
    name: str
    field: str
    """A label of Dotdigital, or a column as Dataverse takes it."""
    old: Any
    new: Any


class PlaceDeed(NamedTuple):
    """One list that the run let the person into, or took them out of."""

    side: str
    list_id: int
    entity: str
    record_id: str
    name: str
    joined: bool
    reason: str
    """Why the run did it, a code of `syncs/reasons.py`."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """Everything that a run wrote about one person, on both sides."""

    key: str
    values: tuple[ValueDeed, ...] = ()
    places: tuple[PlaceDeed, ...] = ()
    made_contact: bool = False
    """The run made the Dotdigital contact."""
    made_records: frozenset[str] = frozenset()
    """Rows of Dynamics that the run made."""


def deeds_of(run: Run, keys: Sequence[str]) -> dict[str, Deeds]:
    """What the run did to each of these people."""
    told: dict[str, list[Written]] = {key: [] for key in keys}
    for row in written.of_people(run, keys):
        told[row.person_key].append(row)
    return {key: _gathered(key, rows) for key, rows in told.items()}


def _gathered(key: str, rows: Sequence[Written]) -> Deeds:
    return Deeds(
        key,
        values=tuple(deed for row in rows for deed in _values(row)),
        places=tuple(_place(row) for row in rows if row.membership),
        made_contact=any(row.side == "dotdigital" and row.result == "created" for row in rows),
        made_records=frozenset(row.record_id for row in rows if _made_record(row)),
    )


def _values(row: Written) -> Iterator[ValueDeed]:
    where = (row.side, row.list_id or 0, row.entity, row.record_id, row.name)
    for field, (old, new) in json.loads(row.fields).items():
        yield ValueDeed(*where, field, old, new)


def _place(row: Written) -> PlaceDeed:
    where = (row.side, row.list_id or 0, row.entity, row.record_id, row.name)
    return PlaceDeed(*where, row.membership == "joined", row.reason)


def _made_record(row: Written) -> bool:
    """A known record that was let into a list is told as created too: there it is the membership that is
    new, and no value came along.
    """
    return row.side == "dynamics" and row.result == "created" and row.fields != "{}"
