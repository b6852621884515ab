"""The single things that provisioning does, each with its words."""

from __future__ import annotations

from dataclasses import dataclass

from syncline.dataverse import NewColumn, NewTable
from syncline.provisioning.parts import Key, Lookup, Publisher, Solution, TablePart, logical

_KIND_WORDS = {
    "text": "text",
    "memo": "long text",
    "yes_no": "yes/no",
    "whole_number": "whole number",
    "decimal": "decimal number",
    "choice": "choice",
    "date_time": "date and time",
}


@dataclass(frozen=True)
class MakePublisher:
    publisher: Publisher

    @property
    def words(self) -> str:
        return f"Make the publisher {self.publisher.friendly_name} with the prefix {self.publisher.prefix}_"


@dataclass(frozen=True)
class MakeSolution:
    solution: Solution

    @property
    def words(self) -> str:
        return f"Make the solution {self.solution.friendly_name}"


@dataclass(frozen=True)
class Finish:
    """Await the keys' indexes, publish, and set the solution's version, in that order."""

    solution: Solution
    tables: tuple[TablePart, ...]

    @property
    def words(self) -> str:
        return f"Publish, and mark the solution {self.solution.friendly_name} as {self.solution.version}"


@dataclass(frozen=True)
class MakeTable:
    table: NewTable

    @property
    def words(self) -> str:
        return f"Make the table {self.table.label} ({logical(self.table.schema_name)})"


@dataclass(frozen=True)
class MakeColumn:
    table: str
    column: NewColumn

    @property
    def words(self) -> str:
        name = logical(self.column.schema_name)
        return f"Add the column {self.column.label} ({name}, {_KIND_WORDS[self.column.kind]}) to {self.table}"


@dataclass(frozen=True)
class MakeOption:
    """An option that was declared after the choice was made."""

    table: str
    column: NewColumn
    value: int
    label: str

    @property
    def words(self) -> str:
        return f"Add the option {self.label} to {self.table}.{logical(self.column.schema_name)}"


@dataclass(frozen=True)
class MakeLookup:
    table: str
    lookup: Lookup

    @property
    def words(self) -> str:
        column = self.lookup.column
        name = logical(column.schema_name)
        return f"Add the column {column.label} ({name}, lookup of {self.lookup.target}) to {self.table}"


@dataclass(frozen=True)
class MakeKey:
    table: str
    key: Key

    @property
    def words(self) -> str:
        return f"Make the key {self.key.label} ({', '.join(self.key.columns)}) on {self.table}"


Step = MakePublisher | MakeSolution | MakeTable | MakeColumn | MakeOption | MakeLookup | MakeKey | Finish
