"""Scores as columns of contacts and leads."""

from typing import Any

from syncline.people.store.scores import Scored
from syncline.provisioning.score_columns import SCORE_COLUMNS
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.our_columns import find_tables

OVERALL, ENGAGEMENT, SUITABILITY, LABEL, EVALUATED = (column.schema_name.lower() for column in SCORE_COLUMNS)


def find_columns(context: RunContext, setting: Setting) -> Next | None:
    """Without the columns nothing is read. All are made together, and this one last."""
    del setting
    return find_tables(context, EVALUATED, "no_score_columns")


def columns_of(scored: Scored) -> dict[str, Any]:
    """What a record of this person is to hold."""
    return {
        OVERALL: scored.overall,
        ENGAGEMENT: scored.engagement,
        SUITABILITY: scored.suitability,
        LABEL: scored.label or None,
        EVALUATED: scored.evaluated_on or None,
    }
