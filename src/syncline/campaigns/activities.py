"""Rows about what people did with campaigns, as Dynamics holds them."""

from collections.abc import Sequence
from typing import Final

from syncline.campaigns.models import Activity, HeldActivity
from syncline.campaigns.row_store import GONE, Known, RowStore, Unlinked, Written

__all__ = [
    "GONE",
    "STORE",
    "Known",
    "Unlinked",
    "Written",
    "count_about",
    "due_again",
    "hold",
    "keep",
    "known",
    "leave_held",
    "let_go",
    "opened_now",
    "people_held",
    "try_again",
]

STORE: Final = RowStore(Activity, HeldActivity)

known = STORE.known
keep = STORE.keep
hold = STORE.hold
let_go = STORE.let_go
people_held = STORE.people_held
try_again = STORE.try_again
leave_held = STORE.leave_held
due_again = STORE.due_again
count_about = STORE.count_about


def opened_now(account_id: int, row_ids: Sequence[str]) -> set[str]:
    """Those of the sends, all of them opened, whose first opening was not counted yet. From now on it is."""
    if not row_ids:
        return set()
    rows = Activity.objects.filter(account_id=account_id, row_id__in=row_ids, opened=False)
    found = set(rows.values_list("row_id", flat=True))
    rows.update(opened=True)
    return found
