"""Insight data: rows of any chosen table of Dynamics, into a collection of Dotdigital, for people who are
subscribed.
"""

from typing import Final

from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.insight_data.begin import begin, look_up
from syncline.syncs.insight_data.finish import finish
from syncline.syncs.insight_data.read_rows import read_rows
from syncline.syncs.insight_data.send import keep_plan, send, settle_left_behind
from syncline.syncs.insight_data.take_away import check_fuse, count_nobodys, take_away
from syncline.syncs.marketing_lists.phases import Phases, walk

PHASES: Final[Phases] = (
    ("left behind", settle_left_behind),
    ("begin", begin),
    ("look up", look_up),
    ("read", read_rows),
    ("nobody's", count_nobodys),
    ("fuse", check_fuse),
    ("plan", keep_plan),
    ("take away", take_away),
    ("send", send),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    return walk(context, PHASES)
