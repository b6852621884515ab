"""After the in-pass: what it wrote may have changed other columns (a computed full name)."""

from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.follow_addresses import follow_addresses
from syncline.syncs.marketing_lists.read_lookups import read_lookups
from syncline.syncs.marketing_lists.read_records import read_records
from syncline.syncs.marketing_lists.setting import Setting


def read_again(context: RunContext, setting: Setting) -> Next | None:
    """Read the records of Dynamics once more before anything is sent, where the in-pass wrote something."""
    if not context.position.get("inward_written"):
        return None
    if not context.position.get("again"):
        context.save_position(again=True, tables_to_read=None, lookup_tables=None, followed_after="")
    return (
        read_records(context, setting) or follow_addresses(context, setting) or read_lookups(context, setting)
    )
