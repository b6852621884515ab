"""Records of a run as CSV, line by line, so that a million of them need no more memory than ten."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Final

from syncline.ledger.models import Outcome
from syncline.people.facts import NO_ADDRESS
from syncline.syncs.reasons import REASONS

COLUMNS: Final = (
    "address", "name", "entity", "record_id", "list", "side", "action", "result", "membership", "reason",
    "reason_words", "detail", "vendor_code", "fields", "lost", "at",
)  # fmt: skip
LINES_AT_A_TIME: Final = 500
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula: somebody could give themselves such a name."""


class _Line:
    """A file for `csv.writer` that only hands on what is written."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Outcome]) -> Iterator[str]:
    """The head, then one line for each record, several together."""
    writer = csv.writer(_Line())
    lines = [_BYTE_ORDER_MARK, writer.writerow(COLUMNS)]
    for row in rows:
        lines.append(writer.writerow([_harmless(value) for value in _values(row)]))
        if len(lines) >= LINES_AT_A_TIME:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


_BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it spreadsheets take UTF-8 for something else."""


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


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
