"""Leaving one list out of a run, so that what is wrong with it costs nobody else, and taking it in again."""

from syncline.ledger import cursors
from syncline.lists.models import MarketingList
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.marketing_lists.setting import Setting


def source(marketing_list: MarketingList) -> str:
    """The cursor that keeps the settings under which a list's members were last decided."""
    return f"list:{marketing_list.pk}"


def set_aside(marketing_list: MarketingList, problem: str) -> None:
    """Decide nothing about this list from here on; `problem` says why, and what to do.

    People are settled meanwhile without regard to the list. So all its members are looked at again once it
    can be synced, and not before.
    """
    marketing_list.problem = problem
    marketing_list.save(update_fields=["problem"])
    cursors.forget(marketing_list.account, source(marketing_list))


def touch_mended(context: RunContext, setting: Setting) -> Next | None:
    """Look at all members of the lists that were set aside until now. It comes when everything has been read,
    for what stood in the way of a list may be found anywhere on the way.
    """
    were_aside = context.position.get("were_aside", [])
    mended = [row.pk for row in setting.lists if row.pk in were_aside and setting.takes_part(row)]
    with context.storing():
        for list_id in mended:
            store.touch_members(context.account.pk, list_id)
        context.save_position(were_aside=[])
    return None
