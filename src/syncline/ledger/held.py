"""Held records: how many there are for which reason, which they are, and their people a chunk at a time."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from django.db.models import Count, QuerySet

from syncline.accounts.models import EmailAccount
from syncline.ledger.models import Held
from syncline.searching import by_address

CHUNK: Final = 5000
"""People at a time, so that memory does not grow with how many are held."""


def reasons_held(account: EmailAccount) -> list[tuple[str, int]]:
    """(reason, how many), the most first."""
    tally = Held.objects.filter(account=account).values_list("reason").annotate(number=Count("pk"))
    return list(tally.order_by("-number", "reason"))


def held_records(account: EmailAccount, *, reason: str = "", address: str = "") -> QuerySet[Held]:
    """The account's held records; `address` may be the beginning of one."""
    found = Held.objects.filter(account=account)
    if reason:
        found = found.filter(reason=reason)
    return by_address(found, address) if address else found


def held_page(held: QuerySet[Held], size: int, *, after: int = 0, before: int = 0) -> list[Held]:
    """The newest first, up to `size` and one more, which tells that there are others beyond.

    `after`: older than the record with this id. `before`: newer than it, nearest first.
    """
    if before:
        return list(held.filter(pk__gt=before).order_by("pk").select_related("run")[: size + 1])
    if after:
        held = held.filter(pk__lt=after)
    return list(held.order_by("-pk").select_related("run")[: size + 1])


def sync_types_of(held: QuerySet[Held]) -> list[str]:
    return sorted(set(held.order_by().values_list("sync_type", flat=True).distinct()))


def people_of(held: QuerySet[Held], sync_types: Collection[str]) -> Iterator[list[str]]:
    """The keys of these records, a chunk at a time, type by type in the order of the index."""
    for sync_type in sorted(sync_types):
        rows = held.filter(sync_type=sync_type).order_by("person_key").values_list("person_key", flat=True)
        after = ""
        while keys := list(rows.filter(person_key__gt=after)[:CHUNK]):
            yield keys
            after = keys[-1]


def held_among(account: EmailAccount, sync_type: str, keys: Sequence[str]) -> set[str]:
    """Those of the people who are held."""
    rows = Held.objects.filter(account=account, sync_type=sync_type, person_key__in=keys)
    return set(rows.values_list("person_key", flat=True))
