"""Which CRM fields and labels can be mapped to each other, which way, and by which conflict rules."""

from __future__ import annotations

from collections.abc import Iterable

from syncline.mapping.models import ConflictRule, Direction, LabelType
from syncline.mapping.restrictive import is_consent
from syncline.mapping.specs import FieldSpec, Kind, LabelSpec

LABEL_TYPE_FOR: dict[Kind, LabelType] = {
    Kind.TEXT: LabelType.TEXT,
    Kind.WHOLE: LabelType.NUMERIC,
    Kind.DECIMAL: LabelType.NUMERIC,
    Kind.MONEY: LabelType.NUMERIC,
    Kind.YES_NO: LabelType.YES_NO,
    Kind.CHOICE: LabelType.TEXT,
    Kind.CHOICES: LabelType.TEXT,
    Kind.DATE: LabelType.DATE,
    Kind.DATE_TIME: LabelType.DATE,
    Kind.LOOKUP: LabelType.TEXT,
    Kind.IDENTIFIER: LabelType.TEXT,
}
"""Types must match (product.md §9): each kind of field has exactly one type of label."""


def why_not(field: FieldSpec, label: LabelSpec, direction: Direction) -> str:
    """Why this pair cannot convert in this direction, in words; empty when it can."""
    if problem := _types_problem(field, label):
        return problem
    if not field.readable:
        return f"{field.title} cannot be read with the permissions of the application user."
    if direction is not Direction.TO_DOTDIGITAL:
        return _writing_problem(field)
    return ""


def convertible(field: FieldSpec, label: LabelSpec) -> tuple[Direction, ...]:
    """The directions in which this pair can be mapped, in the order in which they are offered; empty where it
    cannot be at all.
    """
    return tuple(direction for direction in Direction if not why_not(field, label, direction))


def directions_for(field: FieldSpec) -> tuple[Direction, ...]:
    """The directions that a page can offer for a field, whichever label of its type is chosen."""
    wanted = LABEL_TYPE_FOR.get(field.kind)
    return () if wanted is None else convertible(field, LabelSpec(name="", type=wanted))


def labels_for(field: FieldSpec, labels: Iterable[LabelSpec]) -> tuple[LabelSpec, ...]:
    """Those of the labels that the field can be mapped to in one direction at least."""
    return tuple(label for label in labels if convertible(field, label))


def conflict_rules_for(field: FieldSpec, direction: Direction) -> tuple[ConflictRule, ...]:
    """The rules that can decide a conflict; empty where only one side ever writes and so there is none.

    A consent column has no choice: whichever side says that somebody is not to be contacted is right.
    """
    if direction is not Direction.BOTH:
        return ()
    if is_consent(field):
        return (ConflictRule.MOST_RESTRICTIVE_WINS,)
    general = (ConflictRule.DYNAMICS_WINS, ConflictRule.DOTDIGITAL_WINS, ConflictRule.NEWEST_WINS)
    return (*general, ConflictRule.MOST_RESTRICTIVE_WINS) if field.kind is Kind.YES_NO else general


def rule_problem(field: FieldSpec, direction: Direction, rule: ConflictRule) -> str:
    """Why a conflict of this field cannot be decided by this rule, in words; empty when it can."""
    offered = conflict_rules_for(field, direction)
    if not offered or rule in offered:
        return ""
    if is_consent(field):
        return (
            f"{field.title} says who must not be contacted, so a conflict about it is decided by "
            f"“{ConflictRule.MOST_RESTRICTIVE_WINS.label}” and by nothing else."
        )
    return (
        f"“{rule.label}” is for yes/no fields, and {field.title} is a {field.kind.value} field; "
        "choose another rule."
    )


def _types_problem(field: FieldSpec, label: LabelSpec) -> str:
    wanted = LABEL_TYPE_FOR.get(field.kind)
    if field.through and field.kind is Kind.LOOKUP:
        return f"{field.title} is a lookup again; values are read through one lookup, not through two."
    if wanted is None:
        return f"{field.title} is of the type {field.type}, which cannot be mapped."
    if wanted is not label.type:
        return (
            f"{field.title} is a {field.kind.value} field and needs a label of type {wanted.label}; "
            f"{label.name} is of type {label.type.label}."
        )
    return ""


def _writing_problem(field: FieldSpec) -> str:
    if field.through:
        return f"{field.title} belongs to a row that others share, so it goes to Dotdigital only."
    if field.kind in (Kind.LOOKUP, Kind.IDENTIFIER):
        return f"{field.title} is a {field.kind.value}, which goes to Dotdigital only."
    if field.type in ("State", "Status"):
        return (
            f"{field.title} is the record's state, which a sync does not change; map it to Dotdigital only."
        )
    if not field.writable:
        return f"{field.title} is computed or read only in Dynamics; map it to Dotdigital only."
    return ""
