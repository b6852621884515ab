"""The mapping of a form as its page shows and sends it: a line for each question, a box for each table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.http import QueryDict

from syncline.accounts.details import Problem
from syncline.accounts.models import EmailAccount
from syncline.forms.facts import QuestionLine, questions_of
from syncline.forms.mapping import TABLES, WantedField, column_problem
from syncline.forms.models import Form
from syncline.mapping.models import CrmField

MOST_COLUMNS: Final = 20
"""Columns of one table that the answers to one question may go into by this page."""
LONGEST: Final = 2000


@dataclass
class Box:
    """Into which columns of one table the answers go, as text: names with commas between them."""

    name: str
    table: str
    text: str
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class QuestionRow:
    line: QuestionLine
    boxes: list[Box]

    @property
    def problems(self) -> list[str]:
        return [problem for box in self.boxes for problem in box.problems]


class MappingForm:
    """What is stored, or what was sent and is on its way there."""

    def __init__(self, form: Form, sent: QueryDict | None = None) -> None:
        self.creates = form.creates if sent is None else sent.get("creates", "")
        self.rows = [_row(line, sent) for line in questions_of(form)]
        self.problems: list[str] = []
        """What is wrong and belongs to no line."""

    @property
    def wanted(self) -> list[WantedField]:
        return [
            WantedField(table=box.table, column=column, question=row.line.question, line=row.line.line)
            for row in self.rows
            for box in row.boxes
            for column in _columns_in(box.text)
        ]

    def take(self, problems: list[Problem]) -> None:
        """Put each problem beside the box that it is about."""
        boxes = {
            f"{box.table}.{column}": box
            for row in self.rows
            for box in row.boxes
            for column in _columns_in(box.text)
        }
        for problem in problems:
            box = boxes.get(problem.field)
            (box.problems if box else self.problems).append(problem.message)


def offered(account: EmailAccount) -> Mapping[str, list[tuple[str, str]]]:
    """Table → (column, its title) of what answers may go into."""
    found: dict[str, list[tuple[str, str]]] = {table: [] for table in TABLES}
    for row in CrmField.objects.filter(account=account, entity__in=TABLES).order_by("display_name"):
        if not column_problem(row):
            found[row.entity].append((row.logical_name, row.display_name))
    return found


def _row(line: QuestionLine, sent: QueryDict | None) -> QuestionRow:
    boxes = []
    for table in TABLES:
        name = f"{table}-{line.question}-{line.line}"
        stored = [one.partition(".")[2] for one in line.columns if one.startswith(f"{table}.")]
        text = ", ".join(stored) if sent is None else sent.get(name, "")[:LONGEST]
        boxes.append(Box(name, table, text))
    return QuestionRow(line, boxes)


def _columns_in(text: str) -> list[str]:
    names = [name.strip().lower() for name in text.replace("\0", "").split(",")]
    return [name[:128] for name in names if name][:MOST_COLUMNS]
