"""Records of a run as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from syncline.csv_lines import lines_of
from syncline.ledger.models import Outcome
from syncline.people.facts import NO_ADDRESS
from syncline.syncs.reasons import REASONS

COLUMNS: Final = (
    "address", "name", "entity", "record_id", "list", "side", "action", "result", "membership", "reason",
    "reason_words", "detail", "vendor_code", "fields", "lost", "at",
)  # fmt: skip


def csv_lines(rows: Iterable[Outcome]) -> Iterator[str]:
    """The head, then one line for each record, several together."""
    return lines_of(COLUMNS, (_values(row) for row in rows))


def _values(row: Outcome) -> tuple[str, ...]:
    entry = REASONS.get(row.reason)
    return (
        "" if row.person_key.startswith(NO_ADDRESS) else row.person_key,
        row.name,
        row.entity,
        row.record_id,
        row.part.name if row.part else "",
        row.side,
        row.action,
        row.result,
        row.membership,
        row.reason,
        entry.words if entry else "",
        row.detail,
        row.vendor_code,
        _changes(row.fields),
        _losers(row.lost),
        row.at.isoformat(timespec="seconds"),
    )


def _changes(fields: str) -> str:
    """`POSTCODE: LS1 4AP → EH3 9DR; LASTNAME: ∅ → Bobson`"""
    told = json.loads(fields).items()
    return "; ".join(f"{name}: {_shown(old)} → {_shown(new)}" for name, (old, new) in told)


def _losers(lost: str) -> str:
    """`POSTCODE: EH3 9DR of dotdigital`"""
    return "; ".join(f"{name}: {_shown(value)} of {side}" for name, (side, value) in json.loads(lost).items())


def _shown(value: object) -> str:
    return "∅" if value is None else str(value)
