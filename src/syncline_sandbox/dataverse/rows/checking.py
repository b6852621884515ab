"""Values of payloads: checked against the column and turned into what the store holds."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

from syncline_sandbox.dataverse.errors import (
    DataverseError,
    bad_option,
    bad_payload,
    out_of_range,
    text_too_long,
)
from syncline_sandbox.dataverse.query.values import guid, moment
from syncline_sandbox.dataverse.schema.model import Column, Table

EARLIEST = "1753-01-01"
MAX_MULTISELECT = 150
_INT32 = (-2_147_483_648, 2_147_483_647)
_INT64 = (-9_223_372_036_854_775_808, 9_223_372_036_854_775_807)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def stored_value(table: Table, column: Column, value: Any) -> Any:
    """What the store holds for this JSON value; raises the error that Dataverse answers."""
    if value is None:
        return None
    match column.type:
        case "String" | "Memo" | "EntityName":
            return _text(table, column, value)
        case "Boolean":
            if not isinstance(value, bool):
                raise _wrong_type(table, column, value, "Edm.Boolean")
            return int(value)
        case "Integer":
            return _whole(table, column, value, _INT32, "Edm.Int32")
        case "BigInt":
            return _whole(table, column, value, _INT64, "Edm.Int64")
        case "Picklist" | "State" | "Status":
            return _option(table, column, value)
        case "MultiSelectPicklist":
            return _options(table, column, value)
        case "Decimal" | "Double" | "Money":
            return _decimal(table, column, value)
        case "DateTime":
            return _date(table, column, value)
        case "Uniqueidentifier":
            return _guid(table, column, value)
    raise _wrong_type(table, column, value, column.type)


def _text(table: Table, column: Column, value: Any) -> str | None:
    if not isinstance(value, str):
        raise _wrong_type(table, column, value, "Edm.String")
    if column.max_length is not None and _utf16_length(value) > column.max_length:
        raise text_too_long(column.name, table.name, column.max_length)
    # An empty text is stored as no value.
    return value or None


def _utf16_length(text: str) -> int:
    """Lengths are counted in UTF-16 units, so an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def _whole(table: Table, column: Column, value: Any, bounds: tuple[int, int], kind: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        else:
            raise _wrong_type(table, column, value, kind)
    low = bounds[0] if column.minimum is None else int(column.minimum)
    high = bounds[1] if column.maximum is None else int(column.maximum)
    if not low <= value <= high:
        raise out_of_range(column.name, value, low, high)
    return int(value)


def _option(table: Table, column: Column, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(table, column, value, "Edm.Int32")
    if column.option(value) is None:
        raise bad_option(value, column.name, table.name)
    return value


def _options(table: Table, column: Column, value: Any) -> str | None:
    if not isinstance(value, str):
        raise _wrong_type(table, column, value, "Edm.String")
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not all(re.fullmatch(r"-?\d+", part) for part in parts):
        raise bad_option(value, column.name, table.name)
    values = sorted({int(part) for part in parts})
    if len(values) > MAX_MULTISELECT:
        raise bad_option(value, column.name, table.name)
    for number in values:
        if column.option(number) is None:
            raise bad_option(number, column.name, table.name)
    return ",".join(str(number) for number in values) or None


def _decimal(table: Table, column: Column, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _wrong_type(table, column, value, "Edm.Double" if column.type == "Double" else "Edm.Decimal")
    low = -922_337_203_685_477.0 if column.minimum is None else column.minimum
    high = 922_337_203_685_477.0 if column.maximum is None else column.maximum
    if not low <= value <= high:
        raise out_of_range(column.name, value, low, high)
    places = 4 if column.type == "Money" else column.precision
    return float(value) if places is None else round(float(value), places)


def _date(table: Table, column: Column, value: Any) -> str:
    kind = "Edm.Date" if column.is_date_only else "Edm.DateTimeOffset"
    if not isinstance(value, str):
        raise _wrong_type(table, column, value, kind)
    try:
        if column.is_date_only:
            # The Web API takes nothing but a plain date for an Edm.Date.
            if not _DATE.fullmatch(value):
                raise _wrong_type(table, column, value, kind)
            found = date.fromisoformat(value).isoformat()
        else:
            found = moment(value)[0]
    except (ValueError, OverflowError, DataverseError) as error:
        raise _wrong_type(table, column, value, kind) from error
    if found[:10] < EARLIEST:
        raise DataverseError(
            400,
            "0x80040239",
            f"DateTime is less than minumum value supported by CrmDateTime. Actual value: {value}, Minimum "
            "value supported: 01/01/1753 00:00:00",
        )
    return found


def _guid(table: Table, column: Column, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong_type(table, column, value, "Edm.Guid")
    try:
        return guid(value)
    except DataverseError as error:
        raise _wrong_type(table, column, value, "Edm.Guid") from error


def _wrong_type(table: Table, column: Column, value: Any, kind: str) -> DataverseError:
    shown = value if isinstance(value, str | int | float | bool) else type(value).__name__
    return bad_payload(
        table.set_name,
        f"Microsoft.OData.ODataException: Cannot convert the literal '{shown}' to the expected type "
        f"'{kind}'. (property '{column.name}')",
    )
