"""What the command line prints: tables and sentences for people, one JSON object per result for programs.

With `--json` stdout carries nothing but JSON, one object a line.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich import box
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from syncline.cli.exit_codes import ExitCode

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object per result, and nothing else.")]

WIDTH_OF_A_FILE = 140
"""Characters in a line where no terminal says how many there are."""

MARKS = {
    "ok": "[green]✓[/green]",
    "warn": "[yellow]![/yellow]",
    "fail": "[red]✗[/red]",
    "skipped": "[dim]·[/dim]",
}


class Stop(Exception):
    """Ends the command with a message, what to do about it, and an exit code."""

    def __init__(self, message: str, remedy: str = "", code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.code = code


class Output:
    """Where one verb prints to. `say`, `table` and `done` are for people; `result` for programs."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        # Looked up for each verb, so that a redirected stdout (a test's, say) is the one that is written to.
        stream = sys.stderr if as_json else sys.stdout
        width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH_OF_A_FILE
        self._console = Console(file=stream, highlight=False, soft_wrap=True, width=width)

    def result(self, result: Mapping[str, Any]) -> None:
        """One object on stdout, with `--json` only."""
        if self.as_json:
            sys.stdout.write(json.dumps(result, default=_plain, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    def say(self, text: str = "") -> None:
        """A line for people, with rich markup; escape what comes from outside."""
        if not self.as_json:
            self._console.print(text)

    def paragraph(self, text: str, *, mark: str = "", indent: int = 0) -> None:
        """Text for people, broken between words at the screen's width and hung in behind its mark."""
        if self.as_json:
            return
        hung = Table.grid(padding=(0, 1, 0, 0))
        if mark:
            hung.add_column(no_wrap=True)
        hung.add_column(overflow="fold")
        hung.add_row(*([mark] if mark else []), text)
        self._console.print(Padding(hung, (0, 0, 0, indent), expand=False), soft_wrap=False)

    def show(self, renderable: RenderableType) -> None:
        if not self.as_json:
            self._console.print(renderable)

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()
    ) -> None:
        """`right` names the columns of numbers."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, justify="right" if column in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(_cell(value) for value in row))
        self.show(table)

    def facts(self, facts: Mapping[str, object]) -> None:
        """Names and values under one another."""
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
        table.add_column(style="dim")
        table.add_column(overflow="fold")
        for name, value in facts.items():
            table.add_row(escape(name), _cell(value))
        self.show(table)


def report(problem: Stop, *, as_json: bool) -> None:
    """The end of a command that could not do what it was asked."""
    if as_json:
        Output(True).result(
            {"error": problem.message, "remedy": problem.remedy, "exit_code": int(problem.code)}
        )
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"{MARKS['fail']} {escape(problem.message)}")
    if problem.remedy:
        console.print(f"  [bold]What to do:[/bold] {escape(problem.remedy)}")


def _cell(value: object) -> str:
    match value:
        case None | "":
            return "[dim]–[/dim]"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S} UTC"
        case _:
            return escape(str(value))


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
