"""Formatted values: what ``FormattedValue`` says to a user with English (US) formats in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from syncline_sandbox.dataverse.schema.model import CHOICE_TYPES, Column

Formatter = Callable[[Any], str | None]


def formatter(column: Column, table_labels: dict[str, str]) -> Formatter | None:
    """Turns a stored value into its label; None when columns of this type have no formatted value.

    Lookups (their row's name) and money (its currency's symbol) need more than the value and are not made
    here.
    """
    if column.type in CHOICE_TYPES:
        return {option.value: option.label for option in column.options}.get
    if column.type == "Boolean":
        return {1: column.true_label, 0: column.false_label}.get
    if column.type == "MultiSelectPicklist":
        return _several({str(option.value): option.label for option in column.options})
    if column.type == "DateTime":
        return _date if column.is_date_only or column.format == "DateOnly" else _moment
    if column.type in ("Integer", "BigInt"):
        return _integer
    if column.type in ("Decimal", "Double"):
        return _decimal(column.precision if column.precision is not None else 2)
    if column.type == "EntityName":
        return lambda value: None if value is None else table_labels.get(value, value)
    return None


def money(value: float | None, symbol: str | None, precision: int | None) -> str | None:
    """``$1,234.50``; negative amounts in brackets, as the US format has them."""
    if value is None:
        return None
    text = f"{symbol or ''}{abs(value):,.{2 if precision is None else precision}f}"
    return f"({text})" if value < 0 else text


def _several(labels: dict[str, str]) -> Formatter:
    def found(value: str | None) -> str | None:
        if value is None:
            return None
        return "; ".join(labels.get(part, part) for part in value.split(","))

    return found


def _date(value: str | None) -> str | None:
    if value is None:
        return None
    year, month, day = value[:10].split("-")
    return f"{int(month)}/{int(day)}/{int(year)}"


def _moment(value: str | None) -> str | None:
    if value is None:
        return None
    when = datetime.fromisoformat(value)
    hour = when.hour % 12 or 12
    return f"{_date(value)} {hour}:{when.minute:02d} {'AM' if when.hour < 12 else 'PM'}"


def _integer(value: int | None) -> str | None:
    return None if value is None else f"{value:,}"


def _decimal(precision: int) -> Formatter:
    return lambda value: None if value is None else f"{value:,.{precision}f}"
