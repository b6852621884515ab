"""Two-way marketing list sync: marketing lists of Dynamics to lists of Dotdigital, with the in-pass before
it.
"""

from typing import Final

from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.finish import finish
from syncline.syncs.marketing_lists.fuse import check_fuse
from syncline.syncs.marketing_lists.let_rest import let_rest
from syncline.syncs.marketing_lists.phases import Phases, walk
from syncline.syncs.marketing_lists.read_again import read_again
from syncline.syncs.marketing_lists.read_in_full import read_in_full
from syncline.syncs.marketing_lists.reading import READING
from syncline.syncs.marketing_lists.removals import remove_people
from syncline.syncs.marketing_lists.write_dotdigital import write_dotdigital
from syncline.syncs.marketing_lists.write_dynamics import write_dynamics
from syncline.syncs.marketing_lists.write_newcomers import write_newcomers

PHASES: Final[Phases] = (
    *READING,
    ("in full", read_in_full),
    ("fuse", check_fuse),
    ("newcomers", write_newcomers),
    ("inward", write_dynamics),
    ("again", read_again),
    ("outward", write_dotdigital),
    ("removals", remove_people),
    ("rest", let_rest),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    return walk(context, PHASES)
