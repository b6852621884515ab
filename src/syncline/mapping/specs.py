"""What conversion has to know of a CRM field and of a label, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from syncline.mapping.models import CrmField, Label, LabelType


class Kind(Enum):
    """What a CRM field holds, as far as conversion cares; the value is the word for a person."""

    TEXT = "text"
    WHOLE = "whole number"
    DECIMAL = "decimal number"
    MONEY = "money"
    YES_NO = "yes/no"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    DATE_TIME = "date and time"
    LOOKUP = "lookup"
    IDENTIFIER = "identifier"
    OTHER = "a type that cannot be mapped"


KINDS = {
    "String": Kind.TEXT,
    "Memo": Kind.TEXT,
    "Integer": Kind.WHOLE,
    "BigInt": Kind.WHOLE,
    "Decimal": Kind.DECIMAL,
    "Double": Kind.DECIMAL,
    "Money": Kind.MONEY,
    "Boolean": Kind.YES_NO,
    "Picklist": Kind.CHOICE,
    "State": Kind.CHOICE,
    "Status": Kind.CHOICE,
    "MultiSelectPicklist": Kind.CHOICES,
    "DateTime": Kind.DATE_TIME,
    "Lookup": Kind.LOOKUP,
    "Customer": Kind.LOOKUP,
    "Owner": Kind.LOOKUP,
    "Uniqueidentifier": Kind.IDENTIFIER,
}


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """A column of contact, lead or account, or of a table that one of their lookups points at."""

    entity: str
    """Logical name of the table that has the column."""
    logical_name: str
    display_name: str = ""
    type: str
    """Dataverse's AttributeType."""
    max_length: int | None = None
    precision: int | None = None
    min_value: float | None = None
    max_value: float | None = None
    date_behavior: str = ""
    """`UserLocal`, `DateOnly`, `TimeZoneIndependent`; empty for other types."""
    options: Mapping[int, str] = field(default_factory=dict, hash=False)
    readable: bool = True
    writable: bool = True
    through: str = ""
    """The lookup column of the person's own table whose row has this column; empty for one of its own."""

    @classmethod
    def of(cls, row: CrmField, through: str = "") -> FieldSpec:
        return cls(
            through=through,
            entity=row.entity,
            logical_name=row.logical_name,
            display_name=row.display_name,
            type=row.type,
            max_length=row.max_length,
            precision=row.precision,
            min_value=row.min_value,
            max_value=row.max_value,
            date_behavior=row.date_behavior,
            options=dict(sorted((int(value), label) for value, label in row.options.items())),
            readable=row.readable,
            writable=row.writable,
        )

    @property
    def kind(self) -> Kind:
        kind = KINDS.get(self.type, Kind.OTHER)
        return Kind.DATE if kind is Kind.DATE_TIME and self.date_behavior == "DateOnly" else kind

    @property
    def column(self) -> str:
        """What is read of the person's own row: a lookup's id, also one to look further from, as
        `_name_value`.
        """
        if self.through:
            return f"_{self.through}_value"
        return f"_{self.logical_name}_value" if self.kind is Kind.LOOKUP else self.logical_name

    @property
    def title(self) -> str:
        """How a message names the field."""
        name = f"{self.through} → {self.logical_name}" if self.through else self.logical_name
        return f"{self.display_name} ({name})" if self.display_name else name


@dataclass(frozen=True, kw_only=True)
class LabelSpec:
    """A Dotdigital contact data field."""

    name: str
    type: LabelType

    @classmethod
    def of(cls, row: Label) -> LabelSpec:
        return cls(name=row.name, type=LabelType(row.type))
