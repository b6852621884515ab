"""The reference page of what Syncline has in Dynamics says what is declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncline.dataverse import NewColumn
from syncline.doctor.dataverse_checks import RIGHTS_ON_OURS
from syncline.provisioning.declaration import DECLARATION, TablePart, logical

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "dynamics.md").read_text()
KINDS = {
    "memo": "long text",
    "yes_no": "yes/no",
    "whole_number": "whole number",
    "decimal": "decimal number",
    "date_time": "date and time (user local)",
}


def kind_in_words(column: NewColumn) -> str:
    if column.kind == "choice":
        return "choice: " + ", ".join(f"{label} ({value})" for value, label in column.options)
    return f"text, {column.max_length}" if column.kind == "text" else KINDS[column.kind]


def line(column: NewColumn, kind: str) -> str:
    return f"| `{logical(column.schema_name)}` | {column.label} | {kind} | {column.description} |"


def section(part: TablePart) -> str:
    """What stands on the page about one table."""
    columns = (
        [] if part.make is None else [line(part.make.primary_name, kind_in_words(part.make.primary_name))]
    )
    columns += [line(column, kind_in_words(column)) for column in part.columns]
    columns += [line(one.column, f"lookup of `{one.target}` (`{one.relationship}`)") for one in part.lookups]
    keys = [f"Key: {', '.join(f'`{column}`' for column in key.columns)}." for key in part.keys]
    head = f"### `{part.logical_name}`"
    if part.make is not None:
        tracked = " Its changes are tracked." if part.make.track_changes else ""
        head += f": {part.make.label}\n\n{part.make.description}{tracked}"
    table = ["| column | label | kind | |", "|---|---|---|---|", *columns]
    return "\n\n".join([head, "\n".join(table), *keys])


@pytest.mark.parametrize("part", DECLARATION.tables, ids=lambda part: str(part.logical_name))
def test_every_table_stands_on_the_page_as_it_is_declared(part: TablePart) -> None:
    assert f"{section(part)}\n" in PAGE


def test_the_page_has_no_other_tables_and_names_the_version() -> None:
    assert PAGE.count("\n### `") == len(DECLARATION.tables)
    assert f"version {DECLARATION.solution.version}" in PAGE


def test_the_rights_on_our_tables_stand_on_the_page() -> None:
    assert f"**{', '.join(RIGHTS_ON_OURS)}**" in PAGE
