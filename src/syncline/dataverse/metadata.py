"""What tables and columns an environment has, and how their values are to be read (contract §4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from syncline.dataverse import addresses
from syncline.dataverse.errors import NotFound
from syncline.dataverse.session import OnSession


class Table(msgspec.Struct, frozen=True):
    """A table. `object_type_code` is None where the environment does not say."""

    logical_name: str
    set_name: str
    primary_id: str
    primary_name: str
    display_name: str
    change_tracking: bool
    may_track_changes: bool
    object_type_code: int | None
    metadata_id: str


class Option(msgspec.Struct, frozen=True):
    """One value of a choice; `state` only for a status reason: the state that it belongs to."""

    value: int
    label: str
    state: int | None = None


class Column(msgspec.Struct, frozen=True):
    """A column.

    `type` is the vendor's word: String, Memo, Integer, BigInt, Decimal, Double, Money, Boolean, DateTime,
    Picklist, MultiSelectPicklist, State, Status, Lookup, Customer, Owner, Uniqueidentifier, …
    `attribute_of` names the column that this one only accompanies (a lookup's name, a money's base amount).
    """

    logical_name: str
    schema_name: str
    type: str
    label: str
    valid_for_read: bool
    valid_for_create: bool
    valid_for_update: bool
    max_length: int | None = None
    precision: int | None = None
    min_value: float | None = None
    max_value: float | None = None
    date_behaviour: str = ""
    date_format: str = ""
    options: tuple[Option, ...] = ()
    targets: tuple[str, ...] = ()
    attribute_of: str | None = None
    is_primary_id: bool = False
    is_primary_name: bool = False
    required_level: str = ""
    """None, Recommended, ApplicationRequired (forms insist on it) or SystemRequired (the API does)."""
    custom: bool = False


class AlternateKey(msgspec.Struct, frozen=True):
    """`index_status`: Pending, InProgress, Active or Failed; only Active can be used."""

    logical_name: str
    columns: tuple[str, ...]
    index_status: str


class _Value(msgspec.Struct):
    value: list[dict[str, Any]]


_TABLE_PROPERTIES = (
    "LogicalName",
    "EntitySetName",
    "PrimaryIdAttribute",
    "PrimaryNameAttribute",
    "DisplayName",
    "ChangeTrackingEnabled",
    "CanChangeTrackingBeEnabled",
    "ObjectTypeCode",
)
# Option sets come only when a column is asked for as what it is.
_WITH_OPTIONS = ("Picklist", "MultiSelectPicklist", "State", "Status", "Boolean")


class Metadata(OnSession):
    """Reading the definitions. Labels are in the language of the application user."""

    def tables(self) -> list[Table]:
        path = addresses.query("EntityDefinitions", select=_TABLE_PROPERTIES)
        return [_table(found) for found in self._session.get(path, _Value).value]

    def table(self, name: str) -> Table:
        """Raises `NotFound` where the environment has no such table."""
        path = addresses.query(_definition(name), select=_TABLE_PROPERTIES)
        return _table(self._session.get(path, dict[str, Any]))

    def columns(self, table: str) -> list[Column]:
        """All columns of a table, with lengths, limits, options and lookup targets."""
        attributes = f"{_definition(table)}/Attributes"
        options = self._options(attributes)
        found = self._session.get(attributes, _Value).value
        return [_column(attribute, options.get(attribute["LogicalName"], ())) for attribute in found]

    def has_column(self, table: str, column: str) -> bool:
        path = f"{_definition(table)}/Attributes(LogicalName='{addresses.name(column)}')"
        try:
            self._session.get(addresses.query(path, select=["LogicalName"]), dict[str, Any])
        except NotFound:
            return False
        return True

    def _options(self, attributes: str) -> dict[str, tuple[Option, ...]]:
        options: dict[str, tuple[Option, ...]] = {}
        for kind in _WITH_OPTIONS:
            path = addresses.query(
                f"{attributes}/Microsoft.Dynamics.CRM.{kind}AttributeMetadata",
                select=["LogicalName"],
                expand="OptionSet" if kind == "Boolean" else "OptionSet,GlobalOptionSet",
            )
            for attribute in self._session.get(path, _Value).value:
                option_set = attribute.get("OptionSet") or attribute.get("GlobalOptionSet") or {}
                options[attribute["LogicalName"]] = _option_tuple(option_set)
        return options

    def keys(self, table: str) -> list[AlternateKey]:
        path = f"{_definition(table)}/Keys"
        return [
            AlternateKey(
                logical_name=key["LogicalName"],
                columns=tuple(key.get("KeyAttributes") or ()),
                index_status=key.get("EntityKeyIndexStatus") or "",
            )
            for key in self._session.get(path, _Value).value
        ]


def _definition(table: str) -> str:
    return f"EntityDefinitions(LogicalName='{addresses.name(table)}')"


def label(given: Any) -> str:
    """The text of a Label, in the user's language or else in the first there is."""
    if not isinstance(given, dict):
        return ""
    user = given.get("UserLocalizedLabel")
    every: Sequence[Any] = [user] if user else given.get("LocalizedLabels") or []
    return str(every[0].get("Label") or "") if every else ""


