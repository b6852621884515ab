"""The one error of conversion."""

from __future__ import annotations

from syncline.mapping.specs import FieldSpec


class ConversionError(Exception):
    """One value of one record cannot be carried over: that record's error, never the run's.

    `field` is the CRM field's logical name, `reason` the words for a person.
    """

    def __init__(self, field: FieldSpec, value: object, reason: str) -> None:
        super().__init__(f"{field.title}: {reason}")
        self.field = field.logical_name
        self.value = value
        self.reason = reason
