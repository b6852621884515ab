"""One form for values that mean the same, whichever side they came from.

Being echo-free rests on this: a value is written only where its canonical form differs from what the other
side holds. The canonical form is also what is sent to Dotdigital and what is stored in the shadow, so it is
plain JSON:

* Text: trimmed, line ends as ``\\n``, empty is null. Neither vendor promises to keep outer blanks or ``\\r``.
* Numeric: `int` where the number is whole, else the shortest `float`; no trailing zeros, never a text.
* Date: ``2024-05-01T09:30:00Z``, that is UTC with whole seconds (a fraction is cut; Dataverse keeps none).
  A value without an offset is UTC, for both vendors speak UTC; a date without a time is its midnight.
* Yes/No: `true` or `false`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from syncline.mapping.models import LabelType

Value = str | int | float | bool | None

_WORDS = {"true": True, "yes": True, "false": False, "no": False}


class UnreadableValueError(ValueError):
    """A value that is not of the type it should have; the text says why, in words."""


def canonical(label_type: LabelType, value: object) -> Value:
    """The canonical form of what Dotdigital holds in a data field.

    Never raises: what cannot be read stays as it is (as text), equals no valid value, and becomes a
    conversion error where it would have to be written to Dynamics.
    """
    return canonical_form(label_type)(value)


def canonical_form(label_type: LabelType) -> Callable[[object], Value]:
    """`canonical` for one type, for loops."""
    read = READERS[label_type]

    def form(value: object) -> Value:
        try:
            return read(value)
        except UnreadableValueError:
            return str(value).encode(errors="replace").decode()

    return form


def read_text(value: object) -> str | None:
    if value is None:
        return None
    if type(value) is not str:
        if isinstance(value, (bool, dict, list)) or not isinstance(value, (str, int, float, Decimal)):
            raise UnreadableValueError(f"expected a text, got {described(value)}")
        value = str(value)
    text = value.strip()
    if not text:
        return None
    # Printable text holds neither line ends nor anything else that needs a closer look.
    return text if text.isprintable() else _checked_text(text)


def _checked_text(text: str) -> str:
    if "\x00" in text:
        raise UnreadableValueError("the text holds a NUL character, which neither side can store")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnreadableValueError("the text holds half a character (a lone surrogate)") from None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def read_number(value: object) -> int | float | None:
    kind = type(value)
    if kind is int:
        return value  # type: ignore[return-value]
    if kind is float:
        return _whole_if_whole(value)  # type: ignore[arg-type]
    if value is None:
        return None
    if isinstance(value, Decimal):
        return _from_decimal(value)
    if isinstance(value, str):
        return _from_digits(value)
    raise UnreadableValueError(f"expected a number, got {described(value)}")


def _whole_if_whole(number: float) -> int | float:
    if number.is_integer():
        return int(number)
    if number - number != 0.0:  # infinite, or not a number
        raise UnreadableValueError(f"{number} is not a finite number")
    return number


def _from_digits(text: str) -> int | float | None:
    if not text.strip():
        return None
    try:
        return _from_decimal(Decimal(text.strip()))
    except InvalidOperation:
        raise UnreadableValueError(f"{excerpt(text)} is not a number") from None


def _from_decimal(number: Decimal) -> int | float:
    if not number.is_finite():
        raise UnreadableValueError(f"{number} is not a finite number")
    if number.adjusted() < _LARGEST_EXPONENT and number == number.to_integral_value():
        return int(number)
    nearest = float(number)
    if Decimal(repr(nearest)) != number:
        raise UnreadableValueError(f"{number} has more digits than can be carried exactly")
    return nearest


_LARGEST_EXPONENT = 40
"""Nothing that large is a value of either side, and `int` of it would be a very long number."""


_USUAL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?")


def read_date(value: object) -> str | None:
    if value is None:
        return None
    if type(value) is not str:
        raise UnreadableValueError(f"expected a date, got {described(value)}")
    text = value.strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        # Dataverse writes nothing else, and building the text anew takes longer than all the rest.
        if usual := _USUAL_DATE.fullmatch(text):
            return text if usual[1] else f"{text}T00:00:00Z"
        in_utc = moment.astimezone(UTC) if moment.tzinfo else moment
        return in_utc.isoformat()[:19] + "Z"
    except ValueError:
        raise UnreadableValueError(f"{excerpt(value)} is not a date") from None
    except OverflowError:
        raise UnreadableValueError(f"{excerpt(value)} lies outside the years 1 to 9999 in UTC") from None


def read_yes_no(value: object) -> bool | None:
    if value is True or value is False or value is None:
        return value
    if isinstance(value, str):
        word = value.strip().lower()
        if not word:
            return None
        if word in _WORDS:
            return _WORDS[word]
    raise UnreadableValueError(f"expected yes or no, got {described(value)}")


READERS: dict[LabelType, Callable[[object], Value]] = {
    LabelType.TEXT: read_text,
    LabelType.NUMERIC: read_number,
    LabelType.DATE: read_date,
    LabelType.YES_NO: read_yes_no,
}


def excerpt(text: str, length: int = 40) -> str:
    """A text in quotation marks for a message, cut where it is long."""
    return f"“{text}”" if len(text) <= length else f"“{text[:length]}…”"


def described(value: object) -> str:
    """A value for a message, with its type."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float, Decimal)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {excerpt(value)}"
    return "a structure"
