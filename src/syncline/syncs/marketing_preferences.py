"""Marketing preferences, both ways: what people chose to be told about, in Dotdigital and on contacts and
leads. The later choice counts.
"""

from typing import Final

from syncline.syncs.consent.finish import finish
from syncline.syncs.consent.fuse import check_fuse
from syncline.syncs.consent.new_rules import catch_up, try_refused_again
from syncline.syncs.consent.read_crm_list import read_crm_list
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.left_behind import settle_left_behind
from syncline.syncs.marketing_lists.phases import Phases, walk
from syncline.syncs.marketing_lists.preparations import metadata_first
from syncline.syncs.marketing_lists.read_contacts import read_contacts, read_suppressions
from syncline.syncs.marketing_lists.read_records import read_records
from syncline.syncs.preferences.definitions import take_over_preferences
from syncline.syncs.preferences.inward import keep_choices
from syncline.syncs.preferences.outward import choose_in_dotdigital
from syncline.syncs.preferences.read_choices import read_choices
from syncline.syncs.preferences.read_rows import read_rows

PHASES: Final[Phases] = (
    ("metadata", metadata_first),
    ("preferences", take_over_preferences),
    ("left behind", settle_left_behind),
    # A yes goes to nobody who opted out of everything by now.
    ("contacts", read_contacts),
    ("suppressions", read_suppressions),
    ("records", read_records),
    ("crm list", read_crm_list),
    ("choices", read_choices),
    ("rows", read_rows),
    ("everybody", catch_up),
    ("held", try_refused_again),
    ("fuse", check_fuse),
    ("outward", choose_in_dotdigital),
    ("inward", keep_choices),
    ("finish", finish),
)


def step(context: RunContext) -> Next:
    """One piece of the phase that the run has reached."""
    return walk(context, PHASES)
