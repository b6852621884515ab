"""Which of the tables of people have a column that Syncline adds to them."""

from syncline.dataverse import NotFound
from syncline.ledger.models import RunStatus
from syncline.people.facts import MAILED
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next
from syncline.syncs.ending import end
from syncline.syncs.messages import tell


def find_tables(context: RunContext, column: str, missing: str) -> Next | None:
    """Keeps the tables as `our_tables`. Without the column on every one of them the run ends with the message
    `missing`, before it reads anything. An environment without leads needs none there.
    """
    if "our_tables" in context.position:
        return None
    tables = []
    for table in MAILED:
        if context.dataverse.has_column(table, column):
            tables.append(table)
        elif _exists(context, table):
            end(context.run, RunStatus.FAILED, tell(missing, table))
            return Done()
    context.save_position(our_tables=tables)
    return More()


def _exists(context: RunContext, table: str) -> bool:
    try:
        context.dataverse.table(table)
    except NotFound:
        return False
    return True