def _table(found: dict[str, Any]) -> Table:
    return Table(
        logical_name=found["LogicalName"],
        set_name=found.get("EntitySetName") or "",
        primary_id=found.get("PrimaryIdAttribute") or "",
        primary_name=found.get("PrimaryNameAttribute") or "",
        display_name=label(found.get("DisplayName")),
        change_tracking=bool(found.get("ChangeTrackingEnabled")),
        may_track_changes=_managed(found.get("CanChangeTrackingBeEnabled")),
        object_type_code=found.get("ObjectTypeCode"),
        metadata_id=found.get("MetadataId") or "",
    )


def _managed(given: Any) -> bool:
    """A managed property is an object with `Value`; plain booleans are taken as well."""
    return bool(given.get("Value")) if isinstance(given, dict) else bool(given)


def _column(found: dict[str, Any], options: tuple[Option, ...]) -> Column:
    behaviour = found.get("DateTimeBehavior")
    return Column(
        logical_name=found["LogicalName"],
        schema_name=found.get("SchemaName") or found["LogicalName"],
        type=_type(found),
        label=label(found.get("DisplayName")),
        valid_for_read=bool(found.get("IsValidForRead", True)),
        valid_for_create=bool(found.get("IsValidForCreate", True)),
        valid_for_update=bool(found.get("IsValidForUpdate", True)),
        max_length=found.get("MaxLength"),
        precision=found.get("Precision"),
        min_value=found.get("MinValue"),
        max_value=found.get("MaxValue"),
        date_behaviour=str(behaviour.get("Value") or "") if isinstance(behaviour, dict) else "",
        date_format=str(found.get("Format") or "") if found.get("AttributeType") == "DateTime" else "",
        options=options,
        targets=tuple(found.get("Targets") or ()),
        attribute_of=found.get("AttributeOf"),
        is_primary_id=bool(found.get("IsPrimaryId")),
        is_primary_name=bool(found.get("IsPrimaryName")),
        required_level=str((found.get("RequiredLevel") or {}).get("Value") or ""),
        custom=bool(found.get("IsCustomAttribute")),
    )


def _type(found: dict[str, Any]) -> str:
    """`AttributeType` says Virtual for newer kinds, whose name is in `AttributeTypeName`."""
    name = (found.get("AttributeTypeName") or {}).get("Value") or ""
    kind = str(found.get("AttributeType") or "")
    return name.removesuffix("Type") if kind in ("", "Virtual") and name else kind


def _option_tuple(option_set: dict[str, Any]) -> tuple[Option, ...]:
    options = option_set.get("Options")
    if options is None:
        options = [option_set[side] for side in ("TrueOption", "FalseOption") if option_set.get(side)]
    return tuple(
        Option(value=option["Value"], label=label(option.get("Label")), state=option.get("State"))
        for option in options
    )
