"""Pages of long tables by offset, without counting from the start each time.

v2 has only ``skip``. SQLite would walk over every row that is skipped, which adds up to minutes for a million
of them. So where a page ended is remembered, and the page after it begins there, as long as nothing was
written in between; what is answered is the same.
"""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from syncline_sandbox.dotdigital.account import Account

# Several readers at several places; the oldest place is forgotten first.
_PLACES = 64


class Source(NamedTuple):
    """Rows of a table that a condition selects. ``moment`` is the column of their last change."""

    table: str
    condition: str
    parameters: tuple[Any, ...]
    moment: str


class Pager:
    """Pages in v2's order: last change first, or by id where the account is set to that."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._ends: dict[tuple[Source, bool, int], tuple[int, int, int]] = {}

    def ids(self, source: Source, select: int, skip: int) -> list[int]:
        """The ids of one page, in order."""
        newest_first = self._account.settings.v2_order == "changed"
        connection = self._account.connection
        end = self._ends.get((source, newest_first, skip)) if skip else None
        if end is not None and end[0] == connection.total_changes:
            rows = self._go_on(source, newest_first, end[1:], select)
        else:
            rows = self._read(source, newest_first, source.parameters, "", select, skip)
        if len(rows) == select:
            self._remember((source, newest_first, skip + select), (connection.total_changes, *rows[-1]))
        return [row[1] for row in rows]

    def _go_on(
        self, source: Source, newest_first: bool, end: tuple[int, ...], select: int
    ) -> list[sqlite3.Row]:
        if newest_first:
            beyond, last = f"AND ({source.moment}, id) < (?, ?)", end
        else:
            beyond, last = "AND id > ?", end[1:]
        return self._read(source, newest_first, (*source.parameters, *last), beyond, select, 0)

    def _read(
        self,
        source: Source,
        newest_first: bool,
        parameters: tuple[Any, ...],
        beyond: str,
        select: int,
        skip: int,
    ) -> list[sqlite3.Row]:
        order = f"{source.moment} DESC, id DESC" if newest_first else "id"
        return self._account.connection.execute(
            f"SELECT {source.moment}, id FROM {source.table} WHERE {source.condition} {beyond} "
            f"ORDER BY {order} LIMIT ? OFFSET ?",
            (*parameters, select, skip),
        ).fetchall()

    def _remember(self, key: tuple[Source, bool, int], end: tuple[int, int, int]) -> None:
        while len(self._ends) >= _PLACES:
            del self._ends[next(iter(self._ends))]
        self._ends[key] = end
