"""The shape of metadata as the sandbox keeps it; the Web API's verbose form is made from it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

OwnershipType = Literal["UserOwned", "OrganizationOwned", "BusinessOwned", "None"]

TEXT_TYPES = frozenset({"String", "Memo", "EntityName"})
LOOKUP_TYPES = frozenset({"Lookup", "Customer", "Owner"})
CHOICE_TYPES = frozenset({"Picklist", "State", "Status"})
INTEGER_TYPES = frozenset({"Integer", "BigInt"})
DECIMAL_TYPES = frozenset({"Decimal", "Double", "Money"})


class Option(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One value of a choice; ``state`` only for status reasons."""

    value: int
    label: str
    state: int | None = None
    description: str = ""
    color: str | None = None


class Column(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One column. ``type`` is the AttributeTypeCode, except for MultiSelectPicklist, which the API calls
    Virtual.
    """

    name: str
    schema_name: str
    type: str
    label: str = ""
    description: str = ""
    required: str = "None"
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    precision: int | None = None
    format: str | None = None
    behavior: str | None = None
    targets: list[str] = []
    options: list[Option] = []
    option_set: str | None = None
    true_label: str = "Yes"
    false_label: str = "No"
    default: int | bool | None = None
    can_create: bool = True
    can_update: bool = True
    # A lookup to one table whose navigation property is nevertheless named column_table, as on activities.
    polymorphic: bool = False
    # A lookup without a navigation property, as both lookups of listmember.
    no_navigation: bool = False
    attribute_of: str | None = None
    # The money column that this read-only column is the base-currency value of.
    base_of: str | None = None
    custom: bool = False
    auto_number_format: str | None = None
    metadata_id: str = ""
    # Members of the API's metadata that have no meaning here but must read back as they were written.
    extra: dict[str, Any] = {}

    @property
    def is_lookup(self) -> bool:
        return self.type in LOOKUP_TYPES

    @property
    def is_text(self) -> bool:
        return self.type in TEXT_TYPES

    @property
    def keeps_target(self) -> bool:
        """Whether the table of the row pointed at has to be stored beside its id."""
        return self.is_lookup and len(self.targets) > 1

    @property
    def target_column(self) -> str:
        """Physical column with the logical name of the table pointed at."""
        return f"{self.name}__table"

    @property
    def property_name(self) -> str:
        """The column's name in OData: ``_x_value`` for lookups."""
        return f"_{self.name}_value" if self.is_lookup else self.name

    @property
    def is_date_only(self) -> bool:
        return self.type == "DateTime" and self.behavior == "DateOnly"

    def option(self, value: int) -> Option | None:
        return next((option for option in self.options if option.value == value), None)


class Key(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An alternate key. Its index is built later, at ``active_from_ms`` on the sandbox's clock."""

    name: str
    schema_name: str
    columns: list[str]
    label: str = ""
    active_from_ms: int = 0
    failed: bool = False
    # Whether the unique index exists in the store already.
    built: bool = False
    metadata_id: str = ""


class Table(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One table with its columns in storage order."""

    name: str
    set_name: str
    schema_name: str
    label: str
    plural: str
    primary_id: str
    primary_name: str | None
    type_code: int
    ownership: OwnershipType
    columns: dict[str, Column]
    description: str = ""
    keys: dict[str, Key] = {}
    change_tracking: bool = False
    can_change_tracking: bool = True
    optimistic_concurrency: bool = False
    bulk_messages: bool = False
    duplicate_detection: bool = False
    has_activities: bool = False
    has_notes: bool = False
    is_activity: bool = False
    is_intersect: bool = False
    # Messages that the table supports, where it does not support all of them.
    messages: list[str] | None = None
    custom: bool = False
    metadata_id: str = ""
    extra: dict[str, Any] = {}

    def supports(self, message: str) -> bool:
        return self.messages is None or message in self.messages

    @property
    def type_name(self) -> str:
        return f"Microsoft.Dynamics.CRM.{self.name}"

    def column_of_property(self, name: str) -> Column | None:
        """The column behind an OData property name; lookups are found only as ``_x_value``."""
        column = self.columns.get(name)
        if column is not None:
            return None if column.is_lookup else column
        if name.startswith("_") and name.endswith("_value"):
            column = self.columns.get(name[1:-6])
            return column if column is not None and column.is_lookup else None
        return None


class OneToMany(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``referenced`` is the one, ``referencing`` the many; navigation names as OData shows them."""

    schema_name: str
    referenced: str
    referencing: str
    column: str
    lookup_navigation: str
    collection_navigation: str
    delete: Literal["RemoveLink", "Restrict", "Cascade", "NoCascade"] = "RemoveLink"
    custom: bool = False
    metadata_id: str = ""
    extra: dict[str, Any] = {}


class ManyToMany(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Rows of the intersect table hold one id of each side."""

    schema_name: str
    intersect: str
    table1: str
    column1: str
    navigation1: str
    table2: str
    column2: str
    navigation2: str
    custom: bool = False
    metadata_id: str = ""
    extra: dict[str, Any] = {}


class OptionSet(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A global choice."""

    name: str
    label: str
    options: list[Option]
    description: str = ""
    custom: bool = False
    metadata_id: str = ""
