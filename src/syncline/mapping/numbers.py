"""Whole numbers, decimals and money."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from syncline.mapping.canonical import UnreadableValueError, read_number
from syncline.mapping.specs import FieldSpec, Kind

DIGITS_BEFORE_POINT = 18
DIGITS_AFTER_POINT = 9
"""Dotdigital: up to 27 digits, 18 before and 9 after the point (contract, data fields: sizes)."""

_TOO_LARGE = 10**DIGITS_BEFORE_POINT

_BOUNDS: dict[str, tuple[float, float]] = {
    "Integer": (-(2**31), 2**31 - 1),
    "BigInt": (-(2**63), 2**63 - 1),
    "Decimal": (-100_000_000_000, 100_000_000_000),
    "Double": (-100_000_000_000, 100_000_000_000),
    "Money": (-922_337_203_685_477, 922_337_203_685_477),
}
"""What a column of the type can hold at all; its own minimum and maximum may be narrower."""

_DECIMALS = {"Decimal": 10, "Double": 5, "Money": 4}
"""The most digits after the point that a column of the type can keep."""


def number_for_dotdigital(value: object) -> int | float | None:
    number = read_number(value)
    if number is None:
        return None
    if not -_TOO_LARGE < number < _TOO_LARGE:
        raise UnreadableValueError(
            f"{number} has more digits before the point than the {DIGITS_BEFORE_POINT} that Dotdigital holds"
        )
    # A number with few decimals survives rounding to them; only one that does not is worth counting.
    if type(number) is float and round(number, DIGITS_AFTER_POINT) != number:
        raise UnreadableValueError(
            f"{number} has {decimals(number)} digits after the point; Dotdigital holds {DIGITS_AFTER_POINT}"
        )
    return number


def number_for_dynamics(field: FieldSpec) -> Callable[[object], int | float | None]:
    lowest, highest = _bounds(field)
    places = 0 if field.kind is Kind.WHOLE else _places(field)

    def number(value: object) -> int | float | None:
        number = read_number(value)
        if number is None:
            return None
        if type(number) is float and (count := decimals(number)) > places:
            if places == 0:
                raise UnreadableValueError(
                    f"{number} is not a whole number, and the column in Dynamics holds those"
                )
            raise UnreadableValueError(
                f"{number} has {count} digits after the point and the column in Dynamics holds {places}"
            )
        if not lowest <= number <= highest:
            raise UnreadableValueError(
                f"{number} is outside of what the column holds: {_plain(lowest)} to {_plain(highest)}"
            )
        return number

    return number


def decimals(number: float) -> int:
    """Digits after the point in the shortest writing of the number."""
    exponent = Decimal(repr(number)).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _bounds(field: FieldSpec) -> tuple[float, float]:
    lowest, highest = _BOUNDS[field.type]
    if field.min_value is not None:
        lowest = max(lowest, field.min_value)
    if field.max_value is not None:
        highest = min(highest, field.max_value)
    return lowest, highest


def _places(field: FieldSpec) -> int:
    most = _DECIMALS[field.type]
    return most if field.precision is None else min(most, field.precision)


def _plain(number: float) -> str:
    return f"{int(number):,}" if float(number).is_integer() else f"{number:,}"
