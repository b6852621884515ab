"""Leaving one list out of a run, so that what is wrong with it costs nobody else."""

from syncline.ledger import cursors
from syncline.lists.models import MarketingList


def source(marketing_list: MarketingList) -> str:
    """The cursor that keeps the settings under which a list's members were last decided."""
    return f"list:{marketing_list.pk}"


def set_aside(marketing_list: MarketingList, problem: str) -> None:
    """Decide nothing about this list from here on; `problem` says why, and what to do.

    People are settled meanwhile without regard to the list. So all its members are looked at again once it
    can be synced.
    """
    marketing_list.problem = problem
    marketing_list.save(update_fields=["problem"])
    cursors.forget(marketing_list.account, source(marketing_list))
