"""The beginning: which tables there are, and whether either side still has what was chosen."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from syncline.dotdigital import InsightCollection
from syncline.insight import rows
from syncline.insight.choosing import ChoiceRefusedError, describe, offer
from syncline.insight.models import InsightTable
from syncline.ledger.models import RunStatus
from syncline.remote import Misconfigured
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next
from syncline.syncs.ending import end
from syncline.syncs.insight_data.tables import each_table, fail_table, part_of
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import tell

LOOKED_UP_FOR: Final = timedelta(days=1)
"""How long what Dynamics said about a table and its columns is relied on."""

COLLECTION_TYPE: Final = "custom"


def begin(context: RunContext, setting: Setting) -> Next | None:
    """Dotdigital is asked first: without the feature nothing is read in Dynamics."""
    del setting
    if "tables" in context.position:
        return None
    tables = list(InsightTable.objects.filter(account=context.account))
    if not tables:
        end(context.run, RunStatus.COMPLETED, tell("no_insight_tables"))
        return Done()
    there = {one.name: one for one in context.dotdigital.insight_collections()}
    with context.storing():
        context.save_position(tables=[table.pk for table in tables])
        for table in tables:
            part_of(context, table)
            _check_collection(context, table, there)
    return More()


def _check_collection(
    context: RunContext, table: InsightTable, there: Mapping[str, InsightCollection]
) -> None:
    found = there.get(table.collection)
    if found is None or not found.records:
        # Somebody deleted or emptied it.
        rows.forget_sent(table.pk)
    elif (found.type, found.scope or "contact") != (COLLECTION_TYPE, "contact"):
        why = f"Dotdigital's collection {found.name} is of the type {found.type} and the scope {found.scope}."
        what_to_do = "Choose another name for the collection, or delete it in Dotdigital."
        fail_table(context, table, why, what_to_do, closed=True)


def look_up(context: RunContext, setting: Setting) -> Next | None:
    """One table: its columns and the labels of its choices, once a day."""
    del setting
    return each_table(context, "look_up", _look_up)


def _look_up(context: RunContext, table: InsightTable) -> Next | None:
    if context.now() - table.read_at < LOOKED_UP_FOR:
        return None
    try:
        describe(table, offer(context.dataverse, table.table))
    except ChoiceRefusedError as refusal:
        with context.storing():
            fail_table(context, table, str(refusal), "Choose the table and its columns anew.")
        return None
    except Misconfigured as error:
        if error.status != 403:
            raise
        with context.storing():
            fail_table(context, table, str(error), error.what_to_do)
        return None
    with context.storing():
        stored = InsightTable.objects.select_for_update().filter(pk=table.pk).first()
        # Whoever chose otherwise meanwhile has looked it up for that; and what was removed stays removed.
        if stored is not None and stored.columns == table.columns:
            table.save()
    return None
