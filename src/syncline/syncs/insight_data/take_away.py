"""Takes records away from contacts who are not to have them: before anything is sent, for a key is unique in
its collection, whoever owns the record.

Dotdigital has no call for records of several contacts, so there is one for each of them. Each is harmless
when repeated.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from syncline.dotdigital import MOST_DELETED_A_CALL, NotFound
from syncline.insight import rows
from syncline.insight.models import InsightTable
from syncline.insight.rows import Wanted
from syncline.ledger.fuse import Count, limits_of, trips
from syncline.ledger.models import FuseKind, Purpose
from syncline.remote import Permanent, Rejected
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.insight_data.decide import Decision
from syncline.syncs.insight_data.pages import TAKEN_AWAY, next_page
from syncline.syncs.insight_data.tables import SYNC_TYPE, each_table, part_of
from syncline.syncs.insight_data.telling import tell_done, tell_kept, tell_left_out, tell_nobodys
from syncline.syncs.marketing_lists.setting import Setting

PAGE: Final = 100
"""Rows a step, and so calls at most."""

WINDOW: Final = 5000
"""Rows a step where nobody is called."""


def count_nobodys(context: RunContext, setting: Setting) -> Next | None:
    """Say of one table how many of the rows that were read are nobody's."""
    del setting
    return each_table(context, "nobodys", _count_nobodys)


def _count_nobodys(context: RunContext, table: InsightTable) -> None:
    if context.run.purpose == Purpose.SYNC and not context.position.get("nobodys_after"):
        with context.storing():
            tell_nobodys(context, table)
            context.save_position(nobodys_after=str(table.pk))


def check_fuse(context: RunContext, setting: Setting) -> Next | None:
    """Would more people lose their records than the fuse lets through? A run that trips goes on as a plan."""
    del setting
    run = context.run
    if run.plan_only or run.purpose != Purpose.SYNC:
        return None
    return each_table(context, "fuse", _check_fuse, though_unreadable=True)


def _check_fuse(context: RunContext, table: InsightTable) -> Next | None:
    """One page of the rows whose records are to be taken away. Nothing is counted exactly where so few are
    that the fuse could not trip.
    """
    limits = limits_of(context.account, SYNC_TYPE)
    found, last = rows.page(table.pk, Wanted.REMOVALS, context.position.get("fuse_after", ""), WINDOW)
    leaving: dict[str, int] = context.position.get("leaving", {})
    seen = leaving.get(str(table.pk), 0) + len({row.sent_to for row in found})
    told = []
    if found and seen > limits[FuseKind.REMOVALS].number:
        people, of = rows.owners(table.pk)
        told = trips([Count(FuseKind.REMOVALS, people, of, f"the collection “{table.collection}”")], limits)
        last = ""
    with context.storing():
        if told:
            run = context.run
            run.plan_only, run.fuse = True, [*run.fuse, *told]
            run.save(update_fields=["plan_only", "fuse"])
        context.save_position(leaving={**leaving, str(table.pk): seen}, fuse_after=last)
    return More() if last else None


def take_away(context: RunContext, setting: Setting) -> Next | None:
    """One page of one table."""
    del setting
    if context.run.plan_only:
        return None
    return each_table(context, "take_away", _take_away, though_unreadable=True)


def _take_away(context: RunContext, table: InsightTable) -> Next | None:
    if context.position.get("leaving", {}).get(str(table.pk)) == 0:
        return None  # Checking the fuse has found nobody.
    page = next_page(context, table, Wanted.REMOVALS, context.position.get("take_away_after", ""), PAGE)
    if not page.last:
        return None
    going = sorted((one for one in page.decisions if one.action in TAKEN_AWAY), key=_owner)
    refused: dict[int, Permanent | Rejected] = {}
    for contact_id, group in groupby(going, key=_owner):
        try:
            _delete(context, table, contact_id, [one.row_id for one in group])
        except (Permanent, Rejected) as error:
            refused[contact_id] = error
    gone = [one for one in going if one.sent_to not in refused]
    with context.storing():
        part_id = part_of(context, table).pk
        removed = [one for one in gone if one.action == "remove"]
        moved = [one.row_id for one in gone if one.action == "move"]
        rows.keep_removed(table.pk, [one.row_id for one in removed], moved)
        tell_done(context, part_id, removed)
        tell_kept(context, part_id, [(one, refused[one.sent_to]) for one in going if one.sent_to in refused])
        tell_left_out(context, part_id, page.left_out)
        context.save_position(take_away_after=page.last)
        context.show("Taking records away in Dotdigital", context.run.progress_done + len(going))
    return More()


def _owner(decision: Decision) -> int:
    return decision.sent_to


def _delete(context: RunContext, table: InsightTable, contact_id: int, row_ids: Sequence[str]) -> None:
    for start in range(0, len(row_ids), MOST_DELETED_A_CALL):
        try:
            context.dotdigital.delete_insight_records(
                table.collection, contact_id, row_ids[start : start + MOST_DELETED_A_CALL]
            )
        except NotFound:
            return  # The contact or the collection is gone, and the records with it.
