"""Responses on their way to a contact or lead, a page at a time. Nothing here commits: the step that calls
does.
"""

from collections.abc import Collection, Sequence
from typing import Final

from syncline import bulk
from syncline.forms.models import UnappliedResponse

_OTHERS: Final = ("form_key", "person_key", "completed", "answers", "due")


def add(rows: Sequence[UnappliedResponse]) -> None:
    """One that is there already is replaced."""
    bulk.upsert(
        "forms_unappliedresponse",
        ("account_id", "row_id"),
        _OTHERS,
        [(row.account_id, row.row_id, *(getattr(row, name) for name in _OTHERS)) for row in rows],
    )


def page(account_id: int, limit: int) -> list[UnappliedResponse]:
    """The earliest."""
    rows = UnappliedResponse.objects.filter(account_id=account_id, due=True)
    return list(rows.order_by("completed", "row_id")[:limit])


def are_there(account_id: int) -> bool:
    return UnappliedResponse.objects.filter(account_id=account_id, due=True).exists()


def are_strangers_there(account_id: int) -> bool:
    """Whether one is of somebody whom Dynamics does not know and the form makes a record of."""
    rows = bulk.fetch(
        "SELECT 1 FROM forms_unappliedresponse u JOIN forms_form f ON f.id = u.form_key "
        "WHERE u.account_id = %s AND u.due AND f.creates <> '' AND NOT EXISTS "
        "(SELECT 1 FROM people_crmrecord r WHERE r.account_id = u.account_id "
        "AND r.person_key = u.person_key AND r.entity IN ('contact', 'lead')) LIMIT 1",
        [account_id],
    )
    return bool(rows)


def settle(account_id: int, row_ids: Collection[str]) -> None:
    UnappliedResponse.objects.filter(account_id=account_id, row_id__in=list(row_ids)).delete()


def hold(account_id: int, row_ids: Collection[str]) -> None:
    """They wait until somebody replays them."""
    UnappliedResponse.objects.filter(account_id=account_id, row_id__in=list(row_ids)).update(due=False)


def try_again(account_id: int, keys: Collection[str]) -> None:
    """Let the next run decide about the held responses of these people once more."""
    UnappliedResponse.objects.filter(account_id=account_id, person_key__in=list(keys)).update(due=True)


def people_held(account_id: int, keys: Collection[str]) -> set[str]:
    """Those of the people of whom a response is held."""
    rows = UnappliedResponse.objects.filter(account_id=account_id, person_key__in=list(keys), due=False)
    return set(rows.values_list("person_key", flat=True).distinct())
