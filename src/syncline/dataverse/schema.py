"""Making tables, columns, lookups and keys: the one-off set-up (contract §4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from xml.sax.saxutils import escape

import msgspec

from syncline.dataverse import addresses
from syncline.dataverse.session import Call, OnSession

ENGLISH = 1033
# The widest that a column of decimals can be.
MIN_DECIMAL, MAX_DECIMAL = -100_000_000_000, 100_000_000_000

ColumnKind = Literal["text", "memo", "yes_no", "whole_number", "decimal", "choice", "date_time"]


class NewColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column to be made: `max_length` is for text and memo, `options` for a choice, `precision` the digits
    after the point of a decimal.
    """

    schema_name: str
    kind: ColumnKind
    label: str
    description: str = ""
    max_length: int = 100
    options: Sequence[tuple[int, str]] = ()
    default: int | bool | None = None
    min_value: int = -2_147_483_648
    max_value: int = 2_147_483_647
    precision: int = 2


class NewTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table owned by users and teams; `primary_name` is its first text column.

    `track_changes`: whether `delta` can read it. Once on, Dataverse never turns it off again.
    """

    schema_name: str
    label: str
    plural: str
    description: str
    primary_name: NewColumn
    track_changes: bool = False


class Schema(OnSession):
    """None of these is repeated after a lost answer: look first, then make what is missing."""

    def create_table(self, table: NewTable, *, solution: str) -> None:
        body = {
            "@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata",
            "SchemaName": table.schema_name,
            "DisplayName": text(table.label),
            "DisplayCollectionName": text(table.plural),
            "Description": text(table.description),
            "OwnershipType": "UserOwned",
            "HasActivities": False,
            "HasNotes": False,
            "IsActivity": False,
            "ChangeTrackingEnabled": table.track_changes,
            "Attributes": [{**_attribute(table.primary_name), "IsPrimaryName": True}],
        }
        self._make("EntityDefinitions", body, solution)

    def create_column(self, table: str, column: NewColumn, *, solution: str) -> None:
        self._make(f"{_definition(table)}/Attributes", _attribute(column), solution)

    def insert_option(self, table: str, column: str, value: int, label: str, *, solution: str) -> None:
        """One more option of a column's own choice; those that are there stay as they are."""
        body = {
            "EntityLogicalName": table,
            "AttributeLogicalName": column,
            "Value": value,
            "Label": text(label),
            "SolutionUniqueName": solution,
        }
        record = f"{table}.{column}"
        self._session.send(Call(method="POST", path="InsertOptionValue", body=body, record=record))

    def create_lookup(
        self, table: str, column: NewColumn, *, target: str, target_key: str, relationship: str, solution: str
    ) -> None:
        """A lookup column on `table` that points at `target`. Deleting the target clears the lookup."""
        body = {
            "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
            "SchemaName": relationship,
            "ReferencedEntity": target,
            "ReferencedAttribute": target_key,
            "ReferencingEntity": table,
            "CascadeConfiguration": {
                "Assign": "NoCascade",
                "Delete": "RemoveLink",
                "Merge": "NoCascade",
                "Reparent": "NoCascade",
                "Share": "NoCascade",
                "Unshare": "NoCascade",
            },
            "Lookup": {
                "@odata.type": "Microsoft.Dynamics.CRM.LookupAttributeMetadata",
                "AttributeType": "Lookup",
                "AttributeTypeName": {"Value": "LookupType"},
                **_named(column),
            },
        }
        self._make("RelationshipDefinitions", body, solution)

    def create_key(
        self, table: str, schema_name: str, label: str, columns: Sequence[str], *, solution: str
    ) -> None:
        """An alternate key. Its index is built afterwards: `keys(table)` says when it is Active."""
        body = {"SchemaName": schema_name, "DisplayName": text(label), "KeyAttributes": list(columns)}
        self._make(f"{_definition(table)}/Keys", body, solution)

    def publish(self, tables: Sequence[str]) -> None:
        """Make changed definitions of these tables take effect."""
        names = "".join(f"<entity>{escape(addresses.name(table))}</entity>" for table in tables)
        xml = f"<importexportxml><entities>{names}</entities></importexportxml>"
        self._session.send(
            Call(method="POST", path="PublishXml", body={"ParameterXml": xml}, repeatable=True)
        )

    def _make(self, path: str, body: dict[str, Any], solution: str) -> None:
        headers = {"MSCRM.SolutionUniqueName": solution}
        self._session.send(
            Call(method="POST", path=path, body=body, headers=headers, record=body["SchemaName"])
        )


