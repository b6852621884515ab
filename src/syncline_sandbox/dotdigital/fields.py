"""Data fields: names, types, values and the rules they keep."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from syncline_sandbox.dotdigital.errors import V2Error
from syncline_sandbox.dotdigital.moments import normal_date
from syncline_sandbox.dotdigital.settings import Settings
from syncline_sandbox.dotdigital.vocabulary import (
    BUILT_IN_FIELDS,
    FIELD_NAME_PATTERN,
    FIELD_TYPES,
    MAX_NUMERIC_FRACTION_DIGITS,
    MAX_NUMERIC_WHOLE_DIGITS,
    MAX_TEXT_CHARACTERS,
    RESERVED_FIELD_NAMES,
    VISIBILITIES,
)

_NAME = re.compile(FIELD_NAME_PATTERN)
_TRUE = frozenset(("true", "yes", "1", "y", "on"))
_FALSE = frozenset(("false", "no", "0", "n", "off"))


class FieldRefusal(ValueError):
    """A value or a field that cannot be stored; ``code`` is v2's."""

    def __init__(self, code: str, name: str, why: str) -> None:
        super().__init__(f"{why} '{name}'")
        self.code = code
        self.name = name


class DataField(NamedTuple):
    """One data field of the account; ``used_in`` names what keeps it from being deleted."""

    name: str
    type: str
    visibility: str
    default: Any
    built_in: bool
    used_in: str | None
    convert: Callable[[Any], Any]


def _text(value: Any) -> Any:
    if type(value) is not str:
        if isinstance(value, bool):
            value = "True" if value else "False"
        elif isinstance(value, int | float):
            value = str(value)
        else:
            raise TypeError
    if len(value) > MAX_TEXT_CHARACTERS:
        raise OverflowError
    return value


def _numeric(value: Any) -> Any:
    if value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ValueError from error
    if not number.is_finite():
        raise ValueError
    if abs(number) >= Decimal(10) ** MAX_NUMERIC_WHOLE_DIGITS:
        raise OverflowError
    whole = number == number.to_integral_value()
    if whole:
        return int(number)
    if -int(number.normalize().as_tuple().exponent) > MAX_NUMERIC_FRACTION_DIGITS:
        number = round(number, MAX_NUMERIC_FRACTION_DIGITS)
    result = float(number)
    return int(result) if math.isfinite(result) and result.is_integer() else result


def _date(value: Any) -> Any:
    if value == "":
        return None
    if type(value) is not str:
        raise TypeError
    return normal_date(value)


def _boolean(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if value == "":
        return None
    text = str(value).strip().lower() if isinstance(value, str | int) else ""
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "String": _text,
    "Numeric": _numeric,
    "Date": _date,
    "Boolean": _boolean,
}


