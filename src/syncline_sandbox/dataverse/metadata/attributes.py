"""AttributeMetadata of every type, with its choices."""

from __future__ import annotations

from syncline_sandbox.dataverse.metadata.definitions import (
    Json,
    global_option_set_json,
    option_json,
    option_set_json,
)
from syncline_sandbox.dataverse.metadata.labels import label, managed
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.rows.computing import default_status
from syncline_sandbox.dataverse.schema.model import Column, Option, Table
from syncline_sandbox.dataverse.schema.standard import metadata_id

_NAMESPACE = "#Microsoft.Dynamics.CRM."
# Casts by the column type kept here.
_CAST_NAMES = {
    "Customer": "LookupAttributeMetadata",
    "Owner": "LookupAttributeMetadata",
    "Uniqueidentifier": "UniqueIdentifierAttributeMetadata",
    "PartyList": "LookupAttributeMetadata",
}


def cast_name(column: Column) -> str:
    """``StringAttributeMetadata``."""
    return _CAST_NAMES.get(column.type, f"{column.type}AttributeMetadata")


def column_json(organisation: Organisation, table: Table, column: Column) -> Json:
    """The column in its own type, without OptionSet and GlobalOptionSet, which are navigation properties."""
    found = {"@odata.type": _NAMESPACE + cast_name(column)} | _base(table, column) | _typed(column)
    return found | column.extra


def _base(table: Table, column: Column) -> Json:
    custom = column.custom
    kind = "Virtual" if column.type == "MultiSelectPicklist" else column.type
    return {
        "MetadataId": column.metadata_id,
        "HasChanged": None,
        "AttributeOf": column.attribute_of,
        "AttributeType": kind,
        "ColumnNumber": list(table.columns).index(column.name) + 1,
        "DeprecatedVersion": None,
        "IntroducedVersion": "1.0.0.0" if custom else "5.0.0.0",
        "EntityLogicalName": table.name,
        "IsCustomAttribute": custom,
        "IsPrimaryId": column.name == table.primary_id,
        "IsValidODataAttribute": True,
        "IsPrimaryName": column.name == table.primary_name,
        "IsValidForCreate": column.can_create,
        "IsValidForRead": True,
        "IsValidForUpdate": column.can_update,
        "CanBeSecuredForRead": custom,
        "CanBeSecuredForCreate": custom,
        "CanBeSecuredForUpdate": custom,
        "IsSecured": False,
        "IsRetrievable": True,
        "IsFilterable": False,
        "IsSearchable": False,
        "IsManaged": not custom,
        "LinkedAttributeId": None,
        "LogicalName": column.name,
        "IsValidForForm": column.attribute_of is None,
        "IsRequiredForForm": False,
        "IsValidForGrid": True,
        "SchemaName": column.schema_name,
        "ExternalName": None,
        "IsLogical": False,
        "IsDataSourceSecret": False,
        "InheritsFrom": None,
        "CreatedOn": "1900-01-01T00:00:00Z",
        "ModifiedOn": "1900-01-01T00:00:00Z",
        "SourceType": 0 if column.base_of is None else 1,
        "AutoNumberFormat": column.auto_number_format or "",
        "AttributeTypeName": {"Value": f"{column.type}Type"},
        "Description": label(column.description, managed=not custom),
        "DisplayName": label(column.label, managed=not custom),
        "IsAuditEnabled": managed(True, "canmodifyauditsettings"),
        "IsGlobalFilterEnabled": managed(False, "canmodifyglobalfiltersettings"),
        "IsSortableEnabled": managed(False, "canmodifyissortablesettings"),
        "IsCustomizable": managed(True, "iscustomizable", can_change=custom),
        "IsRenameable": managed(True, "isrenameable", can_change=custom),
        "IsValidForAdvancedFind": managed(True, "canmodifysearchsettings"),
        "RequiredLevel": {
            "Value": column.required,
            "CanBeChanged": column.required != "SystemRequired",
            "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings",
        },
        "CanModifyAdditionalSettings": managed(True, "canmodifyadditionalsettings", can_change=custom),
        "Settings": [],
    }


# Members that every column has, whatever its type: what may be selected without a cast.
BASE_MEMBERS = frozenset(
    _base(
        Table(
            name="x", set_name="xs", schema_name="x", label="", plural="", primary_id="x", primary_name=None,
            type_code=0, ownership="None", columns={"x": Column(name="x", schema_name="x", type="String")},
        ),
        Column(name="x", schema_name="x", type="String"),
    )
)  # fmt: skip


