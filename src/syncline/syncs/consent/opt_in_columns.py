"""The column Opt-in Type in Dynamics: which tables have it, and what rows hold in it at this moment."""

from collections.abc import Iterable
from typing import Final

from syncline.dataverse import Dataverse
from syncline.mapping.models import Entity
from syncline.syncs.consent.changes import Held
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, PRIMARY_IDS, Setting
from syncline.syncs.our_columns import find_tables

COLUMN: Final = "syncline_optintype"


def find_columns(context: RunContext, setting: Setting) -> Next | None:
    """Without the column nothing is read."""
    del setting
    return find_tables(context, COLUMN, "no_opt_in_column")


def held(context: RunContext, rows: Iterable[tuple[str, str]]) -> dict[str, Held]:
    """What these rows, (table, record id) each, hold in Dynamics now."""
    return held_in(context.dataverse, context.position["our_tables"], rows)


def held_in(client: Dataverse, tables: Iterable[str], rows: Iterable[tuple[str, str]]) -> dict[str, Held]:
    """Likewise. A row that is gone is left out, and so is one of a table that is not among `tables`, those
    with the column.
    """
    found: dict[str, Held] = {}
    wanted = sorted(set(rows))
    for table in tables:
        ids = [record_id for of, record_id in wanted if of == table]
        key = PRIMARY_IDS[Entity(table)]
        for row in client.rows_of(ENTITY_SETS[Entity(table)], key, ids, select=(COLUMN,)):
            found[row[key]] = Held(row.get(COLUMN) or 0, row["@odata.etag"])
    return found
