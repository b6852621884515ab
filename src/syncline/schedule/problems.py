"""What is wrong with a setting of the timetable, in words for the person who made it."""

from __future__ import annotations


class InvalidScheduleError(ValueError):
    """A combination that cannot be saved; `field` is the form field it belongs to, `message` the remedy."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
