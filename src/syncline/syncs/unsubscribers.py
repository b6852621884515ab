"""Unsubscribers: who left a Dotdigital list leaves the static marketing list too, and a suppression record is
kept against the contact or lead and the list.
"""

from typing import Final

from syncline.syncs.consent.carry_out import write_dynamics
from syncline.syncs.consent.finish import finish
from syncline.syncs.consent.fuse import check_fuse
from syncline.syncs.consent.new_rules import try_refused_again
from syncline.syncs.consent.read_crm_list import read_crm_list
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.left_behind import settle_left_behind
from syncline.syncs.marketing_lists.phases import Phases, walk
from syncline.syncs.marketing_lists.preparations import metadata_first
from syncline.syncs.marketing_lists.read_contacts import read_contacts, read_unsubscribers
from syncline.syncs.marketing_lists.read_lists import read_lists
from syncline.syncs.marketing_lists.read_members import read_members
from syncline.syncs.marketing_lists.read_records import read_records

PHASES: Final[Phases] = (
    ("metadata", metadata_first),
    ("left behind", settle_left_behind),
    ("lists", read_lists),
    ("contacts", read_contacts),
    ("unsubscribers", read_unsubscribers),
    ("members", read_members),
    ("records", read_records),
    ("crm list", read_crm_list),
    ("held", try_refused_again),
    ("fuse", check_fuse),
    ("inward", write_dynamics),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    return walk(context, PHASES)
