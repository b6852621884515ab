"""Before anything is written: would this run take out or overwrite more than the fuse lets through?

What it would do is decided for everybody whom Dotdigital knows and who is touched, and only counted. That
is left out where so few are touched that no fuse could trip, as in nearly every run; nothing of a first load
is counted, for what is new there replaces nothing. A run that trips goes on as a plan.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final

from syncline.ledger.fuse import Count, Limit, limits_of, trips
from syncline.ledger.models import FuseKind, Purpose
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.decisions import Decision
from syncline.syncs.marketing_lists.effects import Effects, effects, effects_in_dynamics
from syncline.syncs.marketing_lists.parts import writes_out
from syncline.syncs.marketing_lists.people_page import foreseen_page
from syncline.syncs.marketing_lists.setting import Setting

PAGE: Final = 5000
"""People a step."""

OVERWRITES: Final = "overwrites"


def check_fuse(context: RunContext, setting: Setting) -> Next | None:
    """One page of people counted; at the end the verdict."""
    run = context.run
    if run.plan_only or run.purpose != Purpose.SYNC:
        # A plan writes nothing, and what a person has approved is not asked about again.
        return None
    if "fuse_counts" not in context.position:
        if not _could_trip(context, setting):
            return None
        context.save_position(fuse_counts={}, fuse_after="")
        return More()
    page = foreseen_page(context, setting, context.position["fuse_after"], PAGE)
    if page.keys:
        tally = Counter(context.position["fuse_counts"]) + _count(context, page.decisions)
        context.save_position(fuse_counts=tally, fuse_after=page.keys[-1])
        context.show("Counting what would be changed")
        return More()
    told = trips(_counts(context, setting), limits_of(context.account, run.sync_type))
    if told:
        with context.storing():
            run.plan_only, run.fuse = True, told
            run.save(update_fields=["plan_only", "fuse"])
    return None


def _could_trip(context: RunContext, setting: Setting) -> bool:
    """By what is touched alone, without a decision: whether any fuse is within reach."""
    account_id = context.account.pk
    limits = limits_of(context.account, context.run.sync_type)
    touched = store.count_touched_known(account_id)
    if not touched:
        return False
    if _reaches(limits[FuseKind.OVERWRITES], touched, partial(store.count_known, account_id)):
        return True
    removals = limits[FuseKind.REMOVALS]
    leavers = store.count_touched_places(account_id, setting.list_ids)
    if any(_reaches(removals, row.people, partial(store.count_places, pk)) for pk, row in leavers.items()):
        return True
    # A list that reads empty trips whatever its size.
    return any(row.agreed and store.has_no_members(pk) for pk, row in leavers.items())


def _reaches(limit: Limit, people: int, of: Callable[[], int]) -> bool:
    return people > limit.number and limit.is_passed_by(people, of())


def _count(context: RunContext, decisions: list[Decision]) -> Counter[str]:
    """`overwrites` → people; list → people who would leave its Dotdigital list. Nothing takes people out of a
    marketing list in Dynamics.
    """
    wanted = effects if writes_out(context.run) else effects_in_dynamics
    tally: Counter[str] = Counter()
    for decision in decisions:
        found = wanted(decision)
        tally[OVERWRITES] += _overwrites(found)
        tally.update(str(key[-1]) for key in found if key[1] == "leave")
    return tally


def _overwrites(found: Effects) -> bool:
    """Whether a value that is not blank would be replaced or emptied."""
    return any(key[1] == "value" and value[0] not in (None, "") for key, value in found.items())


def _counts(context: RunContext, setting: Setting) -> list[Count]:
    tally: dict[str, int] = context.position["fuse_counts"]
    known = store.count_known(context.account.pk)
    counts = [Count(FuseKind.OVERWRITES, tally.get(OVERWRITES, 0), known)]
    for row in setting.lists:
        people = tally.get(str(row.pk), 0)
        emptied = "Dynamics" if store.has_no_members(row.pk) else ""
        counts.append(Count(FuseKind.REMOVALS, people, store.count_places(row.pk), f"“{row.name}”", emptied))
    return counts
