"""Opt-in status to Dynamics: how strongly somebody agreed to be mailed, as Dotdigital knows it, on contacts
and leads with the same address. It is only ever raised.
"""

from typing import Final

from syncline.syncs.consent.finish import finish
from syncline.syncs.consent.fuse import check_fuse
from syncline.syncs.consent.new_rules import catch_up, try_refused_again
from syncline.syncs.consent.opt_in_columns import find_columns
from syncline.syncs.consent.raise_opt_ins import raise_opt_ins
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.left_behind import settle_left_behind
from syncline.syncs.marketing_lists.phases import Phases, walk
from syncline.syncs.marketing_lists.preparations import metadata_first
from syncline.syncs.marketing_lists.read_contacts import read_contacts
from syncline.syncs.marketing_lists.read_records import read_records

PHASES: Final[Phases] = (
    ("metadata", metadata_first),
    ("column", find_columns),
    ("left behind", settle_left_behind),
    ("contacts", read_contacts),
    ("records", read_records),
    ("everybody", catch_up),
    ("held", try_refused_again),
    ("fuse", check_fuse),
    ("inward", raise_opt_ins),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    return walk(context, PHASES)
