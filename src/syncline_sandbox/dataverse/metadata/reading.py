"""Definitions in requests: from the API's verbose form to columns and choices."""

from __future__ import annotations

import re
from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.metadata.labels import text_of
from syncline_sandbox.dataverse.schema.model import Column, Option

Json = dict[str, Any]
_NAMESPACE = "Microsoft.Dynamics.CRM."
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{1,7}_[A-Za-z0-9_]+")
_TYPES = {
    "StringAttributeMetadata": "String",
    "MemoAttributeMetadata": "Memo",
    "IntegerAttributeMetadata": "Integer",
    "BigIntAttributeMetadata": "BigInt",
    "DecimalAttributeMetadata": "Decimal",
    "DoubleAttributeMetadata": "Double",
    "MoneyAttributeMetadata": "Money",
    "BooleanAttributeMetadata": "Boolean",
    "DateTimeAttributeMetadata": "DateTime",
    "PicklistAttributeMetadata": "Picklist",
    "MultiSelectPicklistAttributeMetadata": "MultiSelectPicklist",
    "LookupAttributeMetadata": "Lookup",
    "StateAttributeMetadata": "State",
    "StatusAttributeMetadata": "Status",
    "UniqueIdentifierAttributeMetadata": "Uniqueidentifier",
}
_DEFAULT_LENGTH = {"String": 100, "Memo": 2000}
_LONGEST = {"String": 4000, "Memo": 1_048_576}


def schema_name(body: Json) -> str:
    """The schema name, which must bear a publisher's prefix."""
    name = body.get("SchemaName")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise DataverseError(
            400,
            "0x80044363",
            f"The SchemaName '{name}' is not valid: it has to begin with a customization prefix followed "
            "by an underscore, and may hold letters, digits and underscores.",
        )
    return name


def type_name(body: Json) -> str:
    """``StringAttributeMetadata``, whichever way the type was written."""
    name = str(body.get("@odata.type", "")).lstrip("#").removeprefix(_NAMESPACE)
    return name.removeprefix("Complex")


def read_column(body: Json, global_options: dict[str, list[Option]]) -> Column:
    """A new column from its definition."""
    name = schema_name(body)
    kind = _TYPES.get(type_name(body))
    if kind is None or kind in ("State", "Status", "Lookup", "Uniqueidentifier"):
        raise bad_request(
            f"Attributes of the type '{body.get('@odata.type')}' cannot be created this way.", "0x80048403"
        )
    column = Column(name=name.lower(), schema_name=name, type=kind, custom=True)
    if kind == "DateTime":
        column.behavior = "UserLocal"
    if kind in _DEFAULT_LENGTH:
        column.max_length = _DEFAULT_LENGTH[kind]
    if kind in ("Decimal", "Money", "Double"):
        column.precision = 2
    if kind == "Boolean":
        column.default = False
    apply_definition(column, body)
    read_options(column, body, global_options)
    return column


def apply_definition(column: Column, body: Json) -> None:
    """Take over what a definition says about a column; both for a new one and for an update."""
    if "DisplayName" in body:
        column.label = text_of(body["DisplayName"]) or column.label
    if "Description" in body:
        column.description = text_of(body["Description"])
    required = body.get("RequiredLevel")
    if isinstance(required, dict) and required.get("Value") in (
        "None",
        "Recommended",
        "ApplicationRequired",
        "SystemRequired",
    ):
        column.required = str(required["Value"])
    if isinstance(body.get("MaxLength"), int):
        column.max_length = _length(column, body["MaxLength"])
    for member, attribute in (("MinValue", "minimum"), ("MaxValue", "maximum")):
        if isinstance(body.get(member), int | float):
            setattr(column, attribute, body[member])
    if isinstance(body.get("Precision"), int):
        column.precision = body["Precision"]
    if isinstance(body.get("AutoNumberFormat"), str) and body["AutoNumberFormat"]:
        column.auto_number_format = body["AutoNumberFormat"]
    _apply_format(column, body)
    if column.type in ("Picklist", "MultiSelectPicklist") and isinstance(body.get("DefaultFormValue"), int):
        column.default = None if body["DefaultFormValue"] == -1 else body["DefaultFormValue"]
    if column.type == "Boolean" and isinstance(body.get("DefaultValue"), bool):
        column.default = body["DefaultValue"]


def _length(column: Column, length: int) -> int:
    longest = _LONGEST.get(column.type, 4000)
    if column.type in _LONGEST and not 1 <= length <= longest and column.custom:
        raise bad_request(
            f"The MaxLength of '{column.schema_name}' has to be between 1 and {longest}.", "0x80044330"
        )
    return length


def _apply_format(column: Column, body: Json) -> None:
    name = body.get("FormatName")
    if column.type in ("String", "Memo") and isinstance(name, dict) and name.get("Value"):
        column.format = str(name["Value"])
    elif isinstance(body.get("Format"), str):
        column.format = body["Format"]
    behavior = body.get("DateTimeBehavior")
    if column.type == "DateTime" and isinstance(behavior, dict) and behavior.get("Value"):
        column.behavior = str(behavior["Value"])


def read_options(column: Column, body: Json, global_options: dict[str, list[Option]]) -> None:
    """Options of choices and the two labels of yes/no columns."""
    given = body.get("OptionSet")
    given = given if isinstance(given, dict) else {}
    if column.type == "Boolean":
        for member, attribute in (("TrueOption", "true_label"), ("FalseOption", "false_label")):
            option = given.get(member)
            if isinstance(option, dict):
                setattr(column, attribute, text_of(option.get("Label")) or getattr(column, attribute))
        return
    if column.type not in ("Picklist", "MultiSelectPicklist"):
        return
    shared = _shared_name(body, given)
    if shared is not None:
        if shared not in global_options:
            raise bad_request(f"The global option set '{shared}' does not exist.", "0x80048403")
        column.option_set = shared
        column.options = global_options[shared]
    elif "Options" in given:
        column.options = [read_option(option) for option in given["Options"]]


def _shared_name(body: Json, given: Json) -> str | None:
    bound = body.get("GlobalOptionSet@odata.bind")
    if isinstance(bound, str):
        # By name or by metadata id; ids are looked up by the caller.
        return bound.rpartition("(")[2].rstrip(")").removeprefix("Name=").strip("'")
    if given.get("IsGlobal") and isinstance(given.get("Name"), str) and not given.get("Options"):
        return str(given["Name"])
    return None


def read_option(body: Any) -> Option:
    if not isinstance(body, dict):
        raise bad_request("An option has to be an object with Value and Label.", "0x80048403")
    value = body.get("Value")
    if not isinstance(value, int):
        raise bad_request("An option needs a Value.", "0x80048403")
    return Option(
        value=value,
        label=text_of(body.get("Label")),
        state=body.get("State"),
        description=text_of(body.get("Description")),
        color=body.get("Color"),
    )
