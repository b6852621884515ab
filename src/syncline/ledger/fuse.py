"""The fuse: how much a run may take out, suppress or overwrite before it stops and asks.

Pure where it judges; the settings are rows, and every change of them is in the admin log.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount
from syncline.ledger.models import FuseKind, FuseSetting

FUSED: Final = ("lists_out", "lists_in", "suppressions", "unsubscribers", "opt_in", "preferences", "insight")
"""Sync types that have a fuse: those that write people."""

WIDEST_SHARE: Final = 100
"""Per cent. A share of 100 is never passed, so it switches a fuse off; a list that reads empty still
trips."""


@dataclass(frozen=True)
class Limit:
    """A fuse trips where both are passed: of few people even one is a large share, and of many a small share
    is a multitude.
    """

    share: int
    """Per cent of the people concerned, 1 to 100."""
    number: int
    """People."""

    def is_passed_by(self, people: int, of: int) -> bool:
        return people > self.number and people * 100 > self.share * of

    def __str__(self) -> str:
        return f"{self.share} % and {self.number:,} people"


DEFAULTS: Final[Mapping[FuseKind, Limit]] = {
    FuseKind.REMOVALS: Limit(20, 50),
    FuseKind.SUPPRESSIONS: Limit(20, 50),
    FuseKind.OVERWRITES: Limit(50, 500),
}


@dataclass(frozen=True)
class Count:
    """What a run would do of one kind, and to how many of how many people."""

    kind: FuseKind
    people: int
    of: int
    """Of the list for removals, of the known people of the account for the others."""
    where: str = ""
    """The list, in words for a person."""
    emptied: str = ""
    """The side on which the list suddenly reads empty; that trips always."""


class FuseRefusedError(ValueError):
    """A setting that cannot be: the text says why."""


def trips(counts: Iterable[Count], limits: Mapping[FuseKind, Limit]) -> list[str]:
    """One sentence for each count that is more than the fuse lets through."""
    return [
        _words(count, limits[count.kind])
        for count in counts
        if count.people and (count.emptied or limits[count.kind].is_passed_by(count.people, count.of))
    ]


def _words(count: Count, limit: Limit) -> str:
    people = f"{count.people:,} of {count.of:,} people"
    if count.emptied:
        return (
            f"{count.where} suddenly reads empty in {count.emptied}, which would take {people} out of the "
            "list on the other side."
        )
    match count.kind:
        case FuseKind.REMOVALS:
            what = f"take {people} out of {count.where}"
        case FuseKind.SUPPRESSIONS:
            what = f"suppress {people}"
        case _:
            what = f"overwrite values of {people}"
    return f"Would {what}; the fuse is set to {limit}."


def limits_of(account: EmailAccount, sync_type: str) -> dict[FuseKind, Limit]:
    """The settings in force: the account's own, else the defaults."""
    rows = FuseSetting.objects.filter(account=account, sync_type=sync_type)
    return {**DEFAULTS, **{FuseKind(row.kind): Limit(row.share, row.number) for row in rows}}


@transaction.atomic
def set_limit(account: EmailAccount, sync_type: str, kind: FuseKind, limit: Limit, by: Actor) -> None:
    """Change one fuse. Raises FuseRefusedError for a setting that cannot be."""
    if sync_type not in FUSED:
        raise FuseRefusedError(
            f"{sync_type} has no fuse: it writes no people. Those with one: {', '.join(FUSED)}."
        )
    if not 1 <= limit.share <= WIDEST_SHARE:
        raise FuseRefusedError("The share is 1 to 100 per cent.")
    if limit.number < 0:
        raise FuseRefusedError("The number of people is 0 or more.")
    before = limits_of(account, sync_type)[kind]
    FuseSetting.objects.update_or_create(
        account=account,
        sync_type=sync_type,
        kind=kind,
        defaults={"share": limit.share, "number": limit.number},
    )
    name = f"{sync_type} {kind}"
    if before != limit:
        record_change(by, account, "fuse changed", {name: str(before)}, {name: str(limit)})
