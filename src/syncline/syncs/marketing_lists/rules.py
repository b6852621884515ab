"""The settings that a decision depends on, gathered once per page so that `decide` needs no database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from syncline.mapping.models import ConflictRule
from syncline.people.facts import CrmFacts, CrmFlag

USUAL_PRIORITY: Final = {"contact": 0, "lead": 1, "account": 2}
"""Which record decides the values where several share an address, 0 first."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One mapping, ready to use: how its column and its label become comparable and which way values may
    go.
    """

    column: str
    """Key of the value in a Dataverse row; `_x_value` for a lookup, also for one that is looked through."""
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
    blank_overwrites: bool
    is_lookup: bool
    """Whether the row holds the id of another row, whose name or column is meant."""
    looked_up: str = ""
    """`table.column` of that other row; empty for its name."""
    conflict_rule: ConflictRule = ConflictRule.DYNAMICS_WINS
    restrictive: bool | None = None
    """The value of a yes/no column that allows less; None for any other column."""
    is_consent: bool = False
    """Whether Yes keeps somebody from being contacted, so that no sync takes it back."""


@dataclass(frozen=True, slots=True)
class ListRule:
    """One activated marketing list."""

    list_id: int
    order: int
    """Place in the synchronisation order, 0 first."""
    entity: str
    dynamic: bool
    action: str
    """A `MembershipAction`."""
    usable: bool
    """False while the list has a problem: nothing is decided about it then."""

    @property
    def lets_in(self) -> bool:
        """Whether known people who are in the Dotdigital list enter the marketing list."""
        return not self.dynamic and self.action in {"allow_known", "allow_new"}


@dataclass(frozen=True, slots=True)
class NeededColumn:
    """A column that a new row must not leave empty."""

    column: str
    title: str
    """How a message names it."""
    max_length: int | None


@dataclass(frozen=True, slots=True)
class NewRows:
    """How people whom Dynamics does not know are taken in."""

    needed: Mapping[str, tuple[NeededColumn, ...]]
    """Table → the columns that a new row needs."""
    new_id: Callable[[str, str], str]
    """(table, address) → the id of the row; the same each time, so that making it twice makes one."""


def _nobody(entity: str, address: str) -> str:
    raise LookupError(f"No list takes new people in, so there is no id for a new {entity} ({address})")


@dataclass(frozen=True, slots=True)
class Rules:
    fields: Mapping[str, tuple[FieldRule, ...]]
    lists: Mapping[int, ListRule]
    only_open_and_active: bool
    """Whether records that are not active stay out of the sync (product.md §7)."""
    looked_up: Mapping[str, Mapping[str, Any]]
    """Id of a row that a mapped lookup points at → its name under the key "", and its mapped columns by
    `table.column`.
    """
    priority: Mapping[str, int] = field(default_factory=lambda: USUAL_PRIORITY)
    """Table → its place in the order that decides between records with one address."""
    readmit_inactive: bool = True
    """Whether a record that is not active still enters a list that lets people in (product.md §7)."""
    new_rows: NewRows = field(default_factory=lambda: NewRows({}, _nobody))

    def rank(self, record: CrmFacts) -> tuple[int, int, str]:
        """Lowest first: the record that decides the values of a shared address."""
        return record.flags & CrmFlag.INACTIVE, self.priority[record.entity], record.record_id
