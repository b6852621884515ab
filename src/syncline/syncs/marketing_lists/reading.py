"""What every list sync reads before it decides anything, in order: what it needs to know, then both sides."""

from typing import Final

from syncline.syncs.consent.read_crm_list import read_crm_list
from syncline.syncs.marketing_lists.follow_addresses import follow_addresses
from syncline.syncs.marketing_lists.left_behind import settle_left_behind
from syncline.syncs.marketing_lists.phases import Phases
from syncline.syncs.marketing_lists.preparations import labels_first, metadata_first
from syncline.syncs.marketing_lists.read_contacts import (
    read_contacts,
    read_suppressions,
    read_unsubscribers,
)
from syncline.syncs.marketing_lists.read_lists import join_books, read_books, read_lists
from syncline.syncs.marketing_lists.read_lookups import read_lookups
from syncline.syncs.marketing_lists.read_members import read_members
from syncline.syncs.marketing_lists.read_records import read_records
from syncline.syncs.marketing_lists.set_aside import touch_mended

READING: Final[Phases] = (
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
    ("crm list", read_crm_list),
    ("addresses", follow_addresses),
    ("lookups", read_lookups),
    ("mended", touch_mended),
)
