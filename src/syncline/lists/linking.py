"""Which Dotdigital list a marketing list is joined to."""

from collections.abc import Iterable
from typing import Final

from django.db import transaction

from syncline.lists.models import MarketingList
from syncline.people import store

RESERVED: Final = frozenset({"test", "all contacts"})
"""Names that Dotdigital keeps for itself (contract, lists: rules)."""


def same_name(name: str, books: Iterable[tuple[int, str]]) -> int | None:
    """The id of the Dotdigital list with this name; Dotdigital compares names ignoring case."""
    wanted = name.strip().casefold()
    return next((book_id for book_id, book_name in books if book_name.strip().casefold() == wanted), None)


def obstacle(marketing_list: MarketingList) -> str:
    """Why the next sync will not be able to link this list, as far as its name tells; empty where it will.

    A sync finds that out by itself; this says so before anybody waits for it.
    """
    if marketing_list.address_book_id is not None:
        return ""
    name = marketing_list.name.strip()
    if name.casefold() in RESERVED:
        return (
            f"“{name}” is a name that Dotdigital keeps for itself, so no list can be made there. Rename the "
            "marketing list in Dynamics."
        )
    others = MarketingList.objects.filter(
        account_id=marketing_list.account_id, address_book_id__isnull=False, name__iexact=name
    )
    if others.exclude(pk=marketing_list.pk).exists():
        return (
            f"The Dotdigital list “{name}” is linked to another marketing list of the same name already. "
            "Give one of the two another name in Dynamics."
        )
    return ""


def link(marketing_list: MarketingList, address_book_id: int) -> None:
    marketing_list.address_book_id = address_book_id
    marketing_list.book_surplus = None
    marketing_list.unsubscribed_since = ""
    marketing_list.save(update_fields=["address_book_id", "book_surplus", "unsubscribed_since"])


@transaction.atomic
def unlink(marketing_list: MarketingList) -> None:
    """Forget the Dotdigital list; the next sync links the one of the same name, or makes it.

    Only people who left the list by themselves stay remembered: they are not put into the new one either.
    """
    marketing_list.address_book_id = None
    marketing_list.book_surplus = None
    marketing_list.problem = ""
    marketing_list.save(update_fields=["address_book_id", "book_surplus", "problem"])
    store.forget_book(marketing_list.pk)
    store.touch_members(marketing_list.account_id, marketing_list.pk)
