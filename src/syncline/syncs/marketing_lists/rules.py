"""The settings that a decision depends on, gathered once per page so that `decide` needs no database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One mapping, ready to use: how its column and its label become comparable and which way values may
    go.
    """

    column: str
    """Key of the value in a Dataverse row; `_x_value` for a lookup."""
    write_column: str
    """Name under which Dataverse takes the value back."""
    label: str
    convert_out: Callable[[Any], Any]
    """CRM value → label value in canonical form. Raises ConversionError."""
    convert_in: Callable[[Any], Any] | None
    """Label value → CRM value; None where the mapping does not write to Dynamics."""
    agrees: Callable[[Any, Any], bool]
    """Whether a converted CRM value and a canonical label value say the same."""
    outward: bool
    dotdigital_wins: bool
    blank_overwrites: bool
    is_lookup: bool


@dataclass(frozen=True, slots=True)
class ListRule:
    """One activated marketing list."""

    list_id: int
    order: int
    """Place in the synchronisation order, 0 first."""
    entity: str
    dynamic: bool
    action: str
    """`ignore`, `remove` or `allow_known`."""
    usable: bool
    """False while the list has a problem: nothing is decided about it then."""


@dataclass(frozen=True, slots=True)
class Rules:
    fields: Mapping[str, tuple[FieldRule, ...]]
    lists: Mapping[int, ListRule]
    only_open_and_active: bool
    lookup_names: Mapping[str, str]
