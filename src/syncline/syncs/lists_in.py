"""Address books to Dynamics: what is new in lists of Dotdigital, into the marketing lists and their people.

The two-way sync without its way out. Whoever is owed something in Dotdigital stays touched for that one.
"""

from typing import Final

from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.finish import finish
from syncline.syncs.marketing_lists.fuse import check_fuse
from syncline.syncs.marketing_lists.phases import Phases, walk
from syncline.syncs.marketing_lists.read_again import read_again
from syncline.syncs.marketing_lists.reading import READING
from syncline.syncs.marketing_lists.settle_inward import settle_inward
from syncline.syncs.marketing_lists.write_dynamics import write_dynamics
from syncline.syncs.marketing_lists.write_newcomers import write_newcomers

PHASES: Final[Phases] = (
    *READING,
    ("fuse", check_fuse),
    ("newcomers", write_newcomers),
    ("inward", write_dynamics),
    ("again", read_again),
    ("settled", settle_inward),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    return walk(context, PHASES)
