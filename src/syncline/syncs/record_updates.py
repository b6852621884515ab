"""Updates of contacts, leads and accounts in Dynamics, whichever sync they come from."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

from syncline.dataverse import RowChange, RowOutcome
from syncline.mapping.models import Entity
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists.setting import ENTITY_SETS

_ENTITY: Final = attrgetter("entity")


class RecordUpdate(NamedTuple):
    entity: str
    record_id: str
    columns: Mapping[str, Any]


def update_records(context: RunContext, updates: Sequence[RecordUpdate]) -> list[RowOutcome]:
    """Outcomes in the order of `updates`. Each table has calls of its own, for one call takes rows of one."""
    found: dict[tuple[str, str], RowOutcome] = {}
    for entity, group in groupby(sorted(updates, key=_ENTITY), key=_ENTITY):
        rows = [RowChange(one.record_id, dict(one.columns)) for one in group]
        for outcome in context.dataverse.update_isolated(ENTITY_SETS[Entity(entity)], entity, rows):
            found[entity, outcome.id] = outcome
    return [found[one.entity, one.record_id] for one in updates]
