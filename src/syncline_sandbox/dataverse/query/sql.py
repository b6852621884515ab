"""``GET /contacts?sql=SELECT …``: read-only SQL, as Microsoft's own Python SDK uses it.

The statement runs on a connection that can do nothing but read rows of the organisation's tables; only ``TOP
n`` has to be said in another way for SQLite.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError
from syncline_sandbox.dataverse.schema.catalogue import Catalogue
from syncline_sandbox.dataverse.storage.database import Database

_TOP = re.compile(r"^\s*SELECT\s+(DISTINCT\s+)?TOP\s+(\d+)\s", re.IGNORECASE)
_NOT_SUPPORTED = re.compile(
    r"\b(?:UNION|HAVING|CROSS\s+JOIN|RIGHT\s+(?:OUTER\s+)?JOIN|FULL\s+(?:OUTER\s+)?JOIN)\b|\(\s*SELECT\b|;",
    re.IGNORECASE,
)
_LITERAL = re.compile(r"'(?:[^']|'')*'")


def run(
    database: Database, catalogue: Catalogue, text: str, size: int, offset: int
) -> tuple[list[dict[str, Any]], bool]:
    """A page of the result, and whether there is more. 400 for anything but one simple SELECT."""
    if not re.match(r"\s*SELECT\b", text, re.IGNORECASE) or _NOT_SUPPORTED.search(_LITERAL.sub("''", text)):
        raise _invalid("Only a single SELECT with INNER and LEFT joins is supported.")
    top = _TOP.match(text)
    limit = size
    if top is not None:
        text = f"SELECT {top[1] or ''}" + text[top.end() :]
        limit = max(0, min(size, int(top[2]) - offset))
    connection = sqlite3.connect(f"file:{database.path}?mode=ro", uri=True)
    try:
        connection.set_authorizer(_authorizer(catalogue))
        cursor = connection.execute(f"SELECT * FROM ({text}) LIMIT ? OFFSET ?", (limit + 1, offset))
        names = [item[0] for item in cursor.description]
        found = cursor.fetchall()
    except sqlite3.Error as error:
        raise _invalid(str(error)) from error
    finally:
        connection.close()
    rows = [_row(catalogue, names, values) for values in found[:limit]]
    return rows, len(found) > limit and top is None


def _authorizer(catalogue: Catalogue) -> Any:
    allowed = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION}

    def authorize(action: int, first: str | None, *rest: str | None) -> int:
        if action in allowed or (action == sqlite3.SQLITE_READ and (not first or first in catalogue.tables)):
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    return authorize


def _row(catalogue: Catalogue, names: list[str], values: tuple[Any, ...]) -> dict[str, Any]:
    """Yes/no columns keep their names in a result, and are told by them."""
    return {
        name: bool(value) if value is not None and _is_boolean(catalogue, name) else value
        for name, value in zip(names, values, strict=True)
        if not name.endswith("__table")
    }


def _is_boolean(catalogue: Catalogue, name: str) -> bool:
    return any(
        (column := table.columns.get(name)) is not None and column.type == "Boolean"
        for table in catalogue.tables.values()
    )


def _invalid(reason: str) -> DataverseError:
    return DataverseError(400, "0x80041102", f"The SQL statement is not valid: {reason}")
