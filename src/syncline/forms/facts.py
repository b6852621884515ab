"""A form in plain values, for whoever shows or serves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from syncline.forms.mapping import fields_of, lines_of
from syncline.forms.models import Form


@dataclass(frozen=True)
class QuestionLine:
    """One thing that can be answered, and the columns that its answers go into."""

    question: int
    line: int
    """Of a line of a grid; else 0."""
    words: str
    columns: tuple[str, ...]
    """As `table.column`."""

    @property
    def number(self) -> str:
        return f"{self.question}.{self.line}" if self.line else str(self.question)


@dataclass(frozen=True)
class FormTotals:
    complete: int
    incomplete: int
    views: int
    bounces: int

    @property
    def completed_share(self) -> float | None:
        """Per cent of those who began; None where nobody did."""
        begun = self.complete + self.incomplete
        return 100 * self.complete / begun if begun else None


def totals_of(form: Form) -> FormTotals:
    names = ("completeresponses", "incompleteresponses", "views", "bounces")
    return FormTotals(*(int(form.header.get(f"syncline_{name}") or 0) for name in names))


def last_response_of(form: Form) -> datetime | None:
    found: str | None = form.header.get("syncline_lastresponseon")
    return datetime.fromisoformat(found) if found else None


def questions_of(form: Form) -> list[QuestionLine]:
    """In the order in which people see them; those that were taken out of the form come last."""
    into: dict[tuple[int, int], list[str]] = {}
    for field in fields_of(form):
        into.setdefault((field.question, field.line), []).append(field.name)
    return [
        QuestionLine(question, line, words, tuple(into.get((question, line), ())))
        for question, line, words in lines_of(form)
    ]