def text(label: str) -> dict[str, Any]:
    """A Label with one language, the one that every environment has or falls back to."""
    localized = {
        "@odata.type": "Microsoft.Dynamics.CRM.LocalizedLabel",
        "Label": label,
        "LanguageCode": ENGLISH,
    }
    return {"@odata.type": "Microsoft.Dynamics.CRM.Label", "LocalizedLabels": [localized]}


def _definition(table: str) -> str:
    return f"EntityDefinitions(LogicalName='{addresses.name(table)}')"


def _named(column: NewColumn) -> dict[str, Any]:
    return {
        "SchemaName": column.schema_name,
        "DisplayName": text(column.label),
        "Description": text(column.description),
        "RequiredLevel": {
            "Value": "None",
            "CanBeChanged": True,
            "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings",
        },
    }


def _attribute(column: NewColumn) -> dict[str, Any]:
    vendor_type, own = _KINDS[column.kind]
    return {
        "@odata.type": f"Microsoft.Dynamics.CRM.{vendor_type}AttributeMetadata",
        "AttributeType": vendor_type,
        "AttributeTypeName": {"Value": f"{vendor_type}Type"},
        **_named(column),
        **own(column),
    }


def _text(column: NewColumn) -> dict[str, Any]:
    return {"MaxLength": column.max_length, "FormatName": {"Value": "Text"}}


def _memo(column: NewColumn) -> dict[str, Any]:
    return {"MaxLength": column.max_length, "Format": "TextArea"}


def _whole_number(column: NewColumn) -> dict[str, Any]:
    return {"Format": "None", "MinValue": column.min_value, "MaxValue": column.max_value}


def _decimal(column: NewColumn) -> dict[str, Any]:
    return {"Precision": column.precision, "MinValue": MIN_DECIMAL, "MaxValue": MAX_DECIMAL}


def _date_time(column: NewColumn) -> dict[str, Any]:
    return {"Format": "DateAndTime", "DateTimeBehavior": {"Value": "UserLocal"}}


def _yes_no(column: NewColumn) -> dict[str, Any]:
    options = {
        "@odata.type": "Microsoft.Dynamics.CRM.BooleanOptionSetMetadata",
        "TrueOption": {"Value": 1, "Label": text("Yes")},
        "FalseOption": {"Value": 0, "Label": text("No")},
        "OptionSetType": "Boolean",
    }
    return {"DefaultValue": bool(column.default), "OptionSet": options}


def _choice(column: NewColumn) -> dict[str, Any]:
    options = {
        "@odata.type": "Microsoft.Dynamics.CRM.OptionSetMetadata",
        "IsGlobal": False,
        "OptionSetType": "Picklist",
        "Options": [{"Value": value, "Label": text(name)} for value, name in column.options],
    }
    default = -1 if column.default is None else int(column.default)
    return {"DefaultFormValue": default, "OptionSet": options}


_KINDS = {
    "text": ("String", _text),
    "memo": ("Memo", _memo),
    "yes_no": ("Boolean", _yes_no),
    "whole_number": ("Integer", _whole_number),
    "decimal": ("Decimal", _decimal),
    "choice": ("Picklist", _choice),
    "date_time": ("DateTime", _date_time),
}
