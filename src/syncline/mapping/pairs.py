"""Which CRM fields and labels can be mapped to each other, and in which directions."""

from __future__ import annotations

from syncline.mapping.models import Direction, LabelType
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


def convertible(field: FieldSpec, label: LabelSpec) -> frozenset[Direction]:
    """The directions in which this pair can be mapped; empty where it cannot be at all."""
    return frozenset(direction for direction in Direction if not why_not(field, label, direction))


def _types_problem(field: FieldSpec, label: LabelSpec) -> str:
    wanted = LABEL_TYPE_FOR.get(field.kind)
    if wanted is None:
        return f"{field.title} is of the type {field.type}, which cannot be mapped."
    if wanted is not label.type:
        return (
            f"{field.title} is a {field.kind.value} field and needs a label of type {wanted.label}; "
            f"{label.name} is of type {label.type.label}."
        )
    return ""


def _writing_problem(field: FieldSpec) -> str:
    if field.kind in (Kind.LOOKUP, Kind.IDENTIFIER):
        return f"{field.title} is a {field.kind.value}, which goes to Dotdigital only."
    if field.type in ("State", "Status"):
        return (
            f"{field.title} is the record's state, which a sync does not change; map it to Dotdigital only."
        )
    if not field.writable:
        return f"{field.title} is computed or read only in Dynamics; map it to Dotdigital only."
    return ""