def _typed(column: Column) -> Json:
    match column.type:
        case "String":
            text_format = column.format or "Text"
            return {
                "Format": text_format,
                "ImeMode": "Auto",
                "MaxLength": column.max_length,
                "YomiOf": None,
                "IsLocalizable": False,
                "DatabaseLength": (column.max_length or 0) * 2,
                "FormulaDefinition": "",
                "SourceTypeMask": 0,
                "FormatName": {"Value": text_format},
            }
        case "Memo":
            return {
                "Format": column.format or "TextArea",
                "ImeMode": "Auto",
                "MaxLength": column.max_length,
                "IsLocalizable": False,
                "FormatName": {"Value": column.format or "TextArea"},
            }
        case "Integer":
            return {
                "Format": column.format or "None",
                "MaxValue": _bound(column.maximum, 2147483647),
                "MinValue": _bound(column.minimum, -2147483648),
                "FormulaDefinition": "",
                "SourceTypeMask": 0,
            }
        case "BigInt":
            return {"MaxValue": 9223372036854775807, "MinValue": -9223372036854775808}
        case "Decimal" | "Double":
            return {
                "MaxValue": column.maximum if column.maximum is not None else 100000000000,
                "MinValue": column.minimum if column.minimum is not None else -100000000000,
                "Precision": column.precision,
                "ImeMode": "Disabled",
            }
        case "Money":
            return {
                "ImeMode": "Disabled",
                "MaxValue": column.maximum if column.maximum is not None else 922337203685477,
                "MinValue": column.minimum if column.minimum is not None else -922337203685477,
                "Precision": column.precision,
                "PrecisionSource": 2,
                "CalculationOf": column.base_of,
                "IsBaseCurrency": column.base_of is not None,
                "FormulaDefinition": "",
                "SourceTypeMask": 0,
            }
        case "DateTime":
            date_only = column.is_date_only or column.format == "DateOnly"
            return {
                "MinSupportedValue": "1753-01-01T00:00:00Z",
                "MaxSupportedValue": "9999-12-30T23:59:59Z",
                "Format": "DateOnly" if date_only else "DateAndTime",
                "ImeMode": "Inactive",
                "SourceTypeMask": 0,
                "FormulaDefinition": "",
                "DateTimeBehavior": {"Value": column.behavior or "UserLocal"},
                "CanChangeDateTimeBehavior": managed(column.custom, "canchangedatetimebehavior"),
            }
        case "Lookup" | "Customer" | "Owner":
            return {"Targets": column.targets, "Format": "None"}
        case "Picklist" | "MultiSelectPicklist":
            default = -1 if column.default is None else int(column.default)
            return {
                "DefaultFormValue": default,
                "FormulaDefinition": "",
                "SourceTypeMask": 0,
                "ParentPicklistLogicalName": None,
                "ChildPicklistLogicalNames": [],
            }
        case "State" | "Status":
            return {"DefaultFormValue": -1 if column.default is None else int(column.default)}
        case "Boolean":
            return {"DefaultValue": bool(column.default), "FormulaDefinition": "", "SourceTypeMask": 0}
    return {}


def _bound(value: float | None, otherwise: int) -> int:
    return otherwise if value is None else int(value)


def option_sets_of(
    organisation: Organisation, table: Table, column: Column
) -> tuple[Json | None, Json | None]:
    """What ``OptionSet`` and ``GlobalOptionSet`` expand to."""
    shared = organisation.catalogue.option_sets.get(column.option_set or "")
    if column.type == "Boolean":
        return _boolean_options(table, column), None
    if column.type not in ("Picklist", "MultiSelectPicklist", "State", "Status"):
        return None, None
    if shared is not None:
        found = global_option_set_json(shared)
        return {name: value for name, value in found.items() if name != "@odata.type"}, found
    states = None
    if column.type == "State" and "statuscode" in table.columns:
        states = {option.value: default_status(table, option.value) or 0 for option in column.options}
    kind = "Picklist" if column.type == "MultiSelectPicklist" else column.type
    local = option_set_json(
        f"{table.name}_{column.name}",
        column.options,
        metadata_id("optionset", table.name, column.name),
        kind,
        column.label,
        is_global=False,
        custom=column.custom,
        states=states,
    )
    return local, None


def _boolean_options(table: Table, column: Column) -> Json:
    name = f"{table.name}_{column.name}"
    found = option_set_json(
        name,
        [],
        metadata_id("optionset", table.name, column.name),
        "Boolean",
        column.label,
        is_global=False,
        custom=column.custom,
    )
    found.pop("Options")
    yes, no = (
        option_json(Option(value=value, label=text), custom=column.custom)
        for value, text in ((1, column.true_label), (0, column.false_label))
    )
    return found | {"TrueOption": yes, "FalseOption": no}


def has_options(column: Column) -> bool:
    return column.type in ("Picklist", "MultiSelectPicklist", "State", "Status", "Boolean")
