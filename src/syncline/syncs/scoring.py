"""Contact scoring: how interested Dotdigital takes each contact to be, on contacts and leads with the same
address.
"""

from typing import Final

from syncline.syncs.consent.finish import finish
from syncline.syncs.consent.new_rules import catch_up, try_refused_again
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.left_behind import settle_left_behind
from syncline.syncs.marketing_lists.phases import Phases, walk
from syncline.syncs.marketing_lists.preparations import metadata_first
from syncline.syncs.marketing_lists.read_records import read_records
from syncline.syncs.scores.columns import find_columns
from syncline.syncs.scores.read_scores import read_scores
from syncline.syncs.scores.write_scores import write_scores

PHASES: Final[Phases] = (
    ("metadata", metadata_first),
    ("columns", find_columns),
    ("left behind", settle_left_behind),
    ("scores", read_scores),
    ("records", read_records),
    ("everybody", catch_up),
    ("held", try_refused_again),
    ("inward", write_scores),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    return walk(context, PHASES)
