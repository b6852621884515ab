"""Columns of our own tables, by kind. Numbers count something, so none is below 0."""

from __future__ import annotations

from syncline.dataverse import NewColumn


def text(name: str, label: str, length: int, description: str = "") -> NewColumn:
    """`length`: the most characters that it holds."""
    return NewColumn(
        schema_name=f"syncline_{name}", kind="text", label=label, max_length=length, description=description
    )


def moment(name: str, label: str, description: str = "") -> NewColumn:
    """In UTC, and shown to each user in their own time zone."""
    return NewColumn(schema_name=f"syncline_{name}", kind="date_time", label=label, description=description)


def number(name: str, label: str, description: str = "") -> NewColumn:
    return NewColumn(
        schema_name=f"syncline_{name}",
        kind="whole_number",
        label=label,
        min_value=0,
        description=description,
    )


def decimal(name: str, label: str, description: str = "") -> NewColumn:
    return NewColumn(
        schema_name=f"syncline_{name}", kind="decimal", label=label, precision=2, description=description
    )


def yes_no(name: str, label: str, description: str = "") -> NewColumn:
    return NewColumn(
        schema_name=f"syncline_{name}", kind="yes_no", label=label, default=False, description=description
    )
