"""What a value of Dynamics is in a record of insight data. Pure.

A value that is empty is left out: a record replaces the former one as a whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from syncline.dataverse import Column

CHOICES: Final = frozenset({"Picklist", "State", "Status"})
SEVERAL_CHOICES: Final = "MultiSelectPicklist"
REFERENCES: Final = frozenset({"Lookup", "Customer", "Owner"})
USABLE: Final = (
    frozenset({"String", "Memo", "Integer", "BigInt", "Decimal", "Double", "Money", "Boolean", "DateTime"})
    | CHOICES
    | REFERENCES
    | {SEVERAL_CHOICES, "Uniqueidentifier"}
)
"""Types, in Dynamics' words, whose values a record can hold."""

Kind = dict[str, Any]
"""`type` and, of a choice, `options`: value as text → label."""

_encode = msgspec.json.Encoder().encode


def kind_of(column: Column) -> Kind:
    """What has to be kept of a column to read its values."""
    if column.type in CHOICES or column.type == SEVERAL_CHOICES:
        options = {str(option.value): option.label or str(option.value) for option in column.options}
        return {"type": column.type, "options": options}
    return {"type": column.type}


def key_in_row(name: str, kind: Kind) -> str:
    """Under which a row holds the column: of a lookup it holds the id."""
    return f"_{name}_value" if kind["type"] in REFERENCES else name


def record_of(row: Mapping[str, Any], columns: Sequence[str], kinds: Mapping[str, Kind]) -> str:
    """The record as JSON text: the same text for the same values."""
    found = ((name, _value(row.get(key_in_row(name, kinds[name])), kinds[name])) for name in columns)
    return _encode({name: value for name, value in found if value not in (None, "")}).decode()


def _value(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind["type"] in CHOICES:
        return kind["options"].get(str(value), str(value))
    if kind["type"] == SEVERAL_CHOICES:
        numbers = [number.strip() for number in str(value).split(",") if number.strip()]
        return [kind["options"].get(number, number) for number in numbers] or None
    return value
