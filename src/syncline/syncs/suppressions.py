"""Suppressions, both ways: Dotdigital's suppression list to contacts, leads and the CRM suppression list of
Dynamics, and addresses that somebody put on that list to Dotdigital.
"""

from typing import Final

from syncline.syncs.consent.carry_out import write_dynamics
from syncline.syncs.consent.finish import finish
from syncline.syncs.consent.fuse import check_fuse
from syncline.syncs.consent.new_rules import look_again, try_refused_again
from syncline.syncs.consent.read_crm_list import read_crm_list
from syncline.syncs.consent.suppress import suppress_in_dotdigital
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.left_behind import settle_left_behind
from syncline.syncs.marketing_lists.phases import Phases, walk
from syncline.syncs.marketing_lists.preparations import metadata_first
from syncline.syncs.marketing_lists.read_contacts import read_contacts, read_suppressions
from syncline.syncs.marketing_lists.read_records import read_records

PHASES: Final[Phases] = (
    ("metadata", metadata_first),
    ("left behind", settle_left_behind),
    ("contacts", read_contacts),
    ("suppressions", read_suppressions),
    ("records", read_records),
    ("crm list", read_crm_list),
    ("rules", look_again),
    ("held", try_refused_again),
    ("fuse", check_fuse),
    ("outward", suppress_in_dotdigital),
    ("inward", write_dynamics),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    return walk(context, PHASES)
