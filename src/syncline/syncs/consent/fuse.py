"""Before anything is written: would this run suppress, take out of lists or overwrite more than the fuse
lets through?

Nothing is counted where so few are due that no fuse could trip. A run that trips goes on as a plan.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from syncline.ledger.fuse import Count, limits_of, trips
from syncline.ledger.models import FuseKind, Purpose
from syncline.people import store
from syncline.syncs.consent.changes import Decision, Kind
from syncline.syncs.consent.pages import decide_page
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.setting import Setting

PAGE: Final = 5000
"""People a step."""

KINDS: Final[Mapping[str, tuple[FuseKind, ...]]] = {
    store.SUPPRESSIONS: (FuseKind.SUPPRESSIONS, FuseKind.REMOVALS),
    store.UNSUBSCRIBERS: (FuseKind.SUPPRESSIONS, FuseKind.REMOVALS),
    store.OPT_IN: (FuseKind.OVERWRITES,),
    store.PREFERENCES: (FuseKind.OVERWRITES,),
}
"""What each sync type may do too much of."""

RESTRICTED: Final = "restricted"
OVERWRITTEN: Final = "overwritten"
"""Of whom a value that is not blank would be replaced."""
_RESTRICT: Final = frozenset({Kind.MARK, Kind.SUPPRESS})


def check_fuse(context: RunContext, setting: Setting) -> Next | None:
    """One page of people counted; at the end the verdict."""
    run = context.run
    if run.plan_only or run.purpose != Purpose.SYNC:
        return None
    limits = limits_of(context.account, run.sync_type)
    if "fuse_counts" not in context.position:
        smallest = min(limits[kind].number for kind in KINDS[run.sync_type])
        if store.count_due(run.account_id, run.sync_type) <= smallest:
            return None
        context.save_position(fuse_counts={}, fuse_after="")
        return More()
    page = decide_page(context, setting, context.position["fuse_after"], PAGE)
    if page.keys:
        tally = Counter(context.position["fuse_counts"]) + _count(page.decisions)
        context.save_position(fuse_counts=tally, fuse_after=page.keys[-1])
        context.show("Counting what would be changed")
        return More()
    told = trips(_counts(context, setting), limits)
    if told:
        with context.storing():
            run.plan_only, run.fuse = True, told
            run.save(update_fields=["plan_only", "fuse"])
    return None


def _count(decisions: list[Decision]) -> Counter[str]:
    """`restricted` and `overwritten` → people; list → people who would leave it."""
    tally: Counter[str] = Counter()
    for decision in decisions:
        tally[RESTRICTED] += any(change.kind in _RESTRICT for change in decision.changes)
        tally[OVERWRITTEN] += any(change.before for change in decision.changes)
        tally.update({str(change.list_id) for change in decision.changes if change.kind == Kind.LEAVE})
    return tally


def _counts(context: RunContext, setting: Setting) -> list[Count]:
    tally: dict[str, int] = context.position["fuse_counts"]
    known = store.count_known(context.account.pk)
    counts = [
        Count(FuseKind.SUPPRESSIONS, tally.get(RESTRICTED, 0), known),
        Count(FuseKind.OVERWRITES, tally.get(OVERWRITTEN, 0), known),
    ]
    counts.extend(
        Count(FuseKind.REMOVALS, people, store.count_members(row.pk), f"“{row.name}”")
        for row in setting.lists
        if (people := tally.get(str(row.pk)))
    )
    return counts
