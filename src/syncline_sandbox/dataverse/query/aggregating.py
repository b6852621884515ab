"""``$apply``: filter, groupby and aggregate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.query.conditions import Parameters
from syncline_sandbox.dataverse.query.expressions import Path
from syncline_sandbox.dataverse.query.filters import FilterWriter
from syncline_sandbox.dataverse.query.options import Options, split_outside
from syncline_sandbox.dataverse.query.parser import parse_filter
from syncline_sandbox.dataverse.query.reading import Reader
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.storage.database import quoted

ROW_LIMIT = 50_000
_AGGREGATE = re.compile(r"(?P<path>[\w/]+)\s+with\s+(?P<method>\w+)\s+as\s+(?P<alias>\w+)")
_COUNT = re.compile(r"\$count\s+as\s+(?P<alias>\w+)")
_METHODS = {
    "sum": "sum({})",
    "average": "avg({})",
    "min": "min({})",
    "max": "max({})",
    "count": "count({})",
    "countdistinct": "count(DISTINCT {})",
}


def run(reader: Reader, table: Table, options: Options, aliases: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows of the aggregation; 400 for transformations that are not understood."""
    assert options.apply is not None
    parameters = Parameters()
    writer = FilterWriter(reader.catalogue, reader.caller, parameters)
    where: list[str] = [] if options.filter is None else [writer.write(options.filter, table)]
    columns: list[tuple[str, str]] = []
    groups: list[str] = []
    for step in split_outside(options.apply, "/"):
        name, _, rest = step.strip().partition("(")
        inner = rest.rstrip()[:-1]
        match name:
            case "filter":
                where.append(writer.write(parse_filter(inner, aliases), table))
            case "groupby":
                groups, columns = _group(inner, table, writer)
            case "aggregate":
                columns = _aggregates(inner, table, writer)
            case _:
                raise bad_request(f"The transformation '{name}' of $apply is not supported.")
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    _check_size(reader, table, condition, parameters)
    listed = ", ".join(f"{sql} AS {quoted(alias)}" for alias, sql in columns) or "1"
    sql = f"SELECT {listed} FROM {quoted(table.name)} t{condition}"
    if groups:
        sql += f" GROUP BY {', '.join(groups)}"
    found = reader.database.connection.execute(sql, parameters.values).fetchall()
    return [dict(zip((alias for alias, _ in columns), row, strict=True)) for row in found]


def _group(text: str, table: Table, writer: FilterWriter) -> tuple[list[str], list[tuple[str, str]]]:
    parts = split_outside(text, ",")
    names = [name.strip() for name in parts[0].strip()[1:-1].split(",")]
    columns = [(name, writer.path(Path(tuple(name.split("/"))), table).sql) for name in names]
    groups = [sql for _, sql in columns]
    for part in parts[1:]:
        name, _, rest = part.strip().partition("(")
        if name != "aggregate":
            raise bad_request(f"The transformation '{name}' inside of groupby is not supported.")
        columns += _aggregates(rest[:-1], table, writer)
    return groups, columns


def _aggregates(text: str, table: Table, writer: FilterWriter) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in split_outside(text, ","):
        if count := _COUNT.fullmatch(part.strip()):
            found.append((count["alias"], "count(*)"))
            continue
        match = _AGGREGATE.fullmatch(part.strip())
        if match is None or match["method"] not in _METHODS:
            raise bad_request(f"The aggregate expression '{part.strip()}' is not valid.")
        subject = writer.path(Path(tuple(match["path"].split("/"))), table)
        found.append((match["alias"], _METHODS[match["method"]].format(subject.sql)))
    return found


def _check_size(reader: Reader, table: Table, condition: str, parameters: Parameters) -> None:
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {quoted(table.name)} t{condition} LIMIT {ROW_LIMIT + 1})"
    if reader.database.connection.execute(sql, parameters.values).fetchone()[0] > ROW_LIMIT:
        raise DataverseError(
            400,
            "0x8004e023",
            "The maximum record limit is exceeded. Reduce the number of records.",
        )
