"""Values from one side in the form of the other.

Hundreds of thousands of values pass here in a run, so the work is in closures that are made once per mapping
(`compile_converter`, `compile_reverse`) and decide nothing twice. `to_dotdigital` and `to_dynamics` are the
same for a single value. All raise `ConversionError`; nothing is ever shortened or rounded silently.

A blank (null, or a text of blanks) is null on both sides. Lookups are handed in as the name of the row that
they point at, which the reader of the rows looks up.
"""

from __future__ import annotations

from collections.abc import Callable

from syncline.mapping.canonical import UnreadableValueError, Value, described, read_text, read_yes_no
from syncline.mapping.choices import choice_label, choice_value, choices_labels, choices_value
from syncline.mapping.errors import ConversionError as ConversionError
from syncline.mapping.models import Direction
from syncline.mapping.moments import date_for_dynamics, date_time_for_dynamics, moment_for_dotdigital
from syncline.mapping.numbers import number_for_dotdigital, number_for_dynamics
from syncline.mapping.pairs import why_not
from syncline.mapping.specs import FieldSpec, Kind, LabelSpec

Text = Callable[[object], str | None]
Converter = Callable[[object], Value]
"""Raises ConversionError once it is compiled."""

DOTDIGITAL_TEXT_LENGTH = 1000
"""Characters that a text data field holds (contract, data fields: sizes)."""


def to_dotdigital(field: FieldSpec, value: object) -> Value:
    """What Dotdigital gets for a Dynamics value, in canonical form."""
    return _guarded(field, _outward(field))(value)


def to_dynamics(field: FieldSpec, label: LabelSpec, value: object) -> Value:
    """What Dynamics gets for a Dotdigital value, in the form of the Web API."""
    return compile_reverse(field, label)(value)


def compile_converter(field: FieldSpec, label: LabelSpec) -> Converter:
    """Dynamics value → canonical Dotdigital value."""
    if problem := why_not(field, label, Direction.TO_DOTDIGITAL):
        return _refusing(field, problem)
    return _guarded(field, _outward(field))


def compile_reverse(field: FieldSpec, label: LabelSpec) -> Converter:
    """Dotdigital value → Dynamics value."""
    if problem := why_not(field, label, Direction.TO_DYNAMICS):
        return _refusing(field, problem)
    return _guarded(field, _inward(field))


def _outward(field: FieldSpec) -> Converter:
    match field.kind:
        case Kind.TEXT | Kind.LOOKUP | Kind.IDENTIFIER:
            return _text_up_to(DOTDIGITAL_TEXT_LENGTH, "Dotdigital")
        case Kind.WHOLE | Kind.DECIMAL | Kind.MONEY:
            return number_for_dotdigital
        case Kind.YES_NO:
            return _strict_yes_no
        case Kind.CHOICE:
            return choice_label(field, _text_up_to(DOTDIGITAL_TEXT_LENGTH, "Dotdigital"))
        case Kind.CHOICES:
            return choices_labels(field, _text_up_to(DOTDIGITAL_TEXT_LENGTH, "Dotdigital"))
        case Kind.DATE | Kind.DATE_TIME:
            return moment_for_dotdigital
        case Kind.OTHER:
            return _refusing(field, f"the type {field.type} cannot be mapped")


def _inward(field: FieldSpec) -> Converter:
    match field.kind:
        case Kind.TEXT:
            return (
                read_text
                if field.max_length is None
                else _text_up_to(field.max_length, "the column in Dynamics")
            )
        case Kind.WHOLE | Kind.DECIMAL | Kind.MONEY:
            return number_for_dynamics(field)
        case Kind.YES_NO:
            return read_yes_no
        case Kind.CHOICE:
            return choice_value(field)
        case Kind.CHOICES:
            return choices_value(field)
        case Kind.DATE:
            return date_for_dynamics
        case Kind.DATE_TIME:
            return date_time_for_dynamics
        case _:
            return _refusing(field, f"a {field.kind.value} goes to Dotdigital only")


def _guarded(field: FieldSpec, convert: Converter) -> Converter:
    """`convert`, with its complaint put into the words of the field."""

    def converter(value: object) -> Value:
        try:
            return convert(value)
        except UnreadableValueError as problem:
            raise ConversionError(field, value, str(problem)) from None

    return converter


def _text_up_to(longest: int, holder: str) -> Text:
    """Texts of at most `longest` UTF-16 units, which is how both vendors' databases count."""
    surely_fits = longest // 2  # since no character takes more than two units

    def text(value: object) -> str | None:
        mended = read_text(value)
        if mended is None or len(mended) <= surely_fits or _utf16_length(mended) <= longest:
            return mended
        raise UnreadableValueError(
            f"the text is {_utf16_length(mended):,} characters long and {holder} holds {longest:,}"
        )

    return text


def _utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _strict_yes_no(value: object) -> bool | None:
    if value is True or value is False or value is None:
        return value
    raise UnreadableValueError(f"expected yes or no, got {described(value)}")


def _refusing(field: FieldSpec, problem: str) -> Converter:
    def refuse(value: object) -> Value:
        raise ConversionError(field, value, problem)

    return refuse
