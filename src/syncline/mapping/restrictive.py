"""Which of yes and no allows less, and which columns speak of consent.

A column whose name forbids (`donotphone`, `new_smsoptout`, “Do not …”) is restrictive at Yes, and it is a
consent column: a sync never makes it less restrictive (decision 11). Any other yes/no column is restrictive
at No. A column that forbids in other words is not recognised; it can be named so that it is.
"""

from __future__ import annotations

import re

from syncline.mapping.canonical import Value
from syncline.mapping.specs import FieldSpec, Kind

_FORBIDDING_NAME = re.compile(r"(^|_)do_?not|opt_?out")
_FORBIDDING_TITLE = re.compile(r"\b(do not|don['’]t)\b|\bopt(ed)?[ -]?out\b")


def restrictive_value(field: FieldSpec) -> bool | None:
    """The value of a yes/no column that allows less; None for any other column."""
    return forbids(field) if field.kind is Kind.YES_NO else None


def forbids(field: FieldSpec) -> bool:
    """Whether the column's name says that Yes forbids something."""
    return bool(
        _FORBIDDING_NAME.search(field.logical_name.lower())
        or _FORBIDDING_TITLE.search(field.display_name.lower())
    )


def is_consent(field: FieldSpec) -> bool:
    """Whether Yes in this column keeps somebody from being contacted, so that no sync may take it back."""
    return field.kind is Kind.YES_NO and forbids(field)


def strictness(value: Value, restrictive: bool | None) -> int:
    """2 for the restrictive value, 1 for the other one, 0 for a blank, which says nothing."""
    if value is None:
        return 0
    return 2 if value is restrictive else 1