class FieldBook:
    """All data fields of the account, found by name without regard to case."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._fields: dict[str, DataField] = {}
        # Every spelling met so far, so that a known one costs a single look-up.
        self._spellings: dict[str, DataField] = {}
        self._text_names: dict[str, str] = {}
        self.reload()

    def reload(self) -> None:
        """Read the fields again, after a change or a restore."""
        self._fields = {}
        for row in self._connection.execute("SELECT * FROM data_fields ORDER BY position"):
            default = None if row["default_value"] is None else msgspec.json.decode(row["default_value"])
            self._fields[row["name"]] = DataField(
                name=row["name"],
                type=row["type"],
                visibility=row["visibility"],
                default=default,
                built_in=bool(row["built_in"]),
                used_in=row["used_in"],
                convert=_CONVERTERS[row["type"]],
            )
        self._spellings = dict(self._fields)
        self._text_names = {name: name for name, field in self._fields.items() if field.type == "String"}

    def all(self) -> list[DataField]:
        return list(self._fields.values())

    def names(self) -> list[str]:
        """All names in alphabetical order, as v2 lists a contact's data."""
        return sorted(self._fields)

    def find(self, name: str) -> DataField | None:
        field = self._spellings.get(name)
        if field is None and (field := self._fields.get(name.strip().upper())) is not None:
            self._spellings[name] = field
            if field.type == "String":
                self._text_names[name] = field.name
        return field

    def convert(self, values: dict[str, Any]) -> dict[str, Any]:
        """Values as they are stored, under their stored names; None stays None. Raises FieldRefusal."""
        converted: dict[str, Any] = {}
        text_names = self._text_names
        for key, value in values.items():
            # Ordinary text is by far the most common value and needs no conversion.
            if type(value) is str and key in text_names and len(value) <= MAX_TEXT_CHARACTERS:
                converted[text_names[key]] = value
                continue
            field = self._spellings.get(key) or self.find(key)
            if field is None:
                raise FieldRefusal("ERROR_DATAFIELD_NOTFOUND", key, "There is no data field named")
            if value is not None:
                try:
                    value = field.convert(value)
                except OverflowError as error:
                    raise FieldRefusal(
                        "ERROR_DATAFIELD_VALUE_OVERFLOW", key, "The value is too large for data field"
                    ) from error
                except (TypeError, ValueError) as error:
                    raise FieldRefusal(
                        "ERROR_DATAFIELD_INVALID",
                        key,
                        f"The value is not of type {field.type} for data field",
                    ) from error
            converted[field.name] = value
        return converted

    def create(self, name: Any, type_: Any, visibility: Any, default: Any, settings: Settings) -> DataField:
        """A new field, keeping all rules. Raises V2Error."""
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name.lower() in RESERVED_FIELD_NAMES:
            raise V2Error("ERROR_DATAFIELD_INVALID")
        kind = _word(type_, FIELD_TYPES)
        view = "Private" if visibility is None else _word(visibility, VISIBILITIES)
        if kind is None or view is None:
            raise V2Error("ERROR_DATAFIELD_INVALID")
        if self.find(name) is not None:
            raise V2Error("ERROR_NON_UNIQUE_DATAFIELD")
        if sum(f.type == kind and not f.built_in for f in self._fields.values()) >= _limit(kind, settings):
            raise V2Error("ERROR_DATAFIELD_LIMITEXCEEDED")
        if default is not None:
            try:
                default = _CONVERTERS[kind](default)
            except OverflowError as error:
                raise V2Error("ERROR_DATAFIELD_VALUE_OVERFLOW") from error
            except (TypeError, ValueError) as error:
                raise V2Error("ERROR_DATAFIELD_INVALID") from error
        self._insert(name.upper(), kind, view, default, built_in=False)
        created = self.find(name)
        assert created is not None
        return created

    def add_built_in(self) -> None:
        """The fields that every account has."""
        for name, type_ in BUILT_IN_FIELDS:
            self._insert(
                name, type_, "Public" if name != "LASTSUBSCRIBED" else "Private", None, built_in=True
            )

    def delete(self, field: DataField) -> None:
        """Forget the field, and its value on every contact."""
        path = f'$."{field.name}"'
        self._connection.execute(
            "UPDATE contacts SET fields = json_remove(fields, ?) WHERE json_type(fields, ?) IS NOT NULL",
            (path, path),
        )
        self._connection.execute("DELETE FROM data_fields WHERE name = ?", (field.name,))
        self.reload()

    def mark_used(self, name: str, used_in: str | None) -> None:
        self._connection.execute(
            "UPDATE data_fields SET used_in = ? WHERE name = ?", (used_in, name.strip().upper())
        )
        self.reload()

    def _insert(self, name: str, type_: str, visibility: str, default: Any, *, built_in: bool) -> None:
        text = None if default is None else msgspec.json.encode(default).decode()
        self._connection.execute(
            "INSERT INTO data_fields (name, type, visibility, default_value, built_in, position) "
            "VALUES (?, ?, ?, ?, ?, (SELECT ifnull(max(position), 0) + 1 FROM data_fields))",
            (name, type_, visibility, text, built_in),
        )
        self.reload()


def _word(value: Any, words: tuple[str, ...]) -> str | None:
    return next((word for word in words if isinstance(value, str) and word.lower() == value.lower()), None)


def _limit(type_: str, settings: Settings) -> int:
    return {
        "String": settings.field_limit_string,
        "Numeric": settings.field_limit_numeric,
        "Date": settings.field_limit_date,
        "Boolean": settings.field_limit_boolean,
    }[type_]
