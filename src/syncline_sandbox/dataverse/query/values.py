"""Constants of queries, turned into what the store holds."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from uuid import UUID

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.query.expressions import Literal
from syncline_sandbox.dataverse.schema.model import Column

Stored = str | int | float | None

_LARGEST = 2**63 - 1
_EDM_BY_KIND = {
    "string": "Edm.String",
    "boolean": "Edm.Boolean",
    "guid": "Edm.Guid",
    "date": "Edm.Date",
    "datetime": "Edm.DateTimeOffset",
    "null": "null",
    "enum": "Edm.String",
}
_OPERATOR_NAMES = {
    "eq": "Equal",
    "ne": "NotEqual",
    "gt": "GreaterThan",
    "ge": "GreaterThanOrEqual",
    "lt": "LessThan",
    "le": "LessThanOrEqual",
}


def edm_type(column: Column) -> str:
    """The column's type in the CSDL."""
    if column.is_lookup or column.type == "Uniqueidentifier":
        return "Edm.Guid"
    return {
        "Boolean": "Edm.Boolean",
        "Integer": "Edm.Int32",
        "Picklist": "Edm.Int32",
        "State": "Edm.Int32",
        "Status": "Edm.Int32",
        "BigInt": "Edm.Int64",
        "Decimal": "Edm.Decimal",
        "Money": "Edm.Decimal",
        "Double": "Edm.Double",
        "DateTime": "Edm.Date" if column.is_date_only else "Edm.DateTimeOffset",
    }.get(column.type, "Edm.String")


def literal_for(column: Column, literal: Literal, operator: str) -> Stored:
    """The stored form of a literal compared with the column; 400 when the types do not fit."""
    value = literal.value
    if value is None:
        return None
    kind = edm_type(column)
    match kind, literal.kind:
        case ("Edm.String", "string" | "enum"):
            return str(value)
        case ("Edm.Guid", "guid" | "string"):
            return guid(str(value))
        case ("Edm.Boolean", "boolean"):
            return int(bool(value))
        case ("Edm.Int32" | "Edm.Int64" | "Edm.Decimal" | "Edm.Double", "number"):
            assert isinstance(value, int | float)
            if abs(value) > _LARGEST:
                raise bad_request(f"The value '{value}' is not a valid '{kind}' literal.")
            return value
        case ("Edm.DateTimeOffset", "datetime" | "date"):
            return moment(str(value))[0]
        case ("Edm.Date", "date" | "datetime"):
            return str(value)[:10]
    raise incompatible(kind, literal, operator)


def incompatible(kind: str, literal: Literal, operator: str) -> DataverseError:
    found = _EDM_BY_KIND.get(literal.kind)
    if found is None:
        found = "Edm.Int32" if isinstance(literal.value, int) else "Edm.Decimal"
    name = _OPERATOR_NAMES.get(operator, operator)
    return bad_request(
        "A binary operator with incompatible types was detected. Found operand types "
        f"'{kind}' and '{found}' for operator kind '{name}'."
    )


def guid(text: str) -> str:
    """Canonical lower case; 400 for anything that is not a GUID."""
    try:
        return str(UUID(text.strip()))
    except ValueError as error:
        raise bad_request(f"Unrecognized 'Edm.Guid' literal '{text}'.") from error


def moment(text: str) -> tuple[str, bool]:
    """``2024-05-01T09:30:00Z`` and whether a fraction of a second was cut off; no offset means UTC."""
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError as error:
        raise bad_request(f"Unrecognized 'Edm.DateTimeOffset' literal '{text}'.") from error
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return stamp(found), found.microsecond > 0


def stamp(when: datetime) -> str:
    """The stored form of a moment: whole seconds, UTC, sortable as text."""
    return when.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def text_value(column: Column, text: str) -> Stored:
    """The stored form of a constant that came as text, as FetchXML's and function arguments do."""
    kind = edm_type(column)
    try:
        match kind:
            case "Edm.Guid":
                return guid(text.strip("{}"))
            case "Edm.Boolean":
                return {"true": 1, "1": 1, "false": 0, "0": 0}[text.strip().lower()]
            case "Edm.Int32" | "Edm.Int64":
                return _whole(text)
            case "Edm.Decimal" | "Edm.Double":
                return float(text)
            case "Edm.DateTimeOffset":
                return moment(text.strip())[0]
            case "Edm.Date":
                return date.fromisoformat(text.strip()[:10]).isoformat()
    except (KeyError, ValueError) as error:
        raise bad_request(
            f"Condition for attribute '{column.name}': '{text}' is not a valid value for a column of type "
            f"'{column.type}'.",
            "0x80040203",
        ) from error
    return text


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > _LARGEST:
        raise ValueError(text)
    return number
