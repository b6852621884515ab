"""The Safety page as a form: for how long a plan holds, and the fuses of each sync type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from syncline.accounts.changing import LONGEST_PLAN_VALIDITY_H
from syncline.accounts.models import EmailAccount
from syncline.console.sync_types import name_of
from syncline.ledger.fuse import DEFAULTS, FUSED, WIDEST_SHARE, Limit, limits_of
from syncline.ledger.models import FuseKind

MOST_PEOPLE = 100_000_000


@dataclass(frozen=True)
class KindWords:
    """One kind of fuse in plain words."""

    name: str
    what: str
    of: str
    """Of whom the share is reckoned."""


KINDS: Mapping[FuseKind, KindWords] = {
    FuseKind.REMOVALS: KindWords(
        "Removals", "People who would be taken out of one list, on either side.", "the list"
    ),
    FuseKind.SUPPRESSIONS: KindWords(
        "Suppressions",
        "People who would be suppressed, unsubscribed or marked Do Not Bulk Email, on either side.",
        "all people",
    ),
    FuseKind.OVERWRITES: KindWords(
        "Overwrites",
        "People of whom a value that is not blank would be replaced or emptied, on either side.",
        "all people",
    ),
}


@dataclass(frozen=True)
class FuseRow:
    """One fuse: its two fields, and what is in force and by default."""

    kind: FuseKind
    words: KindWords
    share: forms.BoundField
    number: forms.BoundField
    limit: Limit
    default: Limit

    @property
    def has_problem(self) -> bool:
        return bool(self.share.errors or self.number.errors)


@dataclass(frozen=True)
class FuseGroup:
    """The fuses of one sync type."""

    sync_type: str
    name: str
    rows: list[FuseRow]


def _number(least: int, most: int, label: str = "", help_text: str = "") -> forms.IntegerField:
    """A field for a whole number, with one sentence for whatever is wrong with it."""
    problem = f"Write a whole number from {least:,} to {most:,}."
    codes = ("required", "invalid", "min_value", "max_value")
    return forms.IntegerField(
        min_value=least,
        max_value=most,
        label=label,
        help_text=help_text,
        error_messages=dict.fromkeys(codes, problem),
    )


class SafetyForm(forms.Form):
    """What a manager may set. Fuses are fields named `sync type-kind-share` and `-number`."""

    plan_valid_h = _number(
        1,
        LONGEST_PLAN_VALIDITY_H,
        label="A plan may be approved for",
        help_text="Counted from when it was made. An older plan has to be made anew.",
    )

    def __init__(self, account: EmailAccount, sent: QueryDict | None = None) -> None:
        self.limits = {sync_type: limits_of(account, sync_type) for sync_type in FUSED}
        initial: dict[str, int] = {"plan_valid_h": account.plan_valid_h}
        for sync_type, kind, limit in self._stored():
            initial[f"{sync_type}-{kind}-share"] = limit.share
            initial[f"{sync_type}-{kind}-number"] = limit.number
        super().__init__(sent, initial=initial)
        for sync_type, kind, _ in self._stored():
            self.fields[f"{sync_type}-{kind}-share"] = _number(1, WIDEST_SHARE)
            self.fields[f"{sync_type}-{kind}-number"] = _number(0, MOST_PEOPLE)

    def groups(self) -> list[FuseGroup]:
        """The fuses as the page shows them."""
        return [
            FuseGroup(sync_type, name_of(sync_type), [self._row(sync_type, kind) for kind in KINDS])
            for sync_type in FUSED
        ]

    def changed_limits(self) -> Iterator[tuple[str, FuseKind, Limit]]:
        """The fuses that were sent with other values than those in force."""
        for sync_type, kind, stored in self._stored():
            name = f"{sync_type}-{kind}"
            sent = Limit(self.cleaned_data[f"{name}-share"], self.cleaned_data[f"{name}-number"])
            if sent != stored:
                yield sync_type, kind, sent

    def _stored(self) -> Iterator[tuple[str, FuseKind, Limit]]:
        for sync_type, limits in self.limits.items():
            for kind in KINDS:
                yield sync_type, kind, limits[kind]

    def _row(self, sync_type: str, kind: FuseKind) -> FuseRow:
        share, number = self[f"{sync_type}-{kind}-share"], self[f"{sync_type}-{kind}-number"]
        return FuseRow(kind, KINDS[kind], share, number, self.limits[sync_type][kind], DEFAULTS[kind])
