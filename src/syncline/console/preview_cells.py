"""One person's value under one mapping, for the preview: what Dynamics holds, what becomes of it, and what
Dotdigital holds. Pure.

It tells what a value turns into. Whose value stands is decided when a sync runs, from what both sides last
agreed on; a plan shows that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from syncline.mapping.canonical import Value
from syncline.mapping.catalogue import MappedField
from syncline.mapping.conversion import ConversionError
from syncline.mapping.models import Direction
from syncline.mapping.specs import Kind

State = Literal["same", "differs", "blank", "unknown", "problem"]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A row of Dynamics, and the Dotdigital contact of the same address."""

    name: str
    address: str
    columns: Mapping[str, Any]
    """As Dataverse sent them; a column without a value may be missing."""
    looked_up: Mapping[str, Mapping[str, Any]]
    """Id of a row that a lookup points at → its name under the key "", and its columns by `table.column`."""
    remote: Mapping[str, Any] | None
    """Label → value; None where Dotdigital has no such contact."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What the preview shows of one person and one mapping."""

    mapped: MappedField
    crm: str
    becomes: str
    """What would go over; empty where nothing would."""
    now: str
    note: str
    state: State

    @property
    def goes_to(self) -> str:
        return "Dynamics" if self.mapped.direction is Direction.TO_DYNAMICS else "Dotdigital"


def cell(mapped: MappedField, sample: Sample, *, is_read: bool) -> Cell:
    """`is_read`: whether the label is among those that the syncs have read from Dotdigital."""
    raw, unknown = _raw(mapped, sample)
    remote = sample.remote.get(mapped.label.name) if sample.remote is not None else None
    becomes, note, state = _fate(mapped, raw, remote, unknown)
    if state != "problem" and not unknown and (missing := _missing(sample, remote, is_read)):
        note, state = missing, "unknown"
    return Cell(
        mapped=mapped,
        crm=_shown_crm(mapped, raw),
        becomes=becomes,
        now=_now(sample, remote, is_read),
        note=note,
        state=state,
    )


def _fate(mapped: MappedField, raw: Any, remote: Any, unknown: bool) -> tuple[str, str, State]:
    """What would go over, as a person reads it; and what is to be said about it."""
    if unknown:
        return "", "The row that it points at is not known yet, so the label stays as it is.", "unknown"
    try:
        value = mapped.convert_out(raw)
        if mapped.direction is not Direction.TO_DYNAMICS or mapped.convert_in is None:
            return shown(value), *_compared(mapped, value, remote)
        return _shown_crm(mapped, mapped.convert_in(remote)), *_compared(mapped, value, remote)
    except ConversionError as error:
        return "", f"Cannot be carried over: {error.reason}.", "problem"


def _missing(sample: Sample, remote: Any, is_read: bool) -> str:
    """Why it is not known what Dotdigital holds; empty where it is."""
    if sample.remote is None:
        return "Not in Dotdigital yet."
    return "" if is_read or remote is not None else "Not read from Dotdigital yet."


def _raw(mapped: MappedField, sample: Sample) -> tuple[Any, bool]:
    """The value to convert, and whether it hangs on a row that is not known."""
    raw = sample.columns.get(mapped.column)
    if not mapped.is_lookup or raw is None:
        return raw, False
    row = sample.looked_up.get(raw)
    return (None, True) if row is None else (row.get(mapped.looked_up), False)


def _compared(mapped: MappedField, crm: Value, remote: Any) -> tuple[str, State]:
    if mapped.agrees(crm, remote):
        return ("Blank on both sides.", "blank") if crm is None else ("The same on both sides.", "same")
    blank = remote is None if mapped.direction is Direction.TO_DYNAMICS else crm is None
    if not blank:
        return "Differs.", "differs"
    if mapped.blank_overwrites:
        return "The blank empties the other side, if a value had been agreed on.", "differs"
    return "A blank changes nothing here.", "blank"


def _shown_crm(mapped: MappedField, raw: Any) -> str:
    """A value as Dynamics shows it to people: a choice by its label."""
    options = mapped.field.options
    if raw is not None and mapped.field.kind is Kind.CHOICE:
        return options.get(raw, str(raw)) if isinstance(raw, int) else str(raw)
    if raw is not None and mapped.field.kind is Kind.CHOICES:
        numbers = [part.strip() for part in str(raw).split(",")]
        return "; ".join(options.get(int(one), one) if one.isdecimal() else one for one in numbers)
    return shown(raw)


def _now(sample: Sample, remote: Any, is_read: bool) -> str:
    if sample.remote is None or remote is not None:
        return shown(remote)
    return "" if is_read else "Not read yet"


def shown(value: Any) -> str:
    """A value for a person; empty for a blank."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)
