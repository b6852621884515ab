"""Email campaigns: new ones, their totals, and what people did with those that are synced in detail, from
Dotdigital to Dynamics.
"""

from typing import Final

from syncline.syncs.campaigns.finish import finish
from syncline.syncs.campaigns.link_people import link_people
from syncline.syncs.campaigns.read_activity import sync_activity
from syncline.syncs.campaigns.read_campaigns import (
    begin,
    look_for_missing,
    read_active,
    read_list,
    read_metrics,
)
from syncline.syncs.campaigns.try_held import try_held
from syncline.syncs.campaigns.write_campaigns import write_campaigns
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.phases import Phases, walk

PHASES: Final[Phases] = (
    ("begin", begin),
    ("list", read_list),
    ("missing", look_for_missing),
    ("active", read_active),
    ("metrics", read_metrics),
    ("campaigns", write_campaigns),
    ("held", try_held),
    ("activity", sync_activity),
    ("people", link_people),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    return walk(context, PHASES)
