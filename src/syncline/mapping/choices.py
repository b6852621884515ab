"""Choices (one option) and multi-select choices, which Dotdigital gets as their labels.

On the way back a label is found ignoring case and outer blanks. A label that several options share is refused
rather than guessed at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from syncline.mapping.canonical import UnreadableValueError, excerpt, read_text
from syncline.mapping.specs import FieldSpec

SEPARATOR = "; "
"""Between the labels of a multi-select choice."""

Text = Callable[[object], str | None]

REFRESH = "if it was added lately, run CRM metadata"


def choice_label(field: FieldSpec, checked_text: Text) -> Callable[[object], str | None]:
    options = field.options

    def label(value: object) -> str | None:
        if value is None:
            return None
        return checked_text(_label_of(value, options))

    return label


def choices_labels(field: FieldSpec, checked_text: Text) -> Callable[[object], str | None]:
    """From the wire's `1,9` to `Gold; Newsletter`, in the order of the option values."""
    options = field.options

    def labels(value: object) -> str | None:
        wire = read_text(value)
        if wire is None:
            return None
        values = sorted(_option_value(part) for part in wire.split(","))
        return checked_text(SEPARATOR.join(_label_of(value, options) for value in values))

    return labels


def choice_value(field: FieldSpec) -> Callable[[object], int | None]:
    values = _values_by_label(field.options)

    def value(label: object) -> int | None:
        text = read_text(label)
        return None if text is None else _value_of(text, values)

    return value


def choices_value(field: FieldSpec) -> Callable[[object], str | None]:
    """From `Gold; Newsletter` to the wire's `1,9`."""
    values = _values_by_label(field.options)

    def wire(labels: object) -> str | None:
        text = read_text(labels)
        if text is None:
            return None
        chosen = {_value_of(part.strip(), values) for part in text.split(SEPARATOR.strip()) if part.strip()}
        return ",".join(map(str, sorted(chosen))) or None

    return wire


def _label_of(value: object, options: Mapping[int, str]) -> str:
    if type(value) is not int or value not in options:
        raise UnreadableValueError(f"option {value!s:.40} is not among the column's choices; {REFRESH}")
    return options[value]


def _option_value(part: str) -> int:
    try:
        return int(part)
    except ValueError:
        raise UnreadableValueError(f"{excerpt(part)} is not the number of an option") from None


def _values_by_label(options: Mapping[int, str]) -> dict[str, list[int]]:
    values: dict[str, list[int]] = {}
    for value, label in options.items():
        values.setdefault(label.strip().casefold(), []).append(value)
    return values


def _value_of(label: str, values: Mapping[str, list[int]]) -> int:
    found = values.get(label.casefold(), [])
    if len(found) == 1:
        return found[0]
    if found:
        raise UnreadableValueError(
            f"several options of the column are called {excerpt(label)}; rename all but one"
        )
    raise UnreadableValueError(f"{excerpt(label)} is not one of the column's choices; {REFRESH}")
