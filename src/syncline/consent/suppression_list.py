"""Looking through an account's suppression list, a page at a time, however long it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from syncline.consent.models import Suppression
from syncline.searching import by_address

READ_AT_A_TIME: Final = 1000


@dataclass(frozen=True)
class SuppressionSearch:
    """Which of the suppressions somebody asks for; an empty text asks for all."""

    address: str = ""
    """A whole address in lower case, or the beginning of one."""
    reason: str = ""


def suppressions_page(
    account_id: int, search: SuppressionSearch, size: int, *, after: str = "", before: str = ""
) -> list[Suppression]:
    """In the order of addresses, up to `size` and one more, which tells that there are others beyond.

    `after`: addresses behind this one. `before`: addresses in front of it, nearest first.
    """
    found = _matching(account_id, search)
    if before:
        return list(found.filter(person_key__lt=before).order_by("-person_key")[: size + 1])
    if after:
        found = found.filter(person_key__gt=after)
    return list(found.order_by("person_key")[: size + 1])


def every_suppression(account_id: int, search: SuppressionSearch) -> Iterator[Suppression]:
    """All of them, in the order of addresses; no more than a thousand are held at once."""
    found = _matching(account_id, search).order_by("person_key")
    after = ""
    while rows := list(found.filter(person_key__gt=after)[:READ_AT_A_TIME]):
        yield from rows
        after = rows[-1].person_key


def suppression_of(account_id: int, key: str) -> Suppression | None:
    return Suppression.objects.filter(account_id=account_id, person_key=key).first()


def is_any(account_id: int) -> bool:
    return Suppression.objects.filter(account_id=account_id).exists()


def _matching(account_id: int, search: SuppressionSearch) -> QuerySet[Suppression]:
    found = Suppression.objects.filter(account_id=account_id)
    if search.reason:
        found = found.filter(reason=search.reason)
    return by_address(found, search.address) if search.address else found
