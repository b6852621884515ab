"""Two-way marketing list sync: marketing lists of Dynamics to lists of Dotdigital, with the in-pass before
it.

A run walks the phases below in order. Each phase is one function that does one bounded piece of work and
answers None when it is through. Reading stages what differs and *touches* the people concerned; deciding is
pure; writing settles people one batch at a time; cursors move at the very end.
"""

from collections.abc import Callable
from typing import Final

from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next
from syncline.syncs.lists_out.finish import finish
from syncline.syncs.lists_out.left_behind import settle_left_behind
from syncline.syncs.lists_out.preparations import labels_first, metadata_first
from syncline.syncs.lists_out.read_contacts import read_contacts, read_suppressions, read_unsubscribers
from syncline.syncs.lists_out.read_lists import join_books, read_books, read_lists
from syncline.syncs.lists_out.read_lookups import read_lookups
from syncline.syncs.lists_out.read_members import read_members
from syncline.syncs.lists_out.read_records import read_records
from syncline.syncs.lists_out.removals import remove_people
from syncline.syncs.lists_out.setting import Setting
from syncline.syncs.lists_out.write_dotdigital import write_dotdigital
from syncline.syncs.lists_out.write_dynamics import write_dynamics

Phase = Callable[[RunContext, Setting], Next | None]


def _read_again(context: RunContext, setting: Setting) -> Next | None:
    """What the in-pass wrote may have changed other columns (a computed full name): read them before anything
    is sent.
    """
    if not context.position.get("inward_written"):
        return None
    if not context.position.get("again"):
        context.save_position(again=True, tables_to_read=None, lookup_tables=None)
    return read_records(context, setting) or read_lookups(context, setting)


PHASES: Final[tuple[tuple[str, Phase], ...]] = (
    ("metadata", metadata_first),
    ("labels", labels_first),
    ("left behind", settle_left_behind),
    ("lists", read_lists),
    ("contacts", read_contacts),
    ("suppressions", read_suppressions),
    ("unsubscribers", read_unsubscribers),
    ("books", join_books),
    ("strangers", read_books),
    ("members", read_members),
    ("records", read_records),
    ("lookups", read_lookups),
    ("inward", write_dynamics),
    ("again", _read_again),
    ("outward", write_dotdigital),
    ("removals", remove_people),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    reached: int = context.position.get("phase", 0)
    if reached == len(PHASES):
        return Done()
    phase = PHASES[reached][1]
    answer = phase(context, Setting(context.account))
    if answer is None:
        context.save_position(phase=reached + 1)
        return More()
    return answer
