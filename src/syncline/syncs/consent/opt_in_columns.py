"""The column Opt-in Type in Dynamics: which tables have it, and what rows hold in it at this moment."""

from collections.abc import Iterable
from typing import Final

from syncline.dataverse import NotFound
from syncline.ledger.models import RunStatus
from syncline.mapping.models import Entity
from syncline.syncs.consent.changes import Held
from syncline.syncs.consent.decide import MAILED
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next
from syncline.syncs.ending import end
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, PRIMARY_IDS, Setting
from syncline.syncs.messages import tell

COLUMN: Final = "syncline_optintype"


def find_columns(context: RunContext, setting: Setting) -> Next | None:
    """Without the column on both tables the run ends before it reads anything. An environment without leads
    needs none there.
    """
    del setting
    if "opt_in_tables" in context.position:
        return None
    tables = []
    for table in MAILED:
        if context.dataverse.has_column(table, COLUMN):
            tables.append(table)
        elif _exists(context, table):
            end(context.run, RunStatus.FAILED, tell("no_opt_in_column", table))
            return Done()
    context.save_position(opt_in_tables=tables)
    return More()


def _exists(context: RunContext, table: str) -> bool:
    try:
        context.dataverse.table(table)
    except NotFound:
        return False
    return True


def held(context: RunContext, rows: Iterable[tuple[str, str]]) -> dict[str, Held]:
    """What these rows, (table, record id) each, hold in Dynamics now. A row that is gone is left out, and so
    is one of a table without the column.
    """
    found: dict[str, Held] = {}
    wanted = sorted(set(rows))
    for table in context.position["opt_in_tables"]:
        ids = [record_id for of, record_id in wanted if of == table]
        key = PRIMARY_IDS[Entity(table)]
        for row in context.dataverse.rows_of(ENTITY_SETS[Entity(table)], key, ids, select=(COLUMN,)):
            found[row[key]] = Held(row.get(COLUMN) or 0, row["@odata.etag"])
    return found
