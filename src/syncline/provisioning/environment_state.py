"""What an environment has of the things that a declaration names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from syncline.dataverse import AlternateKey, Column, Dataverse, NotFound
from syncline.dataverse.addresses import text_literal
from syncline.provisioning.parts import Declaration


@dataclass(frozen=True)
class FoundPublisher:
    id: str
    prefix: str


@dataclass(frozen=True)
class FoundSolution:
    id: str
    version: str
    publisher_id: str
    is_managed: bool = False
    """Whether it came as a solution file, to which nothing can be added in this environment."""


@dataclass(frozen=True)
class FoundTable:
    """Columns and keys by logical name."""

    columns: dict[str, Column]
    keys: dict[str, AlternateKey]
    change_tracking: bool = True


@dataclass(frozen=True)
class State:
    """`tables` holds only the declared tables that are there."""

    publisher: FoundPublisher | None = None
    solution: FoundSolution | None = None
    tables: dict[str, FoundTable] = field(default_factory=dict)


def read(client: Dataverse, declaration: Declaration) -> State:
    """Look; nothing is written."""
    found = {part.logical_name: read_table(client, part.logical_name) for part in declaration.tables}
    return State(
        publisher=read_publisher(client, declaration.publisher.unique_name),
        solution=read_solution(client, declaration.solution.unique_name),
        tables={name: table for name, table in found.items() if table is not None},
    )


def read_publisher(client: Dataverse, unique_name: str) -> FoundPublisher | None:
    row = _one(client, "publishers", unique_name, ["publisherid", "customizationprefix"])
    return None if row is None else FoundPublisher(row["publisherid"], row.get("customizationprefix") or "")


def read_solution(client: Dataverse, unique_name: str) -> FoundSolution | None:
    row = _one(client, "solutions", unique_name, ["solutionid", "version", "_publisherid_value", "ismanaged"])
    if row is None:
        return None
    return FoundSolution(
        row["solutionid"],
        row.get("version") or "",
        row.get("_publisherid_value") or "",
        is_managed=bool(row.get("ismanaged")),
    )


def read_table(client: Dataverse, name: str) -> FoundTable | None:
    try:
        table = client.table(name)
    except NotFound:
        return None
    return FoundTable(
        columns={column.logical_name: column for column in client.columns(name)},
        keys={key.logical_name: key for key in client.keys(name)},
        change_tracking=table.change_tracking,
    )


def has_option(client: Dataverse, table: str, column: str, value: int) -> bool:
    """Whether a choice has this value."""
    found = next((one for one in client.columns(table) if one.logical_name == column), None)
    return found is not None and any(option.value == value for option in found.options)


def _one(client: Dataverse, set_: str, unique_name: str, select: list[str]) -> dict[str, Any] | None:
    wanted = f"uniquename eq {text_literal(unique_name)}"
    for page in client.pages(set_, select=select, filter=wanted):
        for row in page.rows:
            return row
    return None
