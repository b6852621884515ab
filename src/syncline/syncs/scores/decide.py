"""What a person's contacts and leads are to be given of their scores. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from syncline.people.facts import PersonFacts
from syncline.people.store.scores import Scored
from syncline.syncs.scores.columns import columns_of


class Change(msgspec.Struct, frozen=True):
    """One contact or lead that is to be given scores."""

    entity: str
    record_id: str
    name: str
    before: dict[str, Any]
    """What the record was last given; empty where it never was."""
    columns: dict[str, Any]


class Decision(msgspec.Struct, frozen=True):
    """What is to happen about one person; nothing where their records have it all."""

    key: str
    changes: list[Change]


def decide(
    person: PersonFacts,
    scored: Scored | None,
    written: Mapping[str, dict[str, Any]],
    tables: Collection[str],
) -> Decision:
    """`written`: record id → what it was last given. `tables`: those that have the columns.

    Nothing is written about somebody who was erased having opted out.
    """
    if scored is None or person.erased:
        return Decision(person.key, [])
    wanted = columns_of(scored)
    records = sorted(person.records, key=lambda record: record.record_id)
    return Decision(
        person.key,
        [
            Change(one.entity, one.record_id, one.name, written.get(one.record_id, {}), wanted)
            for one in records
            if one.entity in tables and written.get(one.record_id) != wanted
        ],
    )
